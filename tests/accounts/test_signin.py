import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.urls import reverse

from accounts import services
from accounts.models import User
from tests.factories import AT, PASSWORD, alice, dora, mallory, petra, sue

pytestmark = pytest.mark.django_db


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.com"])
def test_person_signs_in_with_an_address_in_any_case(client, email):
    alice()

    response = sign_in(client, email)

    assert response.status_code == 302
    assert signed_in(client)


def test_wrong_password_signs_nobody_in(client):
    alice()

    assert sign_in(client, "alice@example.com", "wrong").status_code == 200
    assert not signed_in(client)


def test_signing_in_makes_no_new_version_of_the_person(client):
    versions = alice().history.count()

    sign_in(client, "alice@example.com")

    person = alice()
    assert person.last_login is not None
    assert person.history.count() == versions


def test_who_has_left_cannot_sign_in(client):
    dora()

    sign_in(client, "dora@example.com")

    assert not signed_in(client)
    assert authenticate(None, username="dora@example.com", password=PASSWORD) is None


@pytest.mark.parametrize(("steps_ago", "good"), [(0, True), (1, True), (2, False)])
def test_a_code_that_changed_while_it_was_typed_is_good_once(client, time_machine, steps_ago, good):
    cache.clear()
    secret = generate_totp_secret()
    TOTP.activate(alice(), secret)
    time_machine.move_to(AT, tick=False)
    code = format_hotp_value(hotp_value(secret, int(AT.timestamp()) // 30 - steps_ago))

    for expected in (good, False):
        sign_in(client, "alice@example.com")
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert signed_in(client) == expected
        client.logout()


def test_deactivation_ends_the_sessions_that_are_open(client):
    client.force_login(alice())
    assert client.get(reverse("account_change_password")).status_code == 200

    services.deactivate(user=alice(), actor=petra(), at=AT)

    response = client.get(reverse("account_change_password"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_who_has_left_gets_no_reset_mail(client, mailoutbox):
    dora()

    client.post(reverse("account_reset_password"), {"email": "dora@example.com"})

    assert not any("/password/reset/key/" in mail.body for mail in mailoutbox)


def test_sign_up_is_closed(client):
    client.post(
        reverse("account_signup"),
        {"email": "mallory@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert not User.objects.filter(email="mallory@example.com").exists()


def test_nobody_gives_themselves_another_address(client):
    client.force_login(mallory())

    response = client.post("/accounts/email/", {"action_add": "", "email": "bob@example.com"})

    assert response.status_code == 404
    assert not EmailAddress.objects.filter(email="bob@example.com").exists()
    assert mallory().email == "mallory@example.com"


def test_a_new_password_is_no_new_version_of_the_person(client):
    versions = alice().history.count()
    sign_in(client, "alice@example.com")
    new = "another long and winding password"

    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})

    person = alice()
    assert person.check_password(new)
    assert person.history.count() == versions


def test_the_administration_pages_know_one_sign_in(client):
    response = client.get(reverse("admin:index"), follow=True)

    assert response.redirect_chain[-1][0] == f"{reverse('account_login')}?next={reverse('admin:index')}"


def test_the_administration_pages_are_for_staff(client):
    client.force_login(alice())

    assert client.get(reverse("admin:login")).status_code == 403

    client.force_login(sue())
    assert client.get(reverse("admin:login")).status_code == 302


def test_a_password_reset_by_mail_is_no_new_version_of_the_person(client, mailoutbox):
    versions = alice().history.count()
    new = "another long and winding password"

    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    link = re.search(r"https?://[^/]+(\S+/password/reset/key/\S+)", mailoutbox[0].body)[1]
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    person = alice()
    assert person.check_password(new)
    assert person.history.count() == versions
