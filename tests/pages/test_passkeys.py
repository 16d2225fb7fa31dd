"""Passkeys in a browser, with an authenticator of the browser's own: made, named, used in every place, removed."""

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice():
    return factories.alice()


@pytest.fixture
def authenticator(here):
    return Authenticator(here.page)


class Authenticator:
    """A phone with a finger on it; `lift` takes the finger away."""

    def __init__(self, page):
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def lift(self):
        self._cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})

    def forget(self):
        self._cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})

    @property
    def credentials(self):
        return self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]


def enrol(here, person, name="Phone", *, alone=True):
    here.sign_in(person)
    here.open("/accounts/2fa/webauthn/add/")
    here.fill(Password=PASSWORD)  # having signed in is not enough
    here.press("Confirm")
    here.clean()
    here.page.get_by_label("What you call it").fill(name)
    here.page.get_by_label("Sign in with it alone").set_checked(alone)
    here.press("Make the passkey")
    here.says("Passkey added")


def leave(here):
    here.open("/accounts/logout/")
    here.press()
    cache.clear()


def signed_in(here):
    return here.page.context.request.get(f"{here.url}/profile/", max_redirects=0).status == 200


def test_a_passkey_is_made_and_signs_in_alone(here, alice, authenticator, smtp_sink):
    enrol(here, alice)
    here.says("ecovery codes")
    here.clean()
    here.open("/accounts/2fa/")
    here.says("Phone")
    here.says("signs you in alone")
    here.clean()
    assert any("passkey" in letter.get_content() for letter in smtp_sink.to(alice.email))
    leave(here)

    here.open("/accounts/login/?next=/profile/")
    here.clean()
    here.press("Sign in with a passkey")

    assert here.page.url == f"{here.url}/profile/", "no second step: the passkey is both"
    assert here.complaints == []


def test_a_passkey_is_the_second_step_after_a_password(here, alice, authenticator):
    enrol(here, alice, alone=False)
    assert [each["isResidentCredential"] for each in authenticator.credentials] == [False]
    leave(here)

    here.sign_in(alice)
    assert "/accounts/2fa/authenticate/" in here.page.url
    assert not signed_in(here)
    here.clean()
    here.press("Use a passkey")

    assert here.page.url == f"{here.url}/"


def test_a_recovery_code_stands_in_for_a_lost_passkey(here, alice, authenticator):
    enrol(here, alice)
    here.open("/accounts/2fa/recovery-codes/")
    code = here.page.locator("ol.codes li").first.inner_text()
    leave(here)
    authenticator.forget()

    here.sign_in(alice)
    here.fill(Code=code)
    here.press("Sign in")

    assert here.page.url == f"{here.url}/"


def test_a_passkey_confirms_who_sits_here(here, alice, authenticator):
    enrol(here, alice)
    leave(here)
    here.sign_in(alice)
    here.press("Use a passkey")
    here.open("/accounts/reauthenticate/?next=/accounts/2fa/webauthn/add/")
    here.follow("passkey")
    here.clean()

    here.press("Confirm with a passkey")

    assert here.page.url == f"{here.url}/accounts/2fa/webauthn/add/"


def test_a_passkey_is_renamed_and_removed(here, alice, authenticator):
    enrol(here, alice)
    here.open("/accounts/2fa/")
    here.follow("Rename Phone")
    here.clean()
    here.page.get_by_label("What you call it").fill("Blue key")
    here.press("Save")
    here.says("Blue key")
    here.follow("Remove… Blue key")
    here.clean()
    here.press("Remove the passkey")

    here.says("Passkey removed")
    assert not alice.authenticator_set.exists(), "recovery codes go with the last second step"
    leave(here)
    here.open("/accounts/login/")
    here.press("Sign in with a passkey")
    here.says("could not be verified")
    assert not signed_in(here)


def test_the_device_says_that_it_holds_one_already(here, alice, authenticator):
    enrol(here, alice)

    here.open("/accounts/2fa/webauthn/add/")
    here.page.get_by_role("button", name="Make the passkey").click()

    here.says("already holds a passkey")
    assert here.axe_violations(here.page) == []


def test_without_a_finger_nothing_happens_and_the_page_says_so(here, alice, authenticator):
    enrol(here, alice)
    leave(here)
    authenticator.lift()

    here.open("/accounts/login/")
    here.page.get_by_role("button", name="Sign in with a passkey").click()

    here.says("cancelled or took too long")
    here.clean()
    assert not signed_in(here)


def test_who_has_left_is_not_let_in_by_a_passkey(here, alice, authenticator):
    enrol(here, alice)
    leave(here)
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)

    here.open("/accounts/login/")
    here.press("Sign in with a passkey")

    here.says("closed")
    assert not signed_in(here)


def test_the_page_of_another_persons_passkey_is_nowhere(here, alice, authenticator):
    enrol(here, alice)
    key = alice.authenticator_set.get(type="webauthn").pk
    leave(here)
    here.sign_in(factories.mallory())
    here.open("/accounts/reauthenticate/")
    here.fill(Password=PASSWORD)
    here.press("Confirm")

    assert [here.open(f"/accounts/2fa/webauthn/keys/{key}/{act}/") for act in ("edit", "remove")] == [404, 404]


def test_passkeys_are_offered_only_where_scripts_run(here, alice, new_context):
    page = new_context(java_script_enabled=False).new_page()

    page.goto(f"{here.url}/accounts/login/")

    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
