"""Signing in at the organisation's provider, in a browser: there, and back, and turned back."""

import pytest
from django.core.cache import cache

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_attempts_counted():
    cache.clear()
    yield
    cache.clear()


def leave_for(here, sso):
    here.page.get_by_role("button", name="Sign in with Example ID").click()
    here.page.wait_for_url(f"{sso.url}/**")


def test_somebody_goes_there_and_comes_back_signed_in(here, sso):
    factories.alice()
    here.open("/accounts/login/?next=/profile/signing-in/")
    here.clean()
    leave_for(here, sso)

    here.page.get_by_role("button", name="Go on as alice@example.com").click()
    here.page.wait_for_url(f"{here.url}/**")

    assert here.page.url == f"{here.url}/profile/signing-in/"
    here.says("at Example ID")
    here.clean()


def test_who_turns_back_is_on_the_sign_in_page_and_told_so(here, sso):
    here.open("/accounts/login/")
    leave_for(here, sso)

    here.page.get_by_role("link", name="Cancel").click()

    here.says("You left Example ID without signing in")
    here.clean()


def test_a_provider_that_is_down_is_said_on_the_sign_in_page(here, sso):
    sso.faults = {"down"}
    here.open("/accounts/login/")

    here.press("Sign in with Example ID")

    here.says("Example ID cannot be reached now")
    here.clean()
