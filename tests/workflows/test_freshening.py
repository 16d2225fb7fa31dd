"""Clock-driven: from a verification that grows stale to a resumption, with each event, period and mail on the way."""

from datetime import timedelta

import pytest

from accounts.errors import NotPossible
from catalog.models import Control, Tier
from catalog.services import change_control
from exceptions_app import services as cases
from exceptions_app.freshness import BY_PERSON, GRACE
from exceptions_app.models import ExceptionCase, Period
from tests.exceptions_app.reading import assert_intact, story
from tests.workflows.stage import AT, fresh
from tests.workflows.test_effects import work
from tests.workflows.test_mails import DAY, HOUR, clock, remind, subject
from workflows.models import Reminder

HOLDS, PATIENCE = BY_PERSON[Tier.LOW], GRACE[Tier.LOW]
FALLS = AT + HOLDS + PATIENCE


@pytest.fixture
def case(committed):
    """In force for 120 days, with no review till then; its safeguard was verified before the start."""
    control = Control.objects.get()
    change_control(control=control, version=control.version, actor=None, at=AT - DAY, review_days_low=200)
    found = committed.approved(term_days=120, safeguard_required=True)
    verify(committed, found, AT)
    clock(AT)
    return fresh(found)


def verify(stage, case, at, actor=None):
    guard = case.safeguards.get()
    cases.verify_safeguard(safeguard=guard, actor=actor or stage.bob, at=at, statement="Called from outside: refused.")


def pass_days(first, last):
    """The clock comes round each day, and mails go out."""
    for day in range(first, last):
        at = AT + day * DAY
        clock(at)
        remind(at)
        work(at)


def told(sink, name):
    return [subject(one) for one in sink.to(f"{name}@example.org")]


def test_nobody_verifies_it_and_it_falls_and_somebody_mends_it(committed, smtp_sink, case):
    pass_days(0, 98)

    case = fresh(case)
    assert (case.state, case.suspended_at) == ("suspended", FALLS)
    kinds = [event.kind for event in story(case)]
    assert kinds[kinds.index("case.activated") :] == ["case.activated", *["reminder.due"] * 4, "case.suspended"]
    assert list(Reminder.objects.order_by("due_at", "kind").values_list("kind", "due_at")) == [
        ("unused", AT + 40 * DAY),
        ("guard_due", AT + HOLDS * 0.8),
        ("end_30", AT + 90 * DAY),
        ("guard_stale", AT + HOLDS),
    ]
    assert [(one.from_at, one.until_at) for one in Period.objects.all()] == [(AT, FALLS)]
    for name in ("alice", "bob"):
        assert told(smtp_sink, name).count("Verify its safeguards by 7 Feb") == 2
    assert "Suspended, do not rely on it" in told(smtp_sink, "alice")

    at = AT + 98 * DAY
    with pytest.raises(NotPossible, match="Verify these safeguards first"):
        cases.resume(case=case, actor=committed.bob, at=at, statement="It answers again.")
    verify(committed, case, at)
    cases.resume(case=fresh(case), actor=committed.bob, at=at + HOUR, statement="It answers again.")
    work(at + HOUR)

    case = fresh(case)
    assert (case.state, case.relied_until_at) == ("active", case.expires_at)
    assert [(one.from_at, one.until_at) for one in Period.objects.order_by("pk")] == [
        (AT, FALLS),
        (at + HOUR, case.expires_at),
    ]
    assert "In force again until 2 Mar" in told(smtp_sink, "alice")
    assert_intact()


def test_with_workers_stopped_it_falls_and_once_they_run_it_is_suspended_from_then_and_resumed(
    committed, smtp_sink, case
):
    late = FALLS + 5 * DAY
    assert [ExceptionCase.objects.in_force(at).count() for at in (AT, FALLS - HOUR, FALLS, late)] == [1, 1, 0, 0]
    assert fresh(case).state == "active"

    clock(late)
    work(late)
    assert (fresh(case).state, fresh(case).suspended_at) == ("suspended", FALLS)
    assert [event.kind for event in story(case)].count("case.suspended") == 1
    assert told(smtp_sink, "alice").count("Suspended, do not rely on it") == 1
    verify(committed, case, late)
    cases.resume(case=fresh(case), actor=committed.bob, at=late + HOUR, statement="It answers again.")
    work(late + HOUR)

    spans = [(one.from_at, one.until_at) for one in Period.objects.order_by("pk")]
    assert spans == [(AT, FALLS), (late + HOUR, fresh(case).expires_at)]
    assert [event.kind for event in story(case)][-2:] == ["safeguard.verified", "case.resumed"]
    assert told(smtp_sink, "alice").count("In force again until 2 Mar") == 1
    assert_intact()


def test_with_workers_stopped_for_half_a_year_the_one_reminder_is_left_unsaid_and_it_fell_when_it_fell(
    committed, smtp_sink, case
):
    late = AT + 200 * DAY
    before = [ExceptionCase.objects.in_force(at).count() for at in (AT, FALLS - HOUR, FALLS, late)]

    clock(late)
    remind(late)
    work(late)

    assert before == [1, 1, 0, 0]
    assert [ExceptionCase.objects.in_force(at).count() for at in (AT, FALLS - HOUR, FALLS, late)] == before
    kinds = [event.kind for event in story(case)]
    assert kinds[-2:] == ["case.suspended", "case.expired"]
    assert not Reminder.objects.exists(), "what is over is reminded of by nothing"
    assert "Suspended, do not rely on it" not in told(smtp_sink, "alice"), "overtaken: it has ended"
    assert_intact()


def test_verified_each_time_it_is_due_nobody_hears_of_it_twice(committed, smtp_sink, case):
    pass_days(0, 73)
    verify(committed, case, AT + 73 * DAY)
    pass_days(73, 119)

    assert told(smtp_sink, "alice").count("Verify its safeguards by 7 Feb") == 1
    assert fresh(case).state in {"active", "expiring"}
    assert fresh(case).relied_until_at == fresh(case).expires_at


def test_what_fails_is_told_at_once_and_falls_after_the_grace(committed, smtp_sink, case):
    at = AT + 10 * DAY
    cases.report_failure(safeguard=case.safeguards.get(), actor=committed.alice, at=at, reason="The rule was deleted.")
    work(at)
    assert "A safeguard failed" in told(smtp_sink, "bob")
    text = next(
        one.get_body(("plain",)).get_content() for one in smtp_sink.to("bob@example.org") if "failed" in one["Subject"]
    )
    assert "Unless that is verified, the exception is out of force from" in text
    assert "The rule was deleted." in text

    clock(at + PATIENCE - timedelta(seconds=1))
    assert fresh(case).state == "active"
    clock(at + PATIENCE)
    assert fresh(case).state == "suspended"
    assert_intact()


def test_the_mail_that_asks_says_how_each_safeguard_stands(committed, smtp_sink):
    case = committed.requested(safeguard_required=True)
    verify(committed, case, AT)
    guard = case.safeguards.get()
    cases.report_failure(safeguard=guard, actor=committed.bob, at=AT, reason="It answers from outside.")

    work(AT)

    [asked] = [one for one in smtp_sink.to("bea@example.org") if "Decide by" in one["Subject"]]
    assert "Only from 10.4.0.0/16 (known to fail)" in asked.get_body(("plain",)).get_content()
