"""From approved to active: guarded, still rightly approved, once, within both clocks, whoever else is due."""

import pytest

from accounts import services as people
from accounts.errors import NotPossible
from catalog import services as catalog
from catalog.models import Environment, Tier
from exceptions_app import ask, judges, services
from exceptions_app.models import Decision, ExceptionCase, Period, State
from exceptions_app.routing import RoutePlan, StepPlan
from tests.exceptions_app.reading import assert_intact, body, events, last
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def test_the_clock_activates_and_signs_as_itself(world):
    case = world.approved()

    case = world.activate(case, START + DAY)

    assert (case.state, case.activated_at, case.expires_at) == ("active", START + DAY, START + 31 * DAY)
    period = Period.objects.get()
    assert (period.from_at, period.until_at) == (START + DAY, START + 31 * DAY)
    event = last(case)
    assert (event.kind, event.actor_kind, event.actor_id, event.at) == ("case.activated", "clock", None, START + DAY)
    assert case.history.first().history_user is None
    assert case.history.first().history_date == START + DAY
    assert case.is_in_force(START + DAY)
    assert not case.is_in_force(START + DAY - HOUR)
    assert not case.is_in_force(START + 31 * DAY)
    assert_intact()


def test_activating_again_changes_nothing(world):
    case = world.active()
    seen = events(case)

    assert not services.activate(case=case, at=START + DAY, router=world.router)

    assert events(case) == seen
    assert Period.objects.count() == 1


def test_nothing_starts_before_its_planned_start(world):
    case = world.approved(planned_start_at=START + 3 * DAY)

    assert world.activate(case, START + 3 * DAY - HOUR).state == "approved"
    assert world.activate(case, START + 3 * DAY).state == "active"


def test_nothing_starts_before_required_safeguards_are_verified(world):
    case = world.approved(safeguards=[world.safeguard(required=True), world.safeguard("Nice to have")])
    assert world.activate(case, START + HOUR).state == "approved"

    services.verify_safeguard(
        safeguard=case.safeguards.get(required=True), actor=world.bob, at=START + HOUR, statement="Alert fired."
    )

    assert world.activate(case, START + 2 * HOUR).state == "active"
    assert_intact()


def test_what_is_not_started_in_time_lapses(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    deadline = case.activate_by_at
    assert deadline == START + 14 * DAY

    assert not services.lapse(case=case, at=deadline - HOUR)
    assert world.activate(case, deadline).state == "approved"
    assert services.lapse(case=case, at=deadline)

    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "lapsed")
    assert not Period.objects.exists()


LOSSES = {
    "left the group": lambda world: people.remove_member(group=world.group, member=world.bob, actor=None, at=START),
    "left the company": lambda world: people.deactivate(user=world.bob, actor=None, at=START),
    "became an auditor": lambda world: people.set_roles(user=world.bob, actor=None, at=START, is_auditor=True),
    "came to own the identity": lambda world: catalog.change_identity(
        identity=world.identity, version=1, actor=None, at=START, owner=world.bob
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_an_approver_who_lost_eligibility_reopens_the_case(world, loss):
    case = world.approved()
    LOSSES[loss](world)

    case = world.activate(case, START + HOUR)

    assert (case.state, case.approved_at, case.approved_term_seconds) == ("requested", None, None)
    assert Decision.objects.get().voided_at == START + HOUR
    assert body(case, "case.reopened")["reason"] == "approver_lost_eligibility"
    assert case.decide_by_at == START + HOUR + world.decide_within
    assert world.approve(case, START + 2 * HOUR, actor=world.carol).state == "approved"
    assert world.activate(case, START + 2 * HOUR).state == "active"
    assert_intact()


def test_an_approver_who_accepted_to_be_backup_reopens_the_case(world):
    case = world.approved(backup_owner=world.bob)
    services.accept_backup(case=case, actor=world.bob, at=START + HOUR)

    assert world.activate(case, START + HOUR).state == "requested"


def test_a_fallback_approver_who_left_the_fallback_reopens_the_case(world):
    empty = world.make_group("Nobody yet")
    case = world.requested(router=world.routed((empty, 1)))
    world.approve(case, START, actor=world.frida)
    people.add_member(group=world.fallback, member=world.person("Fred"), actor=None, at=START)
    people.remove_member(group=world.fallback, member=world.frida, actor=None, at=START)

    assert world.activate(case, START + HOUR).state == "requested"
    assert world.approve(case, START + HOUR, actor=world.person("Fred")).state == "approved"


def test_one_of_two_lost_asks_only_for_another_one(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)
    world.approve(case, START, actor=world.carol)
    nina = world.person("Nina")
    people.add_member(group=world.group, member=nina, actor=None, at=START)
    LOSSES["left the group"](world)

    assert world.activate(case, START + HOUR).state == "requested"
    assert world.approve(case, START + HOUR, actor=nina).state == "approved"
    assert world.activate(case, START + HOUR).state == "active"


def test_what_is_reopened_after_a_fact_changed_asks_its_first_step_again_and_gives_it_its_time(world):
    later = world.make_group("Later", "Carol", "Nina")
    asked = ((world.group, 5 * DAY), (later, 2 * DAY))
    plan = RoutePlan(tuple(StepPlan(group.name, group, 1, ("test",), within) for group, within in asked))
    case = world.requested(router=lambda case: plan)
    world.approve(case, START)
    world.approve(case, START, actor=world.carol)
    catalog.change_control(control=world.control, version=1, actor=None, at=START, title="Rotation, by the quarter")
    people.remove_member(group=later, member=world.carol, actor=None, at=START)

    case = world.activate(case, START + HOUR)

    assert (case.state, judges.current_step(case).order) == ("requested", 1)
    assert not Decision.objects.filter(voided_at=None).exists()
    assert case.digest == ask.digest_of(ask.document(case)), "what an answer has to name from now on"
    assert events(case)[-2:] == ["case.reopened", "case.facts_changed"]
    assert body(case, "case.facts_changed")["voided_decisions"] == 1
    assert case.decide_by_at == START + HOUR + 5 * DAY
    assert_intact()


def test_a_risen_floor_reopens_with_a_new_route(world):
    case = world.approved(term_days=60)
    catalog.change_system(system=world.system, version=1, actor=None, at=START, criticality=Tier.CRITICAL)

    case = world.activate(case, START + HOUR)

    assert (case.state, case.risk_tier) == ("requested", Tier.HIGH)
    assert [bool(route.voided_at) for route in case.routes.order_by("round")] == [True, False]
    assert events(case)[-2:] == ["case.reopened", "case.rerouted"]
    assert body(case, "case.reopened")["from_tier"] == Tier.MODERATE
    case = world.approve(case, START + 2 * HOUR)
    assert case.approved_term_seconds == 30 * 86400, "cut to the higher tier's cap"
    case = world.activate(case, START + 2 * HOUR)
    assert case.expires_at == START + 2 * HOUR + 30 * DAY
    assert_intact()


def test_a_fallen_floor_changes_nothing(world):
    case = world.approved()
    catalog.change_control(control=world.control, version=1, actor=None, at=START, severity=Tier.LOW)

    case = world.activate(case, START + HOUR)

    assert (case.state, case.risk_tier) == ("active", Tier.MODERATE)


def no_rule(case):
    raise NotPossible("No rule says who decides this.")


@pytest.mark.parametrize("router", [no_rule, lambda case: RoutePlan(())], ids=["refuses", "has no steps"])
def test_a_case_that_cannot_be_routed_anew_holds_up_no_other(world, router):
    case = world.approved()
    catalog.change_system(system=world.system, version=1, actor=None, at=START, criticality=Tier.CRITICAL)
    other = world.approved(
        identity=world.make_identity("payroll"), grants=[world.grant(system=world.make_system("Ledger"))]
    )

    services.activate_many(keys=[case.pk, other.pk], at=START + HOUR, router=router)

    assert fresh(other).state == "active"
    assert (fresh(case).state, fresh(case).risk_tier) == ("approved", Tier.MODERATE)
    assert_intact()


def test_nothing_starts_for_an_owner_who_left(world):
    case = world.approved()
    people.deactivate(user=world.olga, actor=None, at=START)

    assert world.activate(case, START + HOUR).state == "approved"
    services.hand_over_orphan(case=case, at=START + HOUR)
    assert (fresh(case).owner, fresh(case).state) == (world.person("Mona"), "requested"), (
        "another owner than was approved"
    )
    world.approve(case, START + HOUR)
    assert world.activate(case, START + HOUR).state == "active"


def test_cases_of_one_sweep_share_one_lifetime(world):
    """Two cases for one identity and control, one of them to follow the other, are due at the same moment."""
    later = (START + 200 * DAY).date()
    first = world.active(term_days=90)
    heir = world.renewal(first, START + 80 * DAY, term_days=90, safeguards=[world.safeguard(required=True)])
    world.approve(heir, START + 80 * DAY)
    rival = world.approve(world.requested(START + 80 * DAY, term_days=60, remediation_on=later), START + 80 * DAY)
    services.verify_safeguard(safeguard=heir.safeguards.get(), actor=world.bob, at=START + 80 * DAY, statement="Seen.")

    for _turn in range(2):
        services.activate_many(keys=[heir.pk, rival.pk], at=START + 81 * DAY, router=world.router)

    assert in_force_days() <= 180


def in_force_days():
    days, reached = 0, None
    for period in Period.objects.order_by("from_at"):
        begin = period.from_at if reached is None else max(period.from_at, reached)
        days += max((period.until_at - begin) / DAY, 0)
        reached = period.until_at if reached is None else max(reached, period.until_at)
    return days


def test_many_are_activated_in_one_go(world):
    cases = [world.approved(identity=world.make_identity(f"svc-{number}")) for number in range(5)]

    moved = services.activate_many(keys=[case.pk for case in cases], at=START + HOUR, router=world.router)

    assert {case.pk for case in moved} == {case.pk for case in cases}
    assert ExceptionCase.objects.in_force(START + HOUR).count() == 5
    assert_intact()


def test_the_warning_comes_a_fifth_of_the_term_before_the_end_at_most_fourteen_days(world):
    short = world.active(term_days=10)
    long = world.active(term_days=90, identity=world.make_identity("payroll"))

    assert short.warn_at == short.expires_at - 2 * DAY
    assert long.warn_at == long.expires_at - 14 * DAY
    assert not services.warn(case=short, at=short.warn_at - HOUR)
    assert services.warn(case=short, at=short.warn_at)
    assert not services.warn(case=short, at=short.warn_at)
    assert (fresh(short).state, fresh(short).warned_at) == ("expiring", short.warn_at)
    assert last(short).actor_kind == "clock"


def test_a_tier_that_rose_wants_the_safeguards_of_the_higher_one(world):
    control = world.control
    wants = {"required_safeguards": {"approval": int(Tier.HIGH)}}
    catalog.change_control(control=control, version=control.version, actor=None, at=START, **wants)
    case = world.approved(planned_start_at=START + DAY)
    system = fresh(world.system)
    raised = {"criticality": Tier.CRITICAL, "environment": Environment.PRODUCTION}
    catalog.change_system(system=system, version=system.version, actor=None, at=START, **raised)

    services.activate_many(keys=[case.pk], at=START + DAY, router=world.router)

    assert fresh(case).state == State.DRAFT
    assert "requires a safeguard of the kind “Human approval" in body(case, "case.returned")["reason"]
