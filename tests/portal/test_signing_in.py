"""The page of how one signs in: with what, where, and an end to what is elsewhere."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import services
from portal.profile.wording import browser
from tests.factories import AT, PASSWORD, alice, mallory

pytestmark = pytest.mark.django_db

PAGE = "profile_signing_in"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


def at_a_browser(person, agent):
    client = Client(headers={"user-agent": agent})
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def is_in(client):
    return client.get(reverse(PAGE)).status_code == 200


def test_it_says_with_what_and_where_one_is_signed_in():
    here = at_a_browser(alice(), FIREFOX)
    at_a_browser(alice(), CHROME)

    page = here.get(reverse(PAGE)).text

    assert "with your password" in page
    assert "Firefox on Linux" in page
    assert "Chrome on Windows" in page
    assert page.count("this one") == 1


def test_signing_out_elsewhere_ends_every_other_session_and_nobody_elses():
    here, other, third = (at_a_browser(alice(), FIREFOX) for _ in range(3))
    mallorys = at_a_browser(mallory(), CHROME)

    here.post(reverse("profile_elsewhere"))

    assert [is_in(client) for client in (here, other, third, mallorys)] == [True, False, False, True]
    assert "everywhere else" not in here.get(reverse(PAGE)).text


def test_a_session_a_new_password_ended_is_not_listed():
    here, other = at_a_browser(alice(), FIREFOX), at_a_browser(alice(), CHROME)
    new = "another long and winding password"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    here.post(reverse("account_login"), {"login": alice().email, "password": new})

    page = here.get(reverse(PAGE)).text

    assert not is_in(other)
    assert "Chrome" not in page


def test_the_number_of_queries_does_not_grow_with_sessions(django_assert_max_num_queries):
    here = at_a_browser(alice(), FIREFOX)
    for _ in range(5):
        at_a_browser(alice(), CHROME)

    with django_assert_max_num_queries(12):
        here.get(reverse(PAGE))


def test_a_link_is_undone_from_the_page(client):
    services.link_sign_in(user=alice(), provider="sso", uid="u", issuer="https://login.example.org", at=AT)
    client.force_login(alice())
    assert "Undo the link" in client.get(reverse(PAGE)).text

    client.post(reverse("profile_link"))

    assert "Undo the link" not in client.get(reverse(PAGE)).text


@pytest.mark.parametrize(
    ("agent", "name"),
    [(FIREFOX, "Firefox on Linux"), (CHROME, "Chrome on Windows"), ("?", "A browser we do not know")],
)
def test_browsers_are_named(agent, name):
    assert browser(agent) == name
