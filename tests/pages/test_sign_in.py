"""Signing in, in a browser: a password forgotten, a second factor, too many attempts; and the pages that say no."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache

from tests import factories
from tests.factories import PASSWORD
from tests.journeys.company import found

NEW_PASSWORD = "wrong donkey battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice():
    return factories.alice()


def test_a_forgotten_password_is_replaced_through_the_mail(here, alice, smtp_sink):
    here.open("/accounts/login/")
    here.follow("forgot")
    here.fill(Email=alice.email)
    here.press()
    here.says("mail")
    here.clean()

    [letter] = smtp_sink.to(alice.email)
    here.page.goto(re.search(r"http\S+", letter.get_content())[0])
    here.clean()
    here.page.locator("input[name=password1]").fill(NEW_PASSWORD)
    here.page.locator("input[name=password2]").fill(NEW_PASSWORD)
    here.press()
    here.clean()

    here.sign_in(alice, NEW_PASSWORD)
    assert here.page.url == f"{here.url}/"


def test_a_second_factor_is_set_up_and_then_asked_for(here, alice):
    here.sign_in(alice)
    here.open("/accounts/2fa/totp/activate/")
    here.clean()
    here.fill(Password=PASSWORD)  # having signed in is not enough: whoever sits here now must know it
    here.press("Confirm")
    here.clean()
    secret = here.page.get_by_label("Or type this secret").input_value()
    here.fill(The_six_digits_it_shows_now=_code(secret))
    here.press("Turn on")
    here.says("ecovery codes")
    here.clean()
    here.open("/accounts/2fa/")
    here.clean()
    here.open("/accounts/2fa/totp/deactivate/")
    here.clean()
    here.open("/accounts/logout/")
    here.clean()
    here.press()
    cache.clear()  # a code is good once, and time does not pass for the test

    here.sign_in(alice)
    here.clean()
    assert "/accounts/2fa/authenticate/" in here.page.url
    here.page.locator("input[name=code]").fill(_code(secret))
    here.press()

    assert here.page.url == f"{here.url}/"


def test_guessing_a_password_ends_soon_even_for_who_then_knows_it(here, alice):
    for _ in range(5):
        here.sign_in(alice, "guess")

    here.sign_in(alice)

    here.says("Too many")
    here.clean()


def test_asking_without_end_gets_a_page_that_says_so(here, alice):
    here.open("/accounts/password/reset/")
    statuses = [_asked(here, alice) for _ in range(6)]

    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert [each for each in here.complaints if "429" not in each] == []
    assert here.axe_violations(here.page) == []


@pytest.mark.parametrize(
    ("status", "path"), [(404, "/nowhere/"), (404, "/exceptions/{reference}/"), (403, "/history/")]
)
def test_the_pages_that_say_no_are_clean_too(status, path, here):
    case = found().request()
    here.sign_in(factories.mallory())

    assert here.open(path.format(reference=case.reference)) == status

    assert here.axe_violations(here.page) == []
    assert [each for each in here.complaints if str(status) not in each] == []


def _asked(here, person):
    here.open("/accounts/password/reset/")
    here.fill(Email=person.email)
    return here.press()


def _code(secret):
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))
