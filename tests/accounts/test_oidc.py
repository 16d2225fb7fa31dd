"""Signing in at the organisation's provider: who comes in, who does not, and what is believed. All HTTP is real."""

import re
import urllib.error
import urllib.request
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.cache import cache
from django.urls import reverse

from accounts import services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from accounts.oidc.admitting import HouseSocialAdapter
from accounts.oidc.provider import HouseProvider
from audit.models import Event
from tests.factories import AT, UserFactory, alice, petra

pytestmark = pytest.mark.django_db

ROLES = ("is_superuser", "is_staff", "is_programme_manager", "is_auditor")
SIGN_IN = "/accounts/oidc/sso/login/"


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def left(client, path=SIGN_IN):
    """Where the portal sends this browser, which presses the button."""
    page = client.post(path).text
    return unescape(re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)[1])


def returned(address):
    """Where the provider sends it back to, once its person has said yes."""
    try:
        urllib.request.build_opener(Stay).open(urllib.request.Request(address, data=b""))
    except urllib.error.HTTPError as answer:
        with answer:
            place = urlsplit(answer.headers["Location"])
            return f"{place.path}?{place.query}"
    raise AssertionError("the provider did not send the browser back")


def sign_in(client, path=SIGN_IN):
    return client.get(returned(left(client, path)), follow=True)


def roles_of(person):
    return [role for role in ROLES if getattr(person, role)]


def is_in(client):
    return client.session.get("_auth_user_id")


def test_who_exists_comes_in_by_a_verified_address(client, sso):
    person = alice()

    response = sign_in(client, f"{SIGN_IN}?next=/profile/")

    assert response.redirect_chain[-1][0] == "/profile/"
    assert is_in(client) == str(person.pk)
    [event] = Event.objects.filter(kind="user.sign_in_linked")
    assert event.actor_id == person.pseudonym
    assert event.stream.name == f"accounts/users/{person.pseudonym}"
    assert event.body == {"person": str(person.pseudonym), "issuer": sso.url}


def test_once_linked_the_subject_counts_and_no_longer_the_address(client, sso):
    person = alice()
    sign_in(client)
    client.logout()
    sso.person = sso.person | {"email": "alice.new@example.com", "email_verified": False}

    sign_in(client)

    assert is_in(client) == str(person.pk)
    assert Event.objects.filter(kind="user.sign_in_linked").count() == 1


def test_nothing_the_provider_says_is_kept_and_nothing_changes_the_person(client, sso):
    person = alice()
    versions, password = person.history.count(), person.password
    sso.person = sso.person | {"name": "Eve", "roles": ["admin"], "groups": ["approvers"], "is_superuser": True}

    sign_in(client)

    person = alice()
    assert (person.name, person.password, person.history.count()) == ("Alice Andersson", password, versions)
    assert roles_of(person) == []
    assert not person.approver_groups.exists()
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()


def test_a_stranger_is_told_whom_to_ask(client, sso):
    sso.person = sso.person | {"email": "zoe@example.com"}

    response = sign_in(client)

    assert "No account here uses zoe@example.com" in response.text
    assert not is_in(client)
    assert not User.objects.filter(email="zoe@example.com").exists()


def test_a_setting_lets_strangers_in_without_any_role(client, sso, settings):
    settings.OIDC_SIGN_UP = True
    sso.person = sso.person | {"email": "Zoe@Example.com", "name": "Zoe Zander"}

    sign_in(client)

    zoe = User.objects.get(email="zoe@example.com")
    assert is_in(client) == str(zoe.pk)
    assert zoe.name == "Zoe Zander"
    assert roles_of(zoe) == []
    assert not zoe.has_usable_password()
    kinds = Event.objects.filter(stream__name=f"accounts/users/{zoe.pseudonym}").values_list("kind", flat=True)
    assert list(kinds.order_by("sequence")) == ["user.created", "user.sign_in_linked"]


@pytest.mark.parametrize("vouched", [False, None, "false", 1, "yes"])
def test_an_address_nobody_vouches_for_opens_nothing(client, sso, settings, vouched):
    settings.OIDC_SIGN_UP = True
    alice()
    sso.person = sso.person | {"email_verified": vouched}

    response = sign_in(client)

    assert "does not vouch for your e-mail address" in response.text
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("known", [False, True])
def test_who_has_left_never_comes_in(client, sso, known):
    person = alice()
    if known:
        sign_in(client)
        client.logout()
    services.deactivate(user=person, actor=petra(), at=AT)

    response = sign_in(client)

    assert "This account is closed" in response.text
    assert not is_in(client)


def test_an_address_given_to_somebody_else_does_not_open_the_first_ones_account(client, sso):
    alice()
    sign_in(client)
    client.logout()
    sso.person = sso.person | {"sub": "s-2"}

    response = sign_in(client)

    assert "somebody else there signs in to" in response.text
    assert not is_in(client)


def test_another_provider_in_the_same_place_knows_nobody(client, sso, settings):
    alice()
    sign_in(client)
    known = SocialAccount.objects.get().uid
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": f"{sso.url}/"}
    client.logout()
    sign_in(client)

    assert is_in(client), "a slash at the end is the same issuer"

    [other] = HouseSocialAdapter().list_apps(None)
    other.settings = {"server_url": "https://other.example"}
    assert HouseProvider(None, app=other).extract_uid({"sub": "s-1"}) != known


def test_the_second_step_is_asked_for_as_after_a_password(client, sso):
    person = alice()
    totp.TOTP.activate(person, totp.generate_totp_secret())

    response = sign_in(client)

    assert response.redirect_chain[-1][0] == reverse("mfa_authenticate")
    assert not is_in(client)


@pytest.mark.parametrize(
    "fault", ["signature", "unsigned", "shared"], ids=["another key", "no signature", "a shared secret"]
)
def test_a_token_that_does_not_verify_signs_nobody_in(client, sso, fault):
    alice()
    sso.faults = {fault}

    response = sign_in(client)

    assert "could not be verified, so nobody was signed in" in response.text
    assert not is_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": ""},
        {"nonce": None},
        {"aud": "another application"},
        {"aud": ["stopgap", "another application"]},
        {"aud": ["stopgap", "another application"], "azp": "another application"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_made_for_something_else_signs_nobody_in(client, sso, claims):
    alice()
    sso.claims = claims

    response = sign_in(client)

    assert "could not be verified, so nobody was signed in" in response.text
    assert not is_in(client)


def test_an_address_may_come_from_the_userinfo_endpoint(client, sso):
    person = alice()
    sso.faults = {"quiet"}

    sign_in(client)

    assert is_in(client) == str(person.pk)
    assert "/userinfo" in sso.seen


def test_a_userinfo_endpoint_that_speaks_of_somebody_else_is_not_believed(client, sso):
    alice()
    sso.faults = {"quiet", "userinfo"}

    response = sign_in(client)

    assert "could not be verified" in response.text
    assert not is_in(client)


@pytest.mark.parametrize("fault", ["down", "nonsense", "issuer"])
def test_a_provider_that_is_away_is_said_on_the_sign_in_page(client, sso, fault):
    sso.faults = {fault}

    response = client.post(SIGN_IN, follow=True)

    assert response.redirect_chain[-1][0] == reverse("account_login")
    assert "Example ID cannot be reached now" in response.text


def test_a_provider_nobody_listens_at_is_said_too(client, sso):
    sso.stop()

    assert "Example ID cannot be reached now" in client.post(SIGN_IN, follow=True).text


def test_a_provider_that_falls_silent_midway_signs_nobody_in(client, sso):
    alice()
    back = returned(left(client))
    sso.faults = {"token"}

    response = client.get(back, follow=True)

    assert response.redirect_chain[-1][0] == reverse("account_login")
    assert not is_in(client)


def test_an_answer_is_good_once_and_in_the_browser_that_asked(client, sso):
    alice()
    back = returned(left(client))
    stranger = type(client)()

    assert "began in another browser" in stranger.get(back, follow=True).text
    assert not is_in(stranger)
    client.get(back)
    assert is_in(client)
    client.logout()
    client.get(back)
    assert not is_in(client)


def test_who_turns_back_there_is_told_the_other_way(client, sso):
    state = parse_qs(urlsplit(left(client)).query)["state"][0]

    response = client.get(f"{SIGN_IN}callback/?error=access_denied&state={state}", follow=True)

    assert "You left Example ID without signing in" in response.text


def test_what_we_ask_for_cannot_be_changed_from_outside(client, sso):
    address = left(client, f"{SIGN_IN}?scope=admin&auth_params=prompt%3Dnone%26nonce%3Dx&process=connect")

    asked = parse_qs(urlsplit(address).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in asked
    assert len(asked["nonce"][0]) == 64
    assert asked["code_challenge_method"] == ["S256"]


def test_a_next_address_elsewhere_is_not_followed(client, sso):
    alice()

    response = sign_in(client, f"{SIGN_IN}?next=https://evil.example/")

    assert response.redirect_chain[-1][0] == "/"


def test_without_a_provider_there_is_no_button_and_no_page(client):
    assert "Sign in with" not in client.get(reverse("account_login")).text.replace("Sign in with a passkey", "")
    assert client.post(SIGN_IN).status_code == 404
    assert client.get(f"{SIGN_IN}callback/").status_code == 404


def test_a_row_in_the_database_is_no_provider(client):
    SocialApp.objects.create(provider="openid_connect", provider_id="evil", name="Evil", client_id="x", settings={})

    assert client.post("/accounts/oidc/evil/login/").status_code == 404
    assert "Evil" not in client.get(reverse("account_login")).text


def test_a_link_is_undone_by_its_person_alone_and_leaves_a_way_in(client, sso):
    person = alice()
    sign_in(client)

    with pytest.raises(NotAllowed, match="by the person"):
        services.unlink_sign_in(user=person, actor=petra(), at=AT)
    services.unlink_sign_in(user=person, actor=person, at=AT)

    assert not SocialAccount.objects.exists()
    assert Event.objects.filter(kind="user.sign_in_unlinked").count() == 1


def test_who_has_no_password_keeps_the_link(sso):
    person = UserFactory(email="zoe@example.com", password="!")
    services.link_sign_in(user=person, provider="sso", uid="u", issuer=sso.url, at=AT)

    with pytest.raises(NotPossible, match="no password yet"):
        services.unlink_sign_in(user=person, actor=person, at=AT)


def test_a_sign_in_there_grown_old_adds_no_passkey_to_an_account_without_a_password(client, sso):
    person = UserFactory(email="alice@example.com", password="!")
    sign_in(client)
    assert is_in(client) == str(person.pk)
    session = client.session
    [record] = session["account_authentication_methods"]
    session["account_authentication_methods"] = [record | {"at": record["at"] - 16 * 60}]
    session.save()

    for page, field in (("mfa_add_webauthn", "credential"), ("mfa_activate_totp", "code")):
        response = client.post(reverse(page), {field: "123456"})
        assert "Sign out and in again" in str(response.context["form"].errors), page
