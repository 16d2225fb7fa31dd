"""Reminders: each threshold once, the latest only after an outage, and a week apart while access is unconfirmed."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts import services as accounts
from audit.models import Event, Pending
from exceptions_app import ask, judges
from exceptions_app import services as cases
from exceptions_app.models import Decision
from tests.workflows.stage import ANSWERS, AT, DAY, fresh, person
from workflows import reminders, sweeps
from workflows import services as workflows
from workflows.models import Reminder, ReminderKind

HOUR = timedelta(hours=1)


def remind(at):
    return sweeps.run_all(sweeps.REMINDERS, name="sweep_reminders", at=at)


def of_ends():
    """All but that nobody uses it, which test_renewing.py is about."""
    return Reminder.objects.exclude(kind=ReminderKind.UNUSED).order_by("pk")


def kinds():
    return list(of_ends().values_list("kind", flat=True))


def test_thresholds_before_the_end_are_each_reminded_of_once(stage):
    stage.active()

    for hours in range(0, 60 * 24, 6):
        remind(AT + hours * HOUR)

    assert kinds() == ["end_30", "end_14", "end_7", "end_1"]
    assert list(of_ends().values_list("due_at", flat=True)) == [AT + (60 - days) * DAY for days in (30, 14, 7, 1)]


@pytest.mark.parametrize(("term", "wanted"), [(30, ["end_14", "end_7", "end_1"]), (7, ["end_1"]), (1, [])])
def test_a_threshold_that_does_not_lie_after_the_activation_is_skipped(stage, term, wanted):
    stage.active(term_days=term)

    for hours in range(0, term * 24, 6):
        remind(AT + hours * HOUR)

    assert kinds() == wanted


def test_what_is_not_due_is_not_raised_whoever_asks(stage):
    case = stage.active(term_days=30)
    cases.record_use(case=case, actor=stage.alice, at=AT + 6 * DAY, used_at=AT + 6 * DAY, what="The nightly job")

    raised = [reminders.raise_many(keys=[case.pk], at=AT + days * DAY) for days in (0, 15, 30)]

    assert raised == [[], [], []]


def test_after_an_outage_only_the_latest_overdue_reminder_is_raised(stage):
    stage.active()

    remind(AT + 54 * DAY)

    assert kinds() == ["end_7"]


def test_nothing_is_reminded_of_after_the_end(stage):
    stage.active()

    remind(AT + 60 * DAY)

    assert kinds() == []


def test_a_reminder_is_an_event_of_the_clock_written_with_it(stage):
    case = stage.active()
    cases.record_use(case=case, actor=stage.alice, at=AT + 20 * DAY, used_at=AT + 20 * DAY, what="The nightly job")

    remind(AT + 30 * DAY)

    event = Event.objects.get(kind="reminder.due")
    assert (event.stream.name, event.actor_kind) == (case.stream, "clock")
    assert event.body["kind"] == "end_30"
    assert Pending.objects.filter(event=event).exists()


def test_a_reminder_that_cannot_be_recorded_is_not_kept(stage, monkeypatch):
    stage.active()

    def broken(_entries):
        raise ValueError("no ledger")

    monkeypatch.setattr("workflows.reminders.ledger.record_many", broken)
    remind(AT + 30 * DAY)

    assert kinds() == []


def test_a_renewal_activated_ahead_is_not_reminded_of_before_it_begins(stage):
    case = stage.active()
    renewal = cases.renew(case=case, actor=stage.alice, at=AT + 50 * DAY, changed=ANSWERS)
    stage.submit(renewal, at=AT + 50 * DAY)
    stage.approve(renewal, at=AT + 50 * DAY)

    remind(AT + 59 * DAY)

    assert fresh(renewal).activated_at == AT + 60 * DAY
    assert not Reminder.objects.filter(case=renewal).exists()


def ended(stage):
    case = stage.active(grants=2)
    cases.complete(case=case, actor=stage.alice, at=AT + DAY, reason="Done")
    return case


def test_unconfirmed_removal_is_reminded_of_every_week(stage):
    ended(stage)

    for days in range(1, 24):
        remind(AT + days * DAY)

    assert kinds() == [ReminderKind.REMOVAL] * 3
    assert list(Reminder.objects.order_by("pk").values_list("due_at", flat=True)) == [
        AT + DAY + 7 * weeks * DAY for weeks in (1, 2, 3)
    ]


def test_weeks_missed_in_an_outage_are_one_reminder(stage):
    ended(stage)

    remind(AT + 30 * DAY)

    assert Reminder.objects.get().due_at == AT + DAY + 28 * DAY


def test_confirmed_removal_stops_the_reminders(stage):
    case = ended(stage)
    first, second = case.grants.order_by("pk")
    confirm(stage, first)

    remind(AT + 9 * DAY)
    confirm(stage, second)
    remind(AT + 30 * DAY)

    assert len(kinds()) == 1


def confirm(stage, grant):
    cases.confirm_removal(grant=grant, actor=stage.bob, at=AT + 9 * DAY, how="secret_rotated")


def test_approvers_are_reminded_once_at_half_the_time_to_decide(stage):
    stage.requested()

    early = remind(AT + 3.5 * DAY - HOUR)
    for days in (3.5, 4, 5):
        remind(AT + days * DAY)

    assert early == 0
    assert Reminder.objects.get().due_at == AT + 3.5 * DAY


def test_a_step_that_nobody_decides_comes_to_its_lead_and_then_to_the_fallback_group(stage):
    office = accounts.create_group(name="Risk office", actor=None, at=AT)
    frida, lena = person("Frida"), person("Lena")
    accounts.add_member(group=office, member=frida, actor=None, at=AT)
    accounts.set_fallback(group=office, actor=None, at=AT)
    accounts.change_group(group=stage.group, lead=lena, actor=None, at=AT)
    case = stage.requested()

    def may_decide(days):
        [asked] = judges.asked(fresh(case), AT + days * DAY)
        return {str(sitter.user) for sitter in asked.sitters}

    seen = {days: may_decide(days) for days in (5.2, 5.25, 6.1, 6.125)}
    for hours in range(0, 7 * 24, 6):
        remind(AT + hours * HOUR)

    own = {"Bea", "Bob"}
    assert seen == {5.2: own, 5.25: own | {"Lena"}, 6.1: own | {"Lena"}, 6.125: own | {"Lena", "Frida"}}
    assert kinds() == ["half_time", "to_lead", "to_fallback"]
    told = Event.objects.filter(kind="case.escalated").order_by("pk")
    assert [event.body["people"] for event in told] == [[str(lena.pseudonym)], [str(frida.pseudonym)]]


def test_who_decides_because_the_time_runs_out_is_marked_and_still_counts_at_the_start(stage):
    lena = person("Lena")
    accounts.change_group(group=stage.group, lead=lena, actor=None, at=AT)
    case = stage.requested()

    stage.approve(case, at=AT + 6 * DAY, actor=lena)
    sweeps.run(sweeps.ACTIVATE, at=AT + 6 * DAY)

    assert fresh(case).state == "active"
    assert Decision.objects.get().by_lead


def test_a_request_asked_anew_has_a_half_time_of_its_own(stage):
    case = stage.requested()
    remind(AT + 4 * DAY)
    seen = fresh(case)
    content = cases.DraftContent({"term_days": 30})
    workflows.amend(case=seen, actor=stage.alice, at=AT + 4 * DAY, version=seen.version, content=content)

    remind(AT + 5 * DAY)
    remind(AT + 7.5 * DAY)

    assert list(Reminder.objects.order_by("pk").values_list("due_at", flat=True)) == [AT + 3.5 * DAY, AT + 7.5 * DAY]


def test_a_decided_request_is_not_reminded_of(stage):
    case = stage.requested()
    cases.reject(case=case, actor=stage.bob, at=AT + DAY, digest=ask.digest(fresh(case)), reason="No")

    remind(AT + 4 * DAY)

    assert kinds() == []


@pytest.mark.smoke
def test_at_every_minute_the_requests_looked_at_are_those_something_is_raised_for(stage):
    """Whatever was raised before, from the beginning of the step to its end."""
    case = stage.requested()
    began, until = case.step_began_at, case.decide_by_at
    edges = sorted({began, until, *reminders.thresholds(case).values()})
    instants = sorted({edge + minutes * timedelta(minutes=1) for edge in edges for minutes in (-1, 0, 1)})
    seen = []

    for remind_at in (None, *edges[1:-1]):
        if remind_at is not None:
            remind(remind_at)
        for at in instants:
            looked_at = reminders.of_steps(at).exists()
            with transaction.atomic():
                raises = bool(reminders.raise_many(keys=[case.pk], at=at))
                transaction.set_rollback(True)
            assert looked_at == raises, (remind_at, at)
            seen.append(raises)

    assert True in seen
    assert False in seen
