"""Whom a step asks besides groups, who stands behind them, and who stands in for whoever is away."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible
from accounts.models import Absence
from audit.models import Event
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import ask, judges, services
from exceptions_app.models import Decision, Source
from exceptions_app.narrowing import Narrowing
from exceptions_app.routing import RoutePlan, StepPlan
from exceptions_app.sources import Stand
from tests.exceptions_app.world import DAY, HOUR, START, fresh

NOON = START + HOUR


def asking(*steps):
    """A router of these steps: a source, or a source with how many, or with whom."""

    def plan(source, many=1, who=None):
        return StepPlan(str(source.label), None, many, ("test",), 5 * DAY, source, who)

    return lambda case: RoutePlan(tuple(plan(*step) for step in steps))


def requested(world, *steps, **fields):
    return world.requested(router=asking(*steps), **fields)


def away(world, person, delegate, until=START + 9 * DAY):
    absence = people.announce_absence(
        user=person, actor=person, delegate=delegate, at=START, from_at=START, until_at=until, reason="Leave"
    )
    people.accept_delegation(absence=absence, actor=delegate, at=START)


def manages(boss, person):
    people.change_user(user=fresh(person), actor=None, at=START, manager=boss)


def sitting(world, case, at=NOON):
    """Who may fill the first step, and as what."""
    return {sitter.user: sitter.stand for sitter in judges.asked(fresh(case), at)[0].sitters}


def test_each_source_asks_whom_it_names(world):
    manages(world.mallory, world.connie)
    manages(world.carol, world.olive)
    named = {
        (Source.CONTROL_GROUP,): {world.bob, world.carol},
        (Source.CONTROL_OWNER,): {world.connie},
        (Source.CONTROL_LEAD,): {world.mallory},
        (Source.SYSTEM_OWNER,): {world.sven},
        (Source.OWNER_MANAGER,): {world.carol},
        (Source.PERSON, 1, world.mallory): {world.mallory},
    }

    for number, (step, asked) in enumerate(named.items()):
        case = requested(world, step, identity=world.make_identity(f"robot-{number}"))
        assert sitting(world, case) == dict.fromkeys(asked, Stand.OWN), step


def test_who_is_asked_is_told_at_the_decision_and_not_when_it_was_pinned(world):
    case = requested(world, (Source.CONTROL_OWNER,))

    catalog.change_control(control=world.control, version=1, actor=None, at=NOON, owner=world.mallory)

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=world.connie)
    assert world.approve(case, NOON, actor=world.mallory).state == "approved"


def test_a_person_who_left_is_stood_in_for_by_their_manager_then_by_the_fallback_group(world):
    manages(world.mallory, world.connie)
    case = requested(world, (Source.CONTROL_OWNER,))
    world.fallback  # noqa: B018 — stands behind all

    people.deactivate(user=world.connie, actor=None, at=NOON)
    assert sitting(world, case) == {world.mallory: Stand.LEAD}

    people.deactivate(user=world.mallory, actor=None, at=NOON)
    assert sitting(world, case) == {world.frida: Stand.FALLBACK}


def test_the_lead_of_an_emptied_group_decides_and_the_decision_says_as_what(world):
    people.change_group(group=world.group, actor=None, at=START, lead=world.mallory)
    case = world.requested()
    for member in (world.bob, world.carol):
        people.remove_member(group=world.group, member=member, actor=None, at=START)

    world.approve(case, NOON, actor=world.mallory)

    decision = Decision.objects.get()
    assert (decision.by_lead, decision.by_fallback) == (True, False)
    assert Event.objects.get(kind="case.decided").body["by_lead"] is True


def test_a_lead_is_no_second_way_in(world):
    people.change_group(group=world.group, actor=None, at=START, lead=world.mallory)
    case = world.requested()

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=world.mallory)


def test_a_delegate_decides_for_who_is_away_and_the_decision_names_both(world):
    case = world.requested()
    away(world, world.bob, world.mallory)

    world.approve(case, NOON, actor=world.mallory)

    decision = Decision.objects.get()
    assert (decision.person, decision.on_behalf_of) == (world.mallory, world.bob)
    assert Event.objects.get(kind="case.decided").body["on_behalf_of"] == [str(world.bob.pseudonym)]


@pytest.mark.parametrize(("first", "second"), [("bob", "mallory"), ("mallory", "bob")])
def test_who_is_away_and_who_stands_in_are_one_voice(world, first, second):
    world.count = 2
    case = world.requested()
    away(world, world.bob, world.mallory)
    world.approve(case, NOON, actor=getattr(world, first))

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=getattr(world, second))
    assert world.approve(case, NOON, actor=world.carol).state == "approved"


def test_a_delegate_of_a_delegate_is_nobodys(world):
    case = world.requested()
    away(world, world.bob, world.mallory)
    away(world, world.mallory, world.sven)

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=world.sven)


def test_a_delegation_ends_with_the_absence(world):
    case = world.requested()
    away(world, world.bob, world.mallory, until=START + HOUR)

    with pytest.raises(NotAllowed):
        world.approve(case, START + HOUR, actor=world.mallory)


def test_a_delegate_of_an_approver_who_gains_decides_nothing(world):
    case = world.requested(owner=world.bob)
    away(world, world.bob, world.mallory)

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=world.mallory)


@pytest.mark.parametrize(("tier", "allowed"), [(Tier.CRITICAL, False), (Tier.HIGH, True)])
def test_on_a_critical_request_nobody_fills_two_steps(world, tier, allowed):
    case = requested(world, (Source.CONTROL_GROUP,), (Source.PERSON, 1, world.bob), raised_tier=tier, term_days=10)
    world.approve(case, NOON, actor=world.bob)

    if allowed:
        assert world.approve(case, NOON, actor=world.bob).state == "approved"
    else:
        with pytest.raises(NotAllowed):
            world.approve(case, NOON, actor=world.bob)


def test_on_a_critical_request_a_delegate_fills_no_second_step_for_the_same_person(world):
    case = requested(
        world, (Source.PERSON, 1, world.bob), (Source.CONTROL_GROUP,), raised_tier=Tier.CRITICAL, term_days=10
    )
    away(world, world.bob, world.mallory)
    world.approve(case, NOON, actor=world.bob)

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=world.mallory)
    assert world.approve(case, NOON, actor=world.carol).state == "approved"


def test_an_approval_on_behalf_of_somebody_who_lost_the_role_asks_again_before_activation(world):
    case = world.requested(planned_start_at=START + 2 * DAY)
    away(world, world.bob, world.mallory)
    world.approve(case, NOON, actor=world.mallory)
    people.remove_member(group=world.group, member=world.bob, actor=None, at=NOON)

    services.activate(case=fresh(case), at=START + 2 * DAY, router=world.router)

    assert fresh(case).state == "requested"
    assert Decision.objects.get().void_reason == "The approver is no longer eligible."


def test_an_approval_as_lead_stands_at_activation_though_the_group_has_members_again(world):
    people.change_group(group=world.group, actor=None, at=START, lead=world.mallory)
    case = world.requested(planned_start_at=START + 2 * DAY)
    for member in (world.bob, world.carol):
        people.remove_member(group=world.group, member=member, actor=None, at=START)
    world.approve(case, NOON, actor=world.mallory)
    people.add_member(group=world.group, member=world.sven, actor=None, at=NOON)

    services.activate(case=fresh(case), at=START + 2 * DAY, router=world.router)

    assert fresh(case).state == "active"


def test_with_everybody_gone_nothing_is_approved_and_the_request_lapses(world):
    case = requested(world, (Source.CONTROL_OWNER,), (Source.SYSTEM_OWNER,))
    for person in (world.connie, world.sven):
        people.deactivate(user=person, actor=None, at=NOON)

    assert judges.seats(world.mallory, fresh(case), NOON) == []
    with pytest.raises((NotAllowed, NotPossible)):
        world.approve(case, NOON, actor=world.mallory, digest=ask.digest(fresh(case)))
    world.sweep(case.decide_by_at)
    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "lapsed")


def test_nobody_makes_themselves_lead_of_a_group_or_ceases_to_be_one(world):
    with pytest.raises(NotAllowed):
        people.change_group(group=world.group, actor=world.petra, at=START, lead=world.petra)
    people.change_group(group=world.group, actor=None, at=START, lead=world.petra)
    with pytest.raises(NotAllowed):
        people.change_group(group=fresh(world.group), actor=world.petra, at=START, lead=None)


def test_whoever_is_asked_sees_the_case_and_nobody_else_does(world):
    manages(world.carol, world.connie)
    case = requested(world, (Source.CONTROL_OWNER,))
    away(world, world.connie, world.mallory)

    def sees(user, at=None):
        return type(case).objects.visible_to(user, at).filter(pk=case.pk).exists()

    assert sees(world.connie)
    assert sees(world.carol), "stands behind the control's owner"
    assert sees(world.mallory, NOON), "stands in"
    assert not sees(world.mallory, START + 20 * DAY), "no longer stands in"
    assert not sees(world.person("Nobody"), NOON)


def test_a_delegate_who_gains_decides_nothing_for_one_who_does_not(world):
    case = world.requested(owner=world.mallory)
    away(world, world.bob, world.mallory)

    with pytest.raises(NotAllowed):
        world.approve(case, NOON, actor=world.mallory)
    assert world.mallory not in sitting(world, case)


def test_an_approval_on_behalf_of_an_approver_stands_after_they_are_back(world):
    case = world.requested(planned_start_at=START + 2 * DAY)
    away(world, world.bob, world.mallory, until=START + DAY)
    world.approve(case, NOON, actor=world.mallory)

    services.activate(case=fresh(case), at=START + 2 * DAY, router=world.router)

    assert fresh(case).state == "active"


def test_the_owner_of_each_system_that_is_opened_says_yes(world):
    toy = world.make_system("Toy", owner=world.person("Friend"))
    grants = [world.grant(), world.grant("toy/x", system=toy)]
    case = requested(world, (Source.SYSTEM_OWNER,), grants=grants)
    withheld = Narrowing(grants={case.grants.get(system=toy).pk: None})

    once = services.approve(
        case=case,
        actor=world.person("Friend"),
        at=NOON,
        digest=ask.digest(fresh(case)),
        statement="Mine is worth it.",
        capacity="Owner",
        narrowing=withheld,
    )
    twice = world.approve(case, NOON, actor=world.sven)

    assert (once.state, twice.state) == ("requested", "approved")


def test_a_system_nobody_owns_is_not_opened_by_the_owner_of_another(world):
    vault = world.make_system("Crown vault", owner=None)
    grants = [world.grant(), world.grant("kv/crown/*", system=vault)]
    case = requested(world, (Source.SYSTEM_OWNER,), grants=grants)

    once = world.approve(case, NOON, actor=world.sven)
    twice = world.approve(case, NOON, actor=world.frida)

    assert (once.state, twice.state) == ("requested", "approved")


def test_who_owns_both_systems_is_asked_once(world):
    toy = world.make_system("Toy", owner=world.sven)
    case = requested(world, (Source.SYSTEM_OWNER,), grants=[world.grant(), world.grant("toy/x", system=toy)])

    assert world.approve(case, NOON, actor=world.sven).state == "approved"


def test_after_a_delegate_stepped_aside_another_one_decides_for_whom_they_stood_in(world):
    bob, dan, eve = world.bob, world.person("Dan"), world.person("Eve")
    away(world, bob, dan)
    case = world.requested()
    services.recuse(case=case, actor=dan, at=NOON, reason="I know them.")
    people.end_absence(absence=Absence.objects.get(), actor=bob, at=NOON)
    later = {"from_at": NOON + HOUR, "until_at": NOON + DAY}
    absence = people.announce_absence(user=bob, actor=bob, delegate=eve, at=NOON, reason="Leave", **later)
    people.accept_delegation(absence=absence, actor=eve, at=NOON)

    assert world.approve(case, NOON + 2 * HOUR, actor=eve).state == "approved"
    stepped_aside, approved = Decision.objects.order_by("pk")
    assert (stepped_aside.on_behalf_of, approved.on_behalf_of) == (None, bob)


@pytest.mark.parametrize("gains", ["owner", "backup"])
def test_an_approval_for_somebody_who_gains_by_now_starts_nothing(world, gains):
    bob, dan = world.bob, world.person("Dan")
    away(world, bob, dan)
    case = world.requested(planned_start_at=START + 3 * DAY, backup_owner=bob if gains == "backup" else None)
    assert world.approve(case, NOON, actor=dan).state == "approved"
    people.end_absence(absence=Absence.objects.get(), actor=bob, at=NOON)
    if gains == "owner":
        services.offer_ownership(case=case, actor=world.olga, at=NOON, to=bob, reason="I leave.")
        services.accept_ownership(case=case, actor=bob, at=NOON)
    else:
        services.accept_backup(case=case, actor=bob, at=NOON)

    services.activate_many(keys=[case.pk], at=START + 3 * DAY, router=world.router)

    assert fresh(case).state == "requested"


def retitled(kind, row, by, **details):
    """The catalog's row with these details, changed by this person."""
    change = {"system": catalog.change_system, "control": catalog.change_control}[kind]
    now = type(row).objects.get(pk=row.pk)
    change(**{kind: now}, version=now.version, actor=by, at=START - DAY, **details)


@pytest.mark.parametrize("source", [Source.SYSTEM_OWNER, Source.CONTROL_OWNER, Source.CONTROL_LEAD])
def test_a_say_that_was_given_lately_by_one_who_gains_approves_nothing(world, source):
    petra, friend = world.petra, world.person("Friend")
    if source == Source.SYSTEM_OWNER:
        retitled("system", world.system, petra, owner=friend)
    elif source == Source.CONTROL_OWNER:
        retitled("control", world.control, petra, owner=friend)
    else:
        people.change_user(user=fresh(world.connie), actor=petra, at=START - DAY, manager=friend)
    case = world.draft(actor=petra, owner=petra)
    world.submit(case, START, actor=petra, router=asking((source,)))

    with pytest.raises(NotAllowed, match="Somebody who gains from it gave you this say lately"):
        world.approve(case, NOON, actor=friend)

    services.reject(case=case, actor=friend, at=NOON, digest=ask.digest(fresh(case)), reason="Not with me.")


def test_who_stands_behind_an_owner_was_not_put_there_lately_by_one_who_gains(world):
    petra, friend = world.petra, world.person("Friend")
    people.change_user(user=fresh(world.connie), actor=petra, at=START - DAY, manager=friend)
    case = world.draft(actor=petra, owner=petra)
    world.submit(case, START, actor=petra, router=asking((Source.CONTROL_OWNER,)))
    services.recuse(case=case, actor=world.connie, at=START, reason="I know her too well.")

    with pytest.raises(NotAllowed, match="Somebody who gains from it gave you this say lately"):
        world.approve(case, NOON, actor=friend)


def test_a_say_that_was_given_long_ago_or_by_somebody_else_counts(world):
    petra, friend = world.petra, world.person("Friend")
    retitled("system", world.system, world.person("Pia", is_programme_manager=True), owner=friend)
    case = world.draft(actor=petra, owner=petra)
    world.submit(case, START, actor=petra, router=asking((Source.SYSTEM_OWNER,)))

    assert world.approve(case, NOON, actor=friend).state == "approved"
