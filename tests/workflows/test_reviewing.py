"""Clock-driven: reviews by tier, kept and missed, and every change that opens one, with each event, period and mail."""

from datetime import timedelta

import pytest

from accounts import services as accounts
from catalog import services as catalog
from catalog.models import Control, Identity, Tier, Vendor
from exceptions_app import services as cases
from exceptions_app import triggers
from exceptions_app.models import ExceptionCase, Outcome, Period, Response, Review, State, Trigger
from exceptions_app.reviewing import PATIENCE, WITHIN
from exceptions_app.routing import RoutePlan, StepPlan
from tests.exceptions_app.reading import assert_intact, story
from tests.workflows.stage import AT, fresh, person
from tests.workflows.test_effects import work
from tests.workflows.test_mails import DAY, HOUR, clock, remind, subject
from workflows.models import Reminder

TERMS = {Tier.LOW: 170, Tier.MODERATE: 90, Tier.HIGH: 30, Tier.CRITICAL: 14}
REVIEWED = {Tier.LOW: 90, Tier.MODERATE: 60, Tier.HIGH: 20, Tier.CRITICAL: 7}
"""Every so many days; at high risk a control of these tests wants it sooner than a term lasts."""


def active(stage, tier=Tier.LOW, **fields):
    """In force at this risk, for as long as that allows."""
    control = Control.objects.get()
    if control.review_days_high != REVIEWED[Tier.HIGH]:
        found = {"review_days_high": REVIEWED[Tier.HIGH]}
        catalog.change_control(control=control, version=control.version, actor=None, at=AT - DAY, **found)
    raised = {"raised_tier": tier} if tier > Tier.LOW else {}
    return stage.active(term_days=TERMS[tier], **raised, **fields)


def pass_days(case, first, last, *, stage):
    """The clock comes round every three hours, mails go out, and somebody looks after the safeguards."""
    at = first
    while at < last:
        clock(at)
        remind(at)
        work(at)
        guard = case.safeguards.get()
        if fresh(case).state in {State.ACTIVE, State.EXPIRING} and (
            guard.due_from_at is None or guard.due_from_at <= at
        ):
            cases.verify_safeguard(safeguard=guard, actor=stage.bob, at=at, statement="Refused from outside.")
        at += DAY / 8


def told(sink, name):
    return [subject(one) for one in sink.to(f"{name}@example.org")]


def told_to(words, *names):
    return [(f"{name}@example.org", words) for name in names]


def seen(case, at):
    return set(case.reviews.open(at).values_list("pk", flat=True))


def keep(stage, case, at):
    finding = cases.Finding(Outcome.KEEP, "Read its calls: the nightly job alone.")
    return cases.review(case=case, actor=stage.bob, at=at, finding=finding, seen=seen(case, at))


@pytest.mark.parametrize("tier", [Tier.HIGH, Tier.CRITICAL])
def test_missed_at_high_risk_it_is_out_of_force_at_the_deadline_and_everybody_was_told(committed, smtp_sink, tier):
    accounts.change_group(group=committed.group, lead=person("Lena"), actor=None, at=AT)
    case, due_at = active(committed, tier), AT + REVIEWED[tier] * DAY
    pass_days(case, AT, due_at + DAY, stage=committed)

    case = fresh(case)
    assert (case.state, case.suspended_at) == ("suspended", due_at)
    assert [(one.from_at, one.until_at) for one in Period.objects.all()] == [(AT, due_at)]
    kinds = Reminder.objects.filter(kind__startswith="review").order_by("due_at").values_list("kind", flat=True)
    assert list(kinds) == ["review_open", "review_half", "review_lead", "review_last"]
    assert told(smtp_sink, "bob").count(f"Review by {due_at:%-d %b}") == 1
    assert told(smtp_sink, "lena").count(f"Still to review by {due_at:%-d %b}") >= 1
    assert "Suspended, do not rely on it" in told(smtp_sink, "alice")
    reason = next(event.body["reason"] for event in story(case) if event.kind == "case.suspended")
    assert reason == "Nobody reviewed it in time."
    assert_intact()


@pytest.mark.parametrize("tier", [Tier.LOW, Tier.MODERATE])
def test_missed_at_lower_risk_it_escalates_and_is_then_suspended(committed, smtp_sink, tier):
    accounts.change_group(group=committed.group, lead=person("Lena"), actor=None, at=AT)
    case, due_at = active(committed, tier), AT + REVIEWED[tier] * DAY
    falls_at = due_at + PATIENCE[tier]
    pass_days(case, AT, due_at + HOUR, stage=committed)
    assert f"Review overdue since {due_at:%-d %b}" in told(smtp_sink, "lena")
    assert fresh(case).is_in_force(due_at + HOUR)
    pass_days(case, due_at + HOUR, falls_at + DAY, stage=committed)

    case = fresh(case)
    assert (case.state, case.suspended_at) == ("suspended", falls_at)
    assert Period.objects.get().until_at == falls_at
    assert [event.kind for event in story(case)].count("case.suspended") == 1
    assert told(smtp_sink, "alice").count("Suspended, do not rely on it") == 1
    assert_intact()

    at = falls_at + DAY
    if case.safeguards.get().fresh_until_at < at:
        cases.verify_safeguard(safeguard=case.safeguards.get(), actor=committed.bob, at=at, statement="Refused.")
    cases.resume(case=case, actor=committed.bob, at=at, statement="Read its calls.", seen=seen(case, at))
    assert fresh(case).is_in_force(at)
    assert Review.objects.exclude(outcome="").get().outcome == "keep"


@pytest.mark.parametrize("tier", list(Tier))
def test_with_the_workers_stopped_nothing_outlasts_its_missed_review(committed, tier):
    case = active(committed, tier)
    falls_at = AT + REVIEWED[tier] * DAY + PATIENCE[tier]
    at = AT
    while at < falls_at:
        guard = case.safeguards.get()
        if guard.due_from_at is None or guard.due_from_at <= at:
            cases.verify_safeguard(safeguard=guard, actor=committed.bob, at=at, statement="Refused.")
        at += DAY / 2

    assert fresh(case).is_in_force(falls_at - timedelta(seconds=1))
    assert not fresh(case).is_in_force(falls_at)
    assert fresh(case).state in {"active", "expiring"}


def test_reviewed_in_each_turn_it_lasts_to_its_end(committed, smtp_sink):
    case, tier = active(committed, Tier.CRITICAL), Tier.CRITICAL
    pass_days(case, AT, AT + 6 * DAY, stage=committed)
    keep(committed, case, AT + 6 * DAY)
    pass_days(case, AT + 6 * DAY, AT + 13 * DAY - HOUR, stage=committed)
    keep(committed, case, AT + 13 * DAY - HOUR)
    pass_days(case, AT + 13 * DAY, AT + 15 * DAY, stage=committed)

    case = fresh(case)
    assert (case.state, case.end_reason, case.ended_at >= AT + TERMS[tier] * DAY) == ("closed", "expired", True)
    assert "Suspended, do not rely on it" not in told(smtp_sink, "alice")
    assert_intact()


def test_after_an_outage_one_mail_says_what_is_still_to_review(committed, smtp_sink):
    case = active(committed, Tier.MODERATE)
    for days in (20, 40):
        guard = case.safeguards.get()
        cases.verify_safeguard(safeguard=guard, actor=committed.bob, at=AT + days * DAY, statement="Refused.")
    late = AT + 62 * DAY
    clock(late)
    remind(late)
    work(late)

    assert [words for words in told(smtp_sink, "bea") if "eview" in words] == ["Review overdue since 1 Jan"]


# What changes in the catalog and among people


def fired(case):
    return [(review.trigger, review.why) for review in case.reviews.exclude(trigger=Trigger.CADENCE)]


def vendored(stage):
    vendor = catalog.create_vendor(actor=None, at=AT - DAY, name="Acme", review_on=(AT + 5 * DAY).date())
    identity = Identity.objects.get()
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=AT - DAY, vendor=vendor)
    return vendor


def change_identity(**values):
    identity = Identity.objects.get()
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=AT + DAY, **values)


def change_vendor(**values):
    vendor = Vendor.objects.get(name="Acme")
    catalog.change_vendor(vendor=vendor, version=vendor.version, actor=None, at=AT + DAY, **values)


def tighten(**values):
    control = Control.objects.get()
    catalog.change_control(control=control, version=control.version, actor=None, at=AT + DAY, **values)


def retire_vendor():
    vendor = Vendor.objects.get(name="Acme")
    catalog.retire_vendor(vendor=vendor, version=vendor.version, actor=None, at=AT + DAY)


CHANGES = {
    "identity's owner": (lambda: change_identity(owner=person("Nora")), Trigger.IDENTITY_OWNER_CHANGED),
    "identity's vendor": (lambda: change_identity(vendor=None), Trigger.VENDOR_CHANGED),
    "rotation": (lambda: change_identity(last_rotated_on=AT.date()), Trigger.CREDENTIAL_ROTATED),
    "vendor's record": (lambda: change_vendor(onboarding_ref="VRM-8"), Trigger.VENDOR_CHANGED),
    "vendor retired": (retire_vendor, Trigger.VENDOR_CHANGED),
    "control's cap": (
        lambda: tighten(term_cap_low=30, term_cap_moderate=30, term_cap_high=30, term_cap_critical=14),
        Trigger.CONTROL_TIGHTENED,
    ),
    "control's safeguards": (
        lambda: tighten(required_safeguards={"rotation": Tier.LOW.value}),
        Trigger.CONTROL_TIGHTENED,
    ),
    "control's lifetime": (
        lambda: tighten(
            **{f"term_cap_{tier}": 20 for tier in ("low", "moderate", "high")}
            | {f"lifetime_cap_{tier}": 30 for tier in ("low", "moderate", "high")}
            | {"term_cap_critical": 14}
        ),
        Trigger.CONTROL_TIGHTENED,
    ),
    "control's turn": (lambda: tighten(review_days_low=60), Trigger.CONTROL_TIGHTENED),
    "control allows none": (lambda: tighten(exceptions_allowed=False), Trigger.CONTROL_TIGHTENED),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_in_the_catalog_opens_a_review_once(committed, smtp_sink, name):
    change, trigger = CHANGES[name]
    vendored(committed)
    case = active(committed)
    work(AT)

    change()
    for _ in range(2):
        work(AT + DAY)

    [(found, _why)] = fired(case)
    assert found == trigger
    review = case.reviews.get(trigger=trigger)
    assert (review.opens_at, review.due_at) == (AT + DAY, AT + DAY + WITHIN[Tier.LOW])
    assert told(smtp_sink, "bob").count(f"Review by {review.due_at:%-d %b}") == 1
    assert told(smtp_sink, "alice")[2:] == [f"To be reviewed by {review.due_at:%-d %b}"]
    assert [event.kind for event in story(case)][-2:] == ["case.activated", "review.opened"]
    assert [(one.from_at, one.until_at) for one in Period.objects.all()] == [(AT, fresh(case).expires_at)]
    assert_intact()


@pytest.mark.parametrize(
    "change",
    [
        lambda: change_vendor(contact_name="Zoe", review_on=(AT + 400 * DAY).date()),
        lambda: change_identity(description="Another word for it"),
        lambda: tighten(term_cap_low=170),
        lambda: tighten(term_cap_low=190),
        lambda: tighten(statement="Every 80 days"),
    ],
)
def test_what_changes_nothing_it_rests_on_opens_none(committed, change):
    vendored(committed)
    case = active(committed)
    work(AT)

    change()
    work(AT + DAY)

    assert fired(case) == []


def test_a_vendor_whose_own_review_lapsed_is_looked_at_once_for_each_day_it_was_due(committed, smtp_sink):
    vendored(committed)
    case = active(committed)
    for days in (5, 6, 7):
        clock(AT + days * DAY)
        work(AT + days * DAY)

    assert fired(case) == [("vendor_changed", "The review of Acme was due on 7 November 2026.")]
    change_vendor(review_on=(AT + 20 * DAY).date())
    clock(AT + 21 * DAY)
    assert [why for _trigger, why in fired(case)][1:] == ["The review of Acme was due on 22 November 2026."]


def test_a_vendors_review_that_was_past_when_it_was_approved_concerns_nobody(committed):
    vendored(committed)
    later = AT + 10 * DAY
    case = committed.active(at=later)
    clock(later + DAY)

    assert fired(case) == []


def test_what_changes_between_two_approvals_is_told(committed):
    step = StepPlan("Platform security", committed.group, 2, ("test",), 5 * DAY)
    case = cases.submit(case=committed.draft(), actor=committed.alice, at=AT, router=lambda case: RoutePlan((step,)))
    committed.approve(case)
    identity = Identity.objects.get()
    given = {"version": identity.version, "actor": None, "at": AT + HOUR, "last_rotated_on": AT.date()}
    catalog.change_identity(identity=identity, **given)
    committed.approve(case, actor=committed.bea, at=AT + 2 * HOUR)
    clock(AT + 2 * HOUR)

    work(AT + 3 * HOUR)

    assert [trigger for trigger, _why in fired(case)] == ["credential_rotated"]


def test_what_a_review_took_is_reminded_of_each_week_until_it_is_confirmed(committed, smtp_sink):
    case, at = active(committed, Tier.LOW, grants=2), AT + 73 * DAY
    wide = case.grants.order_by("pk").first()
    finding = cases.Finding(Outcome.NARROW, "One path is enough.", {wide.pk: None})
    cases.review(case=case, actor=committed.bob, at=at, finding=finding, seen=seen(case, at))
    work(at)
    assert "Reviewed, it opens less" in told(smtp_sink, "omar"), "who may confirm it"

    remind(at + 8 * DAY)
    work(at + 8 * DAY)

    [letter] = [one for one in smtp_sink.to("alice@example.org") if subject(one) == "Access not confirmed removed"]
    assert "A review took away part of what this exception opens." in letter.get_body(("plain",)).get_content()


def test_a_case_that_says_so_ends_or_is_suspended_when_it_happens(committed, smtp_sink):
    vendored(committed)
    ends = active(committed, on_change={"vendor_changed": "end"})
    suspends = active(committed.another(), on_change={"control_tightened": "suspend"})
    ignores = active(committed.another(), on_change={"control_tightened": "nothing"})

    tighten(exceptions_allowed=False)
    change_vendor(onboarding_ref="VRM-8")
    for _ in range(2):
        work(AT + DAY)

    assert [fresh(case).state for case in (ends, suspends, ignores)] == ["revoked", "suspended", "active"]
    assert "Revoked, remove access" in told(smtp_sink, "alice")
    assert_intact()


LOOKED_AT = "Review by 5 Dec"
OUT_OF_FORCE = "Suspended, do not rely on it"
WHAT_FOLLOWS = {
    Response.REVIEW: ("active", ["case.change_reported", "review.opened"], told_to(LOOKED_AT, "bea", "bob", "omar")),
    Response.SUSPEND: (
        "suspended",
        ["case.change_reported", "review.opened", "case.suspended"],
        told_to(OUT_OF_FORCE, "bea", "bob", "omar"),
    ),
    Response.END: (
        "revoked",
        ["case.change_reported", "review.opened", "case.revoked"],
        told_to("Revoked, remove access", "omar"),
    ),
}
"""By what the case does then: its state, the events, and each mail; Alice, who said it, is told nothing."""


@pytest.mark.parametrize("trigger", triggers.REPORTED)
@pytest.mark.parametrize("response", [Response.REVIEW, Response.SUSPEND, Response.END])
def test_what_somebody_says_has_changed_does_what_was_approved(committed, smtp_sink, trigger, response):
    case, at = active(committed, on_change={trigger.value: response.value}), AT + 3 * DAY
    work(at)
    came = len(smtp_sink.messages)

    cases.report_change(case=case, actor=committed.alice, at=at, trigger=trigger, what="Found in the journal.")
    for _ in range(2):
        work(at + HOUR)

    case = fresh(case)
    state, followed, subjects = WHAT_FOLLOWS[response]
    assert [event.kind for event in story(case)[-len(followed) :]] == followed
    assert case.state == state
    assert [period.until_at for period in case.periods.all()] == [case.expires_at if state == "active" else at]
    assert fired(case) == [(trigger, "Found in the journal.")]
    assert sorted((message["To"], subject(message)) for message in smtp_sink.messages[came:]) == subjects
    assert_intact()


def test_what_happens_to_it_while_it_is_suspended_is_told_to_who_may_resume_it(committed, smtp_sink):
    case, at = active(committed), AT + 3 * DAY
    cases.suspend(case=case, actor=committed.petra, at=at, reason="Odd calls.")
    work(at)
    came = len(smtp_sink.messages)

    cases.report_change(case=fresh(case), actor=committed.alice, at=at, trigger=Trigger.INCIDENT_LINKED, what="INC-7.")
    work(at + HOUR)

    letters = {message["To"]: message for message in smtp_sink.messages[came:]}
    assert sorted((to, subject(letter)) for to, letter in letters.items()) == told_to(LOOKED_AT, "bea", "bob", "omar")
    said = letters["bob@example.org"].get_body(("plain",)).get_content()
    assert "It is suspended, and stays so until somebody resumes it: that answers this too." in said
    assert [event.kind for event in story(case)[-2:]] == ["case.change_reported", "review.opened"]


def test_owners_leave_three_times_in_a_row(committed, smtp_sink):
    """To the backup, then to a manager, and when that one leaves with nobody behind: suspended."""
    mona = person("Mona")
    dan, berta = person("Dan", manager=mona), person("Berta", manager=mona)
    draft = committed.draft(owner=dan, backup_owner=berta)
    cases.accept_backup(case=draft, actor=berta, at=AT)
    committed.approve(committed.submit(draft))
    clock(AT)
    case = fresh(draft)
    work(AT)

    states = []
    for days, leaver in enumerate((dan, berta, mona), start=1):
        at = AT + days * DAY
        accounts.deactivate(user=leaver, actor=None, at=at)
        clock(at)
        work(at)
        states.append((str(fresh(case).owner), fresh(case).state))

    assert states == [("Berta", "active"), ("Mona", "active"), ("Mona", "suspended")]
    opened = [event.body["why"] for event in story(case) if event.kind == "review.opened"]
    assert opened == [
        "Berta owns it now, Dan has left.",
        "Mona owns it now, Berta has left.",
        "Mona has left, and nobody takes over.",
    ]
    assert told(smtp_sink, "bob") == ["Review by 3 Dec"] * 3 + ["Suspended, do not rely on it"]
    assert told(smtp_sink, "berta")[2:] == ["New owner: Berta", "To be reviewed by 3 Dec"]
    assert told(smtp_sink, "mona") == ["New owner: Mona", "To be reviewed by 3 Dec"]
    kinds = [event.kind for event in story(case)]
    after = ["case.owner_changed", "review.opened"] * 2 + ["review.opened", "case.suspended"]
    assert kinds[kinds.index("case.activated") + 1 :] == after
    assert [(one.from_at, one.until_at) for one in Period.objects.all()] == [(AT, AT + 3 * DAY)]
    assert "Suspended, do not rely on it" in told(smtp_sink, "alice")
    [letter] = [one for one in smtp_sink.to("alice@example.org") if subject(one) == "Suspended, do not rely on it"]
    assert "Nobody owns it: its owner has left, or audits now." in letter.get_body(("plain",)).get_content()
    assert ExceptionCase.objects.in_force(AT + 3 * DAY).count() == 0
    assert_intact()


def test_a_backup_who_left_is_taken_out_by_the_clock(committed):
    berta = person("Berta")
    draft = committed.draft(backup_owner=berta)
    cases.accept_backup(case=draft, actor=berta, at=AT)
    committed.approve(committed.submit(draft))
    clock(AT)
    accounts.deactivate(user=berta, actor=None, at=AT + DAY)

    clock(AT + DAY)
    clock(AT + DAY)

    assert fresh(draft).backup_owner is None
    assert fired(draft) == [("owner_changed", "Its backup owner, Berta, has left.")]
    assert_intact()
