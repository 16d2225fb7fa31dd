"""A step whose approvers leave, or come to gain, comes to those behind them at once, not when its time is up."""

import pytest

from accounts import services as accounts
from exceptions_app import services as cases
from tests.workflows.stage import AT, person
from tests.workflows.test_effects import work
from workflows.models import Reminder, ReminderKind


@pytest.fixture
def stage(committed):
    """The group has a lead."""
    accounts.change_group(group=committed.group, lead=person("Lena"), actor=None, at=AT)
    return committed


def leave_the_group(stage, case):
    for member in (stage.bob, stage.bea):
        accounts.remove_member(group=stage.group, member=member, actor=None, at=AT)


def leave(stage, case):
    for member in (stage.bob, stage.bea):
        accounts.deactivate(user=member, actor=None, at=AT)


def come_to_audit(stage, case):
    for member in (stage.bob, stage.bea):
        accounts.set_roles(user=member, is_auditor=True, actor=None, at=AT)


def come_to_own_it(stage, case):
    accounts.remove_member(group=stage.group, member=stage.bob, actor=None, at=AT)
    cases.offer_ownership(case=case, actor=stage.alice, at=AT, to=stage.bea, reason="She takes over.")
    cases.accept_ownership(case=case, actor=stage.bea, at=AT)


def come_to_back_it(stage, case):
    accounts.remove_member(group=stage.group, member=stage.bob, actor=None, at=AT)
    cases.accept_backup(case=case, actor=stage.bea, at=AT)


SHORT = [leave_the_group, leave, come_to_audit, come_to_own_it, come_to_back_it]


@pytest.mark.parametrize("happens", SHORT)
def test_who_stands_behind_hears_of_it_at_once_and_once(stage, smtp_sink, happens):
    case = stage.requested(backup_owner=stage.bea if happens is come_to_back_it else None)
    work()

    happens(stage, case)
    work()
    work()  # what the first has found

    told = [one["Subject"] for one in smtp_sink.to("lena@example.org")]
    assert len(told) == 1
    assert "Decide by 9 Nov 09:00 UTC, too few others are left" in told[0].replace("\n", "")
    assert Reminder.objects.get().kind == ReminderKind.TOO_FEW


def test_nobody_hears_of_it_while_enough_are_left(stage, smtp_sink):
    stage.requested()
    work()

    accounts.remove_member(group=stage.group, member=stage.bob, actor=None, at=AT)
    work()
    work()

    assert not smtp_sink.to("lena@example.org")
    assert not Reminder.objects.exists()


def test_where_nobody_stands_behind_whoever_runs_the_programme_hears_of_it(committed, smtp_sink):
    case = committed.requested()
    work()

    leave_the_group(committed, case)
    work()
    work()

    assert "too few others are left" in smtp_sink.to("petra@example.org")[0]["Subject"]
