"""Reviews happen or the exception stops counting: no worker is needed for that, and who gains answers none."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible, Stale
from catalog.models import Tier
from exceptions_app import judges, services
from exceptions_app.models import ExceptionCase, Outcome, Period, RemovalHow, RemovalState, Response, Review, Trigger
from exceptions_app.reviewing import PATIENCE, WITHIN
from exceptions_app.scope import Scope
from exceptions_app.services import Finding
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh, shown, stand_in

pytestmark = pytest.mark.django_db
DUE = START + 60 * DAY
"""Moderate risk is looked at every 60 days."""
FALLS = DUE + PATIENCE[Tier.MODERATE]


@pytest.fixture
def case(world):
    """Ninety days at moderate risk, its safeguards looked after until past its review."""
    return guarded(world, world.active(term_days=90))


@pytest.fixture
def new(world):
    """The same, just begun."""
    return world.active(term_days=90)


def guarded(world, case):
    """Its safeguards verified until the 40th day, and nobody reviews it."""
    for days in (20, 40):
        for guard in case.safeguards.all():
            services.verify_safeguard(safeguard=guard, actor=world.connie, at=START + days * DAY, statement="It fires.")
    return fresh(case)


def keep(world, case, at, actor=None):
    return world.review(case, at, actor=actor)


def find(outcome, **found):
    return Finding(outcome, "Looked at the calls of a month.", **found)


def test_its_first_review_is_written_with_the_start_and_open_in_its_last_fifth(world):
    case = world.active(term_days=90)
    review = case.reviews.get()

    assert (review.trigger, review.due_at, review.opens_at) == (Trigger.CADENCE, DUE, START + 48 * DAY)
    assert (review.lead_from_at, review.fallback_from_at, review.falls_at) == (DUE, DUE + PATIENCE[2] / 2, FALLS)
    assert not case.reviews.open(START + 47 * DAY).exists()
    assert case.reviews.open(START + 48 * DAY).exists()


def test_what_ends_before_its_turn_has_no_review(world):
    assert not world.active(term_days=60).reviews.exists()


@pytest.mark.parametrize(("tier", "days"), [(Tier.HIGH, 20), (Tier.CRITICAL, 5)])
def test_missed_at_high_risk_it_is_out_of_force_at_the_deadline_with_every_worker_stopped(world, tier, days):
    control = world.make_control("NHI-RVW-01", review_days_high=20, review_days_critical=5)
    term = 30 if tier == Tier.HIGH else 14
    case = world.active(term_days=term, control=control, raised_tier=tier)
    due_at = START + days * DAY
    for at in range(1, days):
        services.verify_safeguard(
            safeguard=case.safeguards.get(), actor=world.connie, at=START + at * DAY, statement="It fires."
        )

    case = fresh(case)
    assert case.relied_until_at == due_at
    assert case.is_in_force(due_at - HOUR)
    assert not case.is_in_force(due_at)
    assert case.standing_at(due_at) == ("suspended", "")
    assert services.fall(case=case, at=due_at + DAY)
    assert (fresh(case).suspended_at, Period.objects.get().until_at) == (due_at, due_at)
    assert body(case, "case.suspended")["reason"] == "Nobody reviewed it in time."
    assert_intact()


def test_missed_at_moderate_risk_it_goes_to_those_behind_and_is_out_of_force_after_its_patience(world, case):
    assert case.is_in_force(DUE + HOUR)
    assert case.is_in_force(FALLS - HOUR)
    assert not case.is_in_force(FALLS)
    assert services.fall(case=case, at=FALLS)
    assert "Nobody reviewed it in time." in body(case, "case.suspended")["reason"]


def test_a_review_kept_extends_what_may_be_relied_on(world, case):
    at = START + 50 * DAY

    keep(world, case, at)

    case, review = fresh(case), Review.objects.order_by("pk").first()
    assert (review.outcome, review.reviewed_by, review.reviewed_at) == (Outcome.KEEP, world.connie, at)
    assert not case.reviews.unanswered().exists(), "it ends before its next turn"
    assert case.is_in_force(FALLS)
    assert (last(case).kind, body(case, "case.reviewed")["outcome"]) == ("case.reviewed", "keep")
    assert body(case, "case.reviewed")["triggers"] == ["cadence"]
    assert_intact()


def test_one_look_answers_everything_there_is_to_look_at(world, new):
    at = START + 10 * DAY
    for what in ("INC-1", "INC-2"):
        services.report_change(case=new, actor=world.olga, at=at, trigger=Trigger.CODE_CHANGED, what=what)
    assert new.reviews.unanswered().count() == 3

    keep(world, new, at + HOUR)

    assert new.reviews.exclude(outcome="").count() == 3
    [upcoming] = new.reviews.unanswered()
    assert (upcoming.trigger, upcoming.due_at) == (Trigger.CADENCE, at + HOUR + 60 * DAY)
    assert body(new, "case.reviewed")["triggers"] == ["code_changed", "code_changed"]


def test_nobody_reviews_what_was_not_shown_to_them(world, case):
    at = START + 50 * DAY
    seen = shown(case, at)
    services.report_change(case=case, actor=world.olga, at=at, trigger=Trigger.CODE_CHANGED, what="v2 is out")

    with refused(Stale, case, says="Something else happened"):
        services.review(case=case, actor=world.connie, at=at, finding=find(Outcome.KEEP), seen=seen)


def test_nobody_reviews_before_it_is_open(world, case):
    with refused(NotAllowed, case, says="No review of it is open"):
        keep(world, case, START + 41 * DAY)


@pytest.mark.parametrize("name", ["alice", "olga", "olive"])
def test_who_gains_reviews_nothing(world, case, name):
    with refused(NotAllowed, case, says="someone else reviews"):
        keep(world, case, START + 50 * DAY, getattr(world, name))


@pytest.mark.parametrize("name", ["sven", "petra", "mallory", "frida"])
def test_only_those_of_its_last_step_and_the_controls_owner_review(world, case, name):
    with refused(NotAllowed, case, says="review this"):
        keep(world, case, START + 50 * DAY, getattr(world, name))


@pytest.mark.parametrize("name", ["bob", "carol", "connie"])
def test_those_of_its_last_step_and_the_controls_owner_review(world, case, name):
    keep(world, case, START + 50 * DAY, getattr(world, name))


def test_after_its_time_it_goes_to_the_lead_and_then_to_the_fallback_group(world, case):
    lead = world.person("Lea")
    people.change_group(group=world.group, actor=None, at=START, lead=lead)
    frida = world.frida

    def who(at):
        return {sitter.user.name for sitter in judges.reviewers(case, at)}

    assert who(DUE - HOUR) == {"Bob", "Carol", "Connie"}
    assert who(DUE) == {"Bob", "Carol", "Connie", "Lea"}
    assert who(DUE + PATIENCE[2] / 2) == {"Bob", "Carol", "Connie", "Lea", frida.name}


def test_who_stands_in_reviews_for_the_absent_unless_they_gain(world, case):
    stand_in(world.connie, world.mallory, begins=START + 40 * DAY, days=15)
    keep(world, case, START + 50 * DAY, world.mallory)


def test_a_missed_review_is_not_answered_afterwards_but_resumed(world, case):
    at = FALLS + DAY
    with refused(NotPossible, case, says="It has to be resumed"):
        keep(world, case, at)
    services.fall(case=case, at=at)
    guard = case.safeguards.get()
    services.verify_safeguard(safeguard=guard, actor=world.connie, at=at, statement="It fires.")

    with refused(Stale, case, says="Something else happened"):
        services.resume(case=case, actor=world.connie, at=at, statement="All well.")
    services.resume(case=case, actor=world.connie, at=at, statement="All well.", seen=shown(case, at))

    case = fresh(case)
    assert case.is_in_force(at)
    assert not case.reviews.unanswered().exists()
    assert_intact()


def test_narrowed_it_opens_less_at_once_and_owes_proof_that_the_rest_is_gone(world):
    case = world.active(term_days=90, grants=[world.grant("kv/erp/*", actions=("read", "write")), world.grant()])
    case = guarded(world, case)
    wide, other = case.grants.order_by("pk")
    left = {wide.pk: Scope(("read",), "kv/erp/key"), other.pk: None}
    at = START + 50 * DAY

    services.review(case=case, actor=world.connie, at=at, finding=find(Outcome.NARROW, left=left), seen=shown(case, at))

    wide, other = fresh(wide), fresh(other)
    assert (wide.opens, other.opens) == (Scope(("read",), "kv/erp/key"), None)
    assert wide.taken == {"actions": ["read", "write"], "resource": "kv/erp/*", "networks": []}
    assert {wide.removal_state, other.removal_state} == {RemovalState.OWED}
    assert fresh(case).is_in_force(at)
    services.confirm_removal(grant=wide, actor=world.connie, at=at + DAY, how=RemovalHow.PERMISSION_REMOVED)
    services.confirm_removal(grant=other, actor=world.connie, at=at + DAY, how=RemovalHow.SECRET_ROTATED)
    assert (fresh(wide).removal_state, fresh(wide).taken) == (RemovalState.NOT_OWED, None)
    assert fresh(other).removal_state == RemovalState.CONFIRMED

    services.expire(case=case, at=case.expires_at)
    assert (fresh(wide).removal_state, fresh(other).removal_state) == (RemovalState.OWED, RemovalState.CONFIRMED)
    assert_intact()


def test_what_was_taken_and_not_confirmed_is_part_of_what_the_end_owes(world):
    case = guarded(world, world.active(term_days=90, grants=[world.grant("kv/erp/*")]))
    grant, at = case.grants.get(), START + 50 * DAY
    left = {grant.pk: Scope(("read",), "kv/erp/key")}
    services.review(case=case, actor=world.bob, at=at, finding=find(Outcome.NARROW, left=left), seen=shown(case, at))

    services.complete(case=case, actor=world.olga, at=at + DAY, reason="Done.")

    grant = fresh(grant)
    assert (grant.removal_state, grant.removal_owed_at, grant.taken) == (RemovalState.OWED, at, None)
    with refused(NotPossible, case, says="Say how access was removed"):
        services.confirm_removal(grant=grant, actor=world.connie, at=at + 2 * DAY, how=RemovalHow.PERMISSION_REMOVED)


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        (Scope(("read", "write"), "kv/erp/key"), "lie within what is open"),
        (Scope(("read",), "kv/*"), "lie within what is open"),
        (Scope(("read",), "kv/erp/key"), "Nothing is taken away"),
        (None, "Nothing would be left"),
    ],
)
def test_narrowing_only_takes(world, case, left, sentence):
    grant, at = case.grants.get(), START + 50 * DAY

    with refused(NotPossible, case, says=sentence):
        services.review(
            case=case,
            actor=world.connie,
            at=at,
            finding=find(Outcome.NARROW, left={grant.pk: left}),
            seen=shown(case, at),
        )


def test_shortened_it_ends_sooner_and_what_was_to_follow_waits_for_another_look(world, case):
    at, until_at = START + 50 * DAY, START + 70 * DAY
    finding = find(Outcome.SHORTEN, until_at=until_at)

    services.review(case=case, actor=world.connie, at=at, finding=finding, seen=shown(case, at))

    case = fresh(case)
    assert (case.expires_at, case.relied_until_at, case.periods.get().until_at) == (until_at, until_at, until_at)
    assert case.is_in_force(until_at - HOUR)
    assert not case.is_in_force(until_at)
    assert_intact()


@pytest.mark.parametrize(
    ("days", "sentence"), [(90, "no later than that already"), (50, "That is past"), (None, "day")]
)
def test_shortening_never_lengthens(world, case, days, sentence):
    at = START + 50 * DAY
    finding = find(Outcome.SHORTEN, until_at=None if days is None else START + days * DAY)

    with refused(NotPossible, case, says=sentence):
        services.review(case=case, actor=world.connie, at=at, finding=finding, seen=shown(case, at))


def test_its_owner_shortens_it_too(world, new):
    until_at = START + 20 * DAY
    services.shorten(case=new, actor=world.olga, at=START + DAY, until_at=until_at, reason="Connector came early.")

    assert fresh(new).expires_at == until_at
    with refused(NotAllowed, new, says="shortens this"):
        services.shorten(case=new, actor=world.mallory, at=START + DAY, until_at=START + 5 * DAY, reason="No.")


def test_revoked_by_its_review_it_owes_its_removal(world, case):
    at = START + 50 * DAY
    services.review(case=case, actor=world.bob, at=at, finding=find(Outcome.REVOKE), seen=shown(case, at))

    assert events(case)[-2:] == ["case.reviewed", "case.revoked"]
    assert case.grants.get().removal_state == RemovalState.OWED
    assert not fresh(case).is_in_force(at)
    assert_intact()


def test_a_review_says_why(world, case):
    at = START + 50 * DAY
    with refused(NotPossible, case, says="Say what you looked at"):
        services.review(case=case, actor=world.bob, at=at, finding=Finding(Outcome.KEEP, " "), seen=shown(case, at))


# What changes


def report(case, actor, trigger, at=START + DAY):
    return services.report_change(case=case, actor=actor, at=at, trigger=trigger, what="INC-77 names this key.")


def test_each_change_is_pinned_with_what_is_asked(world):
    case = world.requested(on_change={"code_changed": "end"})

    assert case.on_change["code_changed"] == "end"
    assert case.on_change["incident_linked"] == "suspend", "what its kind does"
    assert set(case.on_change) == {trigger.value for trigger in Trigger if trigger != Trigger.CADENCE}
    assert case.routes.get().document["ask"]["on_change"] == case.on_change


def test_a_change_opens_a_review_that_counts(world, new):
    at = START + DAY
    report(new, world.olga, Trigger.FIX_AVAILABLE)

    review = new.reviews.get(trigger=Trigger.FIX_AVAILABLE)
    assert (review.opens_at, review.due_at) == (at, at + WITHIN[Tier.MODERATE])
    assert review.why == "INC-77 names this key."
    assert fresh(new).relied_until_at == at + WITHIN[Tier.MODERATE] + PATIENCE[Tier.MODERATE]
    assert events(new)[-2:] == ["case.change_reported", "review.opened"]
    assert_intact()


def test_a_change_suspends_where_it_says_so_and_resuming_answers_it(world, new):
    report(new, world.olga, Trigger.INCIDENT_LINKED)

    assert fresh(new).state == "suspended"
    at = START + 2 * DAY
    services.resume(case=new, actor=world.connie, at=at, statement="It was not this key.", seen=shown(new, at))
    assert fresh(new).is_in_force(at)
    assert new.reviews.get(trigger=Trigger.INCIDENT_LINKED).reviewed_by == world.connie
    assert_intact()


def test_a_change_ends_it_where_it_says_so(world):
    case = world.active(on_change={"ticket_closed": "end"})
    report(case, world.olga, Trigger.TICKET_CLOSED)

    assert fresh(case).state == "revoked"
    assert body(case, "case.revoked")["reason"] == "Its ticket was closed: INC-77 names this key."
    assert_intact()


def test_where_it_does_not_listen_only_the_report_is_on_record(world):
    case = world.active(on_change={"code_changed": "nothing"})
    before = fresh(case).relied_until_at
    report(case, world.olga, Trigger.CODE_CHANGED)

    assert last(case).kind == "case.change_reported"
    assert fresh(case).relied_until_at == before


def test_what_is_approved_and_not_started_is_asked_again(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    report(case, world.olga, Trigger.FIX_AVAILABLE, START + HOUR)
    assert fresh(case).state == "requested"

    world.approve(case, START + 2 * HOUR)

    assert fresh(case).state == "approved"
    assert not case.reviews.unanswered().exists(), "approving it anew answers that"
    assert_intact()


def test_an_approval_that_ends_at_a_change_ends(world):
    case = world.approved(safeguards=[world.safeguard(required=True)], on_change={"fix_available": "end"})
    report(case, world.olga, Trigger.FIX_AVAILABLE, START + HOUR)
    assert fresh(case).state == "revoked"


@pytest.mark.parametrize("trigger", [Trigger.OWNER_CHANGED, Trigger.CONTROL_TIGHTENED, Trigger.CADENCE])
def test_what_stopgap_sees_by_itself_nobody_reports(world, new, trigger):
    with refused(NotPossible, new, says="Choose what changed"):
        report(new, world.olga, trigger)


def test_only_those_concerned_report_a_change(world, new):
    with refused(NotAllowed, new, says="something changed"):
        report(new, world.mallory, Trigger.CODE_CHANGED)


def test_an_exception_that_nothing_can_end_is_not_asked_for(world):
    draft = world.draft(on_change={t.value: "nothing" for t in Trigger if t != Trigger.CADENCE})
    with refused(NotPossible, draft, says="nothing can end"):
        world.submit(draft, START)


def test_a_new_owner_opens_a_review(world, new):
    newcomer = world.person("Nora")
    services.offer_ownership(case=new, actor=world.olga, at=START + DAY, to=newcomer, reason="I move on.")
    services.accept_ownership(case=new, actor=newcomer, at=START + DAY)

    assert new.reviews.get(trigger=Trigger.OWNER_CHANGED).why == "Nora took it over."


def test_one_cause_opens_one_review_of_a_case_however_often_it_is_told(world, new):
    for _ in range(2):
        told = {"trigger": Trigger.VENDOR_CHANGED, "why": "Acme was sold.", "cause": "vendors/acme 7"}
        services.fire_many(keys=[new.pk], at=START + DAY, **told)

    assert new.reviews.filter(trigger=Trigger.VENDOR_CHANGED).count() == 1


def test_a_change_after_it_fell_is_told_after_its_fall(world, case):
    services.fire_many(keys=[case.pk], trigger=Trigger.VENDOR_CHANGED, why="Acme was sold.", cause="x", at=FALLS + DAY)

    assert fresh(case).suspended_at == FALLS
    assert events(case)[-2:] == ["case.suspended", "review.opened"]


def test_a_backup_owner_who_left_is_no_longer_named_and_that_opens_a_review(world):
    backup = world.person("Berta")
    case = world.draft(backup_owner=backup)
    services.accept_backup(case=case, actor=backup, at=START)
    world.submit(case, START)
    case = world.activate(world.approve(case, START), START)
    people.deactivate(user=backup, actor=None, at=START + DAY)

    services.let_backup_go(case=case, at=START + DAY)

    case = fresh(case)
    assert (case.backup_owner, case.reviews.unanswered().get().trigger) == (None, Trigger.OWNER_CHANGED)
    assert services.let_backup_go(case=case, at=START + DAY) is None
    assert ExceptionCase.objects.filter(editors__person=backup).exists(), "who answered for it never judges it"
    assert case.on_change["owner_changed"] == Response.REVIEW
    assert_intact()


# What a stranger found


def renewed(world, case, at, **fields):
    """The case's renewal, approved at that instant: activated ahead."""
    return fresh(world.approve(world.renewal(case, at, **fields), at))


def test_a_change_that_concerns_a_case_and_its_renewal_is_told_to_both(world):
    case = world.active(term_days=30)
    heir = renewed(world, case, START + DAY)
    told = {"trigger": Trigger.IDENTITY_OWNER_CHANGED, "why": "Nora owns it.", "cause": "identities/erp 2"}

    fired = services.fire_many(keys=[heir.pk, case.pk], at=START + 8 * DAY, **told)

    assert [row.pk for row in fired] == [case.pk, heir.pk]
    assert_intact()


@pytest.mark.parametrize("does", ["suspend", "end"])
def test_what_holds_back_its_renewal_is_told_to_both_too(world, does):
    case = world.active(term_days=30, on_change={"identity_owner_changed": does})
    heir = renewed(world, case, START + DAY)
    told = {"trigger": Trigger.IDENTITY_OWNER_CHANGED, "why": "Nora owns it.", "cause": "identities/erp 2"}

    services.fire_many(keys=[case.pk, heir.pk], at=START + 8 * DAY, **told)

    assert {fresh(case).state, fresh(heir).state} <= {"suspended", "revoked"}
    assert_intact()


@pytest.mark.parametrize("outcome", [Outcome.NARROW, Outcome.SHORTEN])
def test_what_a_review_takes_no_renewal_gives_back_unseen(world, outcome):
    case = world.active(term_days=80, grants=[world.grant("kv/erp/*", actions=("read", "write"))])
    case = guarded(world, case)
    at = START + 50 * DAY
    heir = renewed(world, case, at)
    assert heir.state == "active"
    left = {case.grants.get().pk: Scope(("read",), "kv/erp/key")}
    finding = find(outcome, left=left, until_at=START + 70 * DAY)

    services.review(case=case, actor=world.connie, at=at, finding=finding, seen=shown(case, at))

    assert fresh(heir).state == "suspended"
    assert "A review left less of" in body(heir, "case.suspended")["reason"]
    assert_intact()


def test_who_reviews_nothing_answers_none_by_suspending_and_resuming(world):
    desk = world.make_group("Desk", "Dora")
    draft = world.draft(term_days=90)
    world.submit(draft, START, router=world.routed((desk, 1), (world.group, 1)))
    world.approve(draft, START, actor=world.person("Dora"))
    case = guarded(world, world.activate(world.approve(draft, START), START))
    at, dora = START + 50 * DAY, world.person("Dora")
    services.suspend(case=case, actor=dora, at=at, reason="Odd calls.")

    with refused(NotAllowed, case, says="A review of it is open"):
        services.resume(case=case, actor=dora, at=at, statement="All well.", seen=shown(case, at))
    services.resume(case=case, actor=world.connie, at=at, statement="All well.", seen=shown(case, at))


def test_resuming_before_its_turn_moves_no_turn(world):
    desk = world.make_group("Desk", "Dora")
    draft = world.draft(term_days=90)
    world.submit(draft, START, router=world.routed((desk, 1), (world.group, 1)))
    world.approve(draft, START, actor=world.person("Dora"))
    case = world.activate(world.approve(draft, START), START)
    services.suspend(case=case, actor=world.person("Dora"), at=START + DAY, reason="Odd calls.")
    services.resume(case=case, actor=world.person("Dora"), at=START + 20 * DAY, statement="All well.")

    assert case.reviews.get().due_at == DUE


def test_a_page_opened_before_something_changed_approves_nothing_anew(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    before = case.digest
    report(case, world.olga, Trigger.FIX_AVAILABLE, START + HOUR)

    with refused(Stale, case):
        world.approve(case, START + 2 * HOUR, digest=before)
    assert not case.reviews.exclude(outcome="").exists()


def test_what_has_not_begun_is_not_shortened_to_before_its_start(world):
    case = world.active(term_days=30)
    heir = renewed(world, case, START + DAY)

    with refused(NotPossible, heir, says="before its start"):
        services.shorten(case=heir, actor=world.olga, at=START + 2 * DAY, until_at=START + 5 * DAY, reason="Soon.")


def test_who_reviewed_it_does_not_own_it_afterwards(world, case):
    keep(world, case, START + 50 * DAY, world.carol)

    with refused(NotPossible, case, says="cannot own this"):
        services.offer_ownership(case=case, actor=world.olga, at=START + 51 * DAY, to=world.carol, reason="I move on.")


def test_it_ends_when_its_owner_leaves_where_it_says_so_though_nobody_takes_over(world):
    alone = world.person("Otto")
    case = world.active(owner=alone, on_change={"owner_changed": "end"})
    people.deactivate(user=alone, actor=None, at=START + DAY)

    services.hand_over_orphan(case=case, at=START + DAY)

    assert fresh(case).state == "revoked"
    assert "Otto has left, and nobody takes over." in body(case, "case.revoked")["reason"]


def test_the_owner_of_a_system_ends_nothing_by_a_report(world):
    case = world.active(on_change={"ticket_closed": "end"})

    report(case, world.sven, Trigger.TICKET_CLOSED)

    assert fresh(case).state == "suspended"


def test_reports_of_one_kind_do_not_pile_up(world, new):
    for number in range(5):
        services.report_change(
            case=new, actor=world.alice, at=START + DAY, trigger=Trigger.CODE_CHANGED, what=f"Release {number}"
        )
    with refused(NotPossible, new, says="on record already"):
        report(new, world.alice, Trigger.CODE_CHANGED)


def test_a_fall_is_on_record_before_a_handover_suspends_it(world):
    case = guarded(world, world.active(term_days=90, on_change={"owner_changed": "suspend"}))
    nina = world.person("Nina")
    services.offer_ownership(case=case, actor=world.olga, at=START + 60 * DAY, to=nina, reason="I move on.")

    services.accept_ownership(case=case, actor=nina, at=FALLS + 2 * DAY)

    assert fresh(case).suspended_at == FALLS


def test_what_is_over_is_ended_by_its_time_and_by_no_change(world):
    case = world.active(on_change={"vendor_changed": "end"})
    told = {"trigger": Trigger.VENDOR_CHANGED, "why": "Acme was sold.", "cause": "vendors/acme 7"}

    assert services.fire_many(keys=[case.pk], at=case.expires_at, **told) == []
    services.expire(case=case, at=case.expires_at)

    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "expired")


def test_a_returned_draft_forgets_what_its_kind_does(world):
    case = world.requested(on_change={"code_changed": "end"})
    services.ask_for_changes(case=case, actor=world.bob, at=START, digest=case.digest, reason="Too wide.")

    assert fresh(case).on_change == {"code_changed": "end"}
