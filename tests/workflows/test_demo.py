"""First-run data: true, complete, and never beside real cases."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import User
from audit.models import Event, Pending
from audit.verify import verify
from catalog.models import Control
from exceptions_app.models import ExceptionCase, RemovalState, State
from workflows import sweeps
from workflows.demo import play
from workflows.demo.cast import SIGN_IN
from workflows.models import Effect, EffectState, Notice, Trouble

A_FRIDAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def lived(django_db_setup, django_db_blocker):
    """The demo, built once for the tests that only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        play.build(A_FRIDAY)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def built(lived, db):
    """Each test looks from a savepoint of its own."""


@pytest.mark.smoke
def test_three_years_of_cases_stand_in_every_state_and_every_chain_verifies(built):
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


def test_the_stories_reach_the_corners_of_the_product(built):
    cases = ExceptionCase.objects.all()

    assert cases.filter(state=State.APPROVED, safeguards__required=True, safeguards__verified_at=None).exists()
    assert cases.filter(state=State.ACTIVE, activated_at__gt=A_FRIDAY).exists()
    assert cases.filter(kind="retrospective").exists()
    assert cases.filter(state=State.REQUESTED, decide_by_at__lt=A_FRIDAY + timedelta(hours=12)).exists()
    assert {RemovalState.OWED, RemovalState.CONFIRMED} <= set(cases.values_list("grants__removal_state", flat=True))
    assert {"case.owner_changed", "case.resumed", "case.returned", "case.amended", "reminder.due"} <= set(
        Event.objects.values_list("kind", flat=True)
    )


def test_nothing_happened_in_the_future_and_nothing_is_left_for_the_clock(built):
    assert not Event.objects.filter(at__gt=A_FRIDAY).exists()
    assert not Trouble.objects.exists()

    moved = [sweeps.run(sweep, at=A_FRIDAY) for sweep in (*sweeps.CLOCK, *sweeps.REMINDERS)]

    assert moved == [0] * len(moved)


def test_no_mail_of_the_past_is_sent_and_every_effect_says_so(built):
    assert not Pending.objects.exists()
    assert not Notice.objects.exists()
    assert set(Effect.objects.values_list("state", "drop_reason")) == {(EffectState.DROPPED, "Demo: not sent.")}


def test_mallory_sees_nothing_but_what_nobody_claimed_and_audrey_everything(built):
    people = {user.email.partition("@")[0]: user for user in User.objects.all()}

    assert not ExceptionCase.objects.visible_to(people["mallory"]).filter(requester__isnull=False).exists()
    assert ExceptionCase.objects.visible_to(people["audrey"]).count() == 145
    assert people["petra"].is_programme_manager
    assert not people["oskar"].is_active
    assert people["alice"].check_password(SIGN_IN)
