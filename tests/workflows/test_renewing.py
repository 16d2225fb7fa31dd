"""Clock-driven: what nobody uses is asked about; a chain runs to its lifetime cap, and filing anew dodges nothing."""

from collections import Counter
from itertools import pairwise

import pytest

from accounts.errors import NotPossible
from exceptions_app import services as cases
from exceptions_app.models import ExceptionCase, Period
from tests.exceptions_app.reading import assert_intact, story
from tests.workflows.stage import ANSWERS, AT, fresh
from tests.workflows.test_effects import work
from tests.workflows.test_mails import DAY, HOUR, clock, remind, subject
from workflows.models import Reminder

ASKED = "Not used: is it still needed?"


def told(sink, name):
    return [subject(one) for one in sink.to(f"{name}@example.org")]


def pass_time(at):
    clock(at)
    remind(at)
    work(at)


def test_what_nobody_uses_for_a_third_of_its_term_is_asked_about_once(committed, smtp_sink):
    case = committed.active(term_days=30)

    pass_time(AT + 10 * DAY - HOUR)
    assert ASKED not in told(smtp_sink, "alice")
    for hours in (0, 1, 30):
        pass_time(AT + 10 * DAY + hours * HOUR)

    assert told(smtp_sink, "alice").count(ASKED) == 1
    [reminder] = Reminder.objects.filter(kind="unused")
    assert (reminder.case, reminder.due_at) == (case, AT + 10 * DAY)


def test_a_use_on_record_puts_the_question_off(committed, smtp_sink):
    case = committed.active(term_days=30)
    cases.record_use(case=case, actor=committed.alice, at=AT + 9 * DAY, used_at=AT + 8 * DAY, what="The nightly job.")

    pass_time(AT + 17 * DAY)
    assert ASKED not in told(smtp_sink, "alice")
    pass_time(AT + 18 * DAY)

    assert told(smtp_sink, "alice").count(ASKED) == 1


def test_a_use_recorded_before_the_mail_goes_holds_it_back(committed, smtp_sink):
    case = committed.active(term_days=30)
    remind(AT + 10 * DAY)

    cases.record_use(case=case, actor=committed.alice, at=AT + 10 * DAY, used_at=AT + 9 * DAY, what="The nightly job.")
    work(AT + 10 * DAY)

    assert ASKED not in told(smtp_sink, "alice")


def test_what_may_not_be_relied_on_is_not_asked_about(committed):
    case = committed.active(term_days=30)
    cases.suspend(case=case, actor=committed.bob, at=AT + DAY, reason="Odd calls.")

    pass_time(AT + 11 * DAY)

    assert not Reminder.objects.filter(kind="unused").exists()


def renewed(stage, case, at, term_days=60):
    draft = cases.renew(case=fresh(case), actor=stage.alice, at=at, changed={**ANSWERS, "term_days": term_days})
    content = cases.DraftContent({"remediation_on": (at + 80 * DAY).date()})
    draft = cases.save_draft(case=draft, actor=stage.alice, at=at, version=draft.version, content=content)
    stage.submit(draft, at=at)
    stage.approve(draft, at=at)
    return fresh(draft)


def guarded(stage, case, at, until):
    """Verified whenever that is due, with the clock coming round each time."""
    while (guard := case.safeguards.get()).due_from_at is None or guard.due_from_at <= until:
        at = max(guard.due_from_at or at, case.activated_at)
        clock(at)
        cases.verify_safeguard(safeguard=guard, actor=stage.bob, at=at, statement="Refused from outside.")
    clock(until)


def test_a_chain_runs_to_its_lifetime_cap_and_no_other_name_helps(committed, smtp_sink):
    """At low risk 365 days in all, whatever a filing calls itself."""
    chain, at = [committed.active(term_days=60)], AT
    for left in (60, 60, 60, 60, 60, 5):
        end_at = fresh(chain[-1]).expires_at
        guarded(committed, chain[-1], at, end_at - 2 * DAY)
        at = end_at - 2 * DAY
        if left == 5:
            with pytest.raises(NotPossible, match="Only 5 of 365 days are left"):
                renewed(committed, chain[-1], at)
        chain.append(renewed(committed, chain[-1], at, term_days=left))
    last = chain[-1]
    with pytest.raises(NotPossible, match="All 365 days are used up"):
        renewed(committed, last, last.expires_at - DAY)
    guarded(committed, last, at, last.expires_at + HOUR)

    assert [link.renewal_number for link in chain] == [0, 1, 2, 3, 4, 5, 6]
    assert [fresh(link).end_reason for link in chain] == ["superseded"] * 6 + ["expired"]
    periods = list(Period.objects.order_by("from_at"))
    assert all(one.until_at == after.from_at for one, after in pairwise(periods))
    assert periods[-1].until_at - periods[0].from_at == 365 * DAY
    later = last.expires_at + 30 * DAY
    content = cases.DraftContent({**ANSWERS, "remediation_on": (later + 80 * DAY).date()})
    again = cases.duplicate(case=fresh(last), actor=committed.alice, at=later)
    cases.save_draft(case=again, actor=committed.alice, at=later, version=again.version, content=content)
    anew = committed.draft(at=later, title="Something else altogether", **content.fields)
    for dodge in (again, anew):
        with pytest.raises(NotPossible, match="All 365 days are used up"):
            committed.submit(ExceptionCase.objects.get(pk=dodge.pk), at=later)
    work(later)
    told = [one["Subject"].removeprefix("[Stopgap] ") for one in smtp_sink.to("alice@example.org")]
    ends = [f"Ended: {link.reference}" for link in chain[:-1]] + [f"Ended, remove access: {last.reference}"]
    assert sorted(one.partition(" Old key")[0] for one in told) == sorted(ends)
    kinds = Counter(event.kind for link in chain for event in story(link))
    assert [kinds[one] for one in ("case.activated", "case.superseded", "case.expired")] == [7, 6, 1]
    assert not any(one.is_in_force(later) for one in ExceptionCase.objects.all())
    assert_intact()


def test_with_the_workers_stopped_a_renewal_takes_over_at_the_end_and_is_told_once_afterwards(committed, smtp_sink):
    """Nothing sweeps from the approval on until five days past the end."""
    before = committed.active(term_days=60)
    end_at = before.expires_at
    heir = renewed(committed, before, end_at - 10 * DAY)
    work(end_at - 10 * DAY)
    came = len(smtp_sink.messages)
    for at, relied in ((end_at - HOUR, before), (end_at, heir), (end_at + 4 * DAY, heir)):
        assert list(ExceptionCase.objects.in_force(at)) == [relied]

    for _ in range(2):
        pass_time(end_at + 5 * DAY)

    assert (fresh(before).state, fresh(before).end_reason) == ("closed", "superseded")
    assert (fresh(heir).state, fresh(heir).activated_at) == ("active", end_at)
    assert list(Period.objects.order_by("from_at").values_list("case", "from_at", "until_at")) == [
        (before.pk, AT, end_at),
        (heir.pk, end_at, end_at + 60 * DAY),
    ]
    kinds = Counter(event.kind for event in [*story(before), *story(heir)])
    assert (kinds["case.superseded"], kinds["case.activated"], kinds["case.expired"]) == (1, 2, 0)
    mails = sorted((subject(message), message["To"]) for message in smtp_sink.messages[came:])
    assert mails == [("Ended", "alice@example.org"), ("Ended", "omar@example.org")]
    assert_intact()
