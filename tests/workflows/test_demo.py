"""First-run data: true, complete, and never beside real cases."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import global_settings

from accounts.models import User
from audit.models import Event, Pending
from audit.verify import verify
from catalog.models import Control
from exceptions_app.models import ExceptionCase, RemovalState, State
from tests.plugins import company
from workflows import sweeps
from workflows.demo import play
from workflows.demo.cast import SIGN_IN
from workflows.models import Effect, EffectState, Notice, Trouble

A_FRIDAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def lived(django_db_setup, django_db_blocker):
    """The demo as the run has it, for tests that only look at it."""
    with django_db_blocker.unblock(), company.lived():
        yield


@pytest.fixture
def now(lived, db):
    """When the demo was built: up to then it was lived. Each test looks from a savepoint of its own."""
    return Effect.objects.latest("done_at").done_at


@pytest.mark.smoke
def test_three_years_of_cases_stand_in_every_state_and_every_chain_verifies(now):
    report = verify()

    assert report.ok, report.first
    assert report.events == Event.objects.count() > 300
    assert ExceptionCase.objects.filter(requester__isnull=False).count() == 141
    assert ExceptionCase.objects.unclaimed().count() == 4
    assert set(ExceptionCase.objects.values_list("state", flat=True)) == set(State.values)
    assert set(ExceptionCase.objects.filter(state=State.CLOSED).values_list("end_reason", flat=True)) == {
        "expired",
        "completed",
        "superseded",
        "lapsed",
    }
    assert Control.objects.count() == 25


def test_the_stories_reach_the_corners_of_the_product(now):
    reaches_the_corners(now)


@pytest.mark.parametrize("days", range(7))
@pytest.mark.proof
def test_any_day_of_the_week_is_a_good_day_to_begin(db, days):
    now = A_FRIDAY + timedelta(days=days, hours=3 * days)

    play.build(now)

    assert set(ExceptionCase.objects.values_list("state", flat=True)) == set(State.values)
    reaches_the_corners(now)


def test_nothing_happened_in_the_future_and_nothing_is_left_for_the_clock(now):
    assert not Event.objects.filter(at__gt=now).exists()
    assert not Trouble.objects.exists()

    moved = [sweeps.run(sweep, at=now) for sweep in (*sweeps.CLOCK, *sweeps.REMINDERS)]

    assert moved == [0] * len(moved)


def test_no_mail_of_the_past_is_sent_and_every_effect_says_so(now):
    assert not Pending.objects.exists()
    assert not Notice.objects.exists()
    assert set(Effect.objects.values_list("state", "drop_reason")) == {(EffectState.DROPPED, "Demo: not sent.")}


def test_mallory_sees_nothing_but_what_nobody_claimed_and_audrey_everything(now, settings):
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # those of the product, which built it
    people = {user.email.partition("@")[0]: user for user in User.objects.all()}

    assert not ExceptionCase.objects.visible_to(people["mallory"]).filter(requester__isnull=False).exists()
    assert ExceptionCase.objects.visible_to(people["audrey"]).count() == 145
    assert people["petra"].is_programme_manager
    assert not people["oskar"].is_active
    assert people["alice"].check_password(SIGN_IN)


def reaches_the_corners(now):
    cases = ExceptionCase.objects.all()

    assert cases.filter(state=State.APPROVED, safeguards__required=True, safeguards__verified_at=None).exists()
    assert cases.filter(state=State.ACTIVE, activated_at__gt=now).exists()
    assert cases.filter(kind="retrospective").exists()
    assert cases.filter(state=State.REQUESTED, decide_by_at__lt=now + timedelta(hours=12)).exists()
    assert {RemovalState.OWED, RemovalState.CONFIRMED} <= set(cases.values_list("grants__removal_state", flat=True))
    assert {"case.owner_changed", "case.resumed", "case.returned", "case.amended", "reminder.due"} <= set(
        Event.objects.values_list("kind", flat=True)
    )
