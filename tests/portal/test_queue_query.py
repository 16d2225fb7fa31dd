"""The queue's set query answers as `judges.seats` does, request by request."""

import random
from contextlib import suppress
from functools import partial

import pytest

from accounts import services as people
from accounts.errors import Refusal
from accounts.models import User
from catalog import services as catalog
from exceptions_app import ask, services
from exceptions_app.models import ExceptionCase, Source, State
from exceptions_app.queries import queue
from exceptions_app.routing import RoutePlan, StepPlan
from tests.exceptions_app import law
from tests.exceptions_app.world import DAY, HOUR, World, fresh, stand_in

NAMES = ["Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana"]


def by_law(at):
    """By person: their first seat in each request, and the requests put to them in which the law gives them none."""
    found = {user: ({}, set()) for user in User.objects.order_by("pk")}
    for case in ExceptionCase.objects.filter(state=State.REQUESTED, decide_by_at__gt=at):
        open_steps, gaining = law.sittings(case, at), law.gaining(case, at)
        for user, (seats, barred) in found.items():
            first = next(iter(law.seats(user, open_steps)), None)
            if first:
                step, rank, for_whom = first
                seats[case.pk] = (step.pk, rank, for_whom is not None, step == open_steps[0][0])
            elif law.is_kept_out(user, open_steps, gaining) and law.able(user):
                barred.add(case.pk)
    return found


def company(luck):
    """Three groups and a fallback with random members; random people ask, own, stand in for and judge."""
    world = World(decide_within=9 * DAY)
    groups = [world.make_group(f"Group {n}", *luck.sample(NAMES, luck.randint(0, 3))) for n in range(3)]
    world.group = groups[0]
    world.fallback  # noqa: B018 — stands behind all of them
    people.add_member(group=world.fallback, member=world.person("Ana"), actor=None, at=world.start)
    everyone = [world.person(name) for name in NAMES]
    for person in everyone:
        boss = luck.choice([None, *everyone])
        with suppress(Refusal):  # who reports to whom in a circle
            people.change_user(user=person, actor=None, at=world.start, manager=boss)
    for group in groups:
        people.change_group(group=group, actor=None, at=world.start, lead=luck.choice([None, *everyone]))
    catalog.change_control(control=world.control, version=1, actor=None, at=world.start, owner=luck.choice(everyone))
    catalog.change_system(system=world.system, version=1, actor=None, at=world.start, owner=luck.choice(everyone))
    for number in range(6):
        chosen = luck.sample(everyone, 4)
        identity = world.make_identity(f"robot-{number}", owner=chosen[0], backup_owner=luck.choice([None, chosen[1]]))
        picked = luck.sample(groups, luck.randint(1, 3))
        case = world.draft(actor=chosen[2], identity=identity, owner=chosen[3], backup_owner=chosen[1])
        if luck.random() < 0.5:
            services.accept_backup(case=case, actor=chosen[1], at=world.start)
        router = partial(routed, plans(luck, picked, everyone), world)
        world.submit(case, world.start + number * HOUR, actor=chosen[2], router=router)
        for _ in range(2):
            decide(world, fresh(case), luck.choice(everyone))
    changed = luck.choice(ExceptionCase.objects.order_by("pk")).identity
    later = world.start + 9 * HOUR
    catalog.change_identity(identity=changed, version=changed.version, actor=None, at=later, vendor_name="Acme")
    for _ in range(3):
        away(world, *luck.sample(everyone, 2), begins=world.start + luck.choice([0, 1, 20]) * HOUR)
    for case in ExceptionCase.objects.filter(state=State.REQUESTED).order_by("pk"):
        decide(world, case, luck.choice(everyone))
        with suppress(Refusal):
            services.recuse(case=case, actor=luck.choice(everyone), at=world.start + 9 * HOUR, reason="My sister asks.")
    people.deactivate(user=everyone[1], actor=None, at=world.start)
    people.set_roles(user=everyone[2], actor=None, at=world.start, is_auditor=True)
    return world


def plans(luck, groups, everyone):
    """Steps that ask these groups, and some of each other source."""
    found = [StepPlan(group.name, group, luck.randint(1, 2), ("test",), 5 * DAY) for group in groups]
    for source in luck.sample([one for one in Source if one != Source.GROUP], luck.randint(0, 3)):
        person = luck.choice(everyone) if source == Source.PERSON else None
        found.append(StepPlan(str(source.label), None, luck.randint(1, 2), ("test",), 5 * DAY, source, person))
    return tuple(luck.sample(found, len(found)))


def routed(steps, world, case):
    return RoutePlan(steps)


def away(world, person, delegate, *, begins):
    """One is away, mostly, and the other has accepted to stand in."""
    named = {"from_at": begins, "until_at": begins + 2 * DAY, "reason": "Leave"}
    with suppress(Refusal):
        absence = people.announce_absence(user=person, actor=person, delegate=delegate, at=world.start, **named)
        people.accept_delegation(absence=absence, actor=delegate, at=world.start)


def decide(world, case, user):
    with suppress(Refusal):
        world.approve(case, world.start + 9 * HOUR, actor=user, digest=ask.digest(case))


EARLY, LED, FALLEN_BACK = 10, 24 * 4, 24 * 5 - 10
"""Hours after the start: when it is asked, when it has come to the leads of some, to the fallback group of most."""


@pytest.mark.parametrize(
    ("seed", "instants"),
    [
        *enumerate([[EARLY], [LED], [FALLEN_BACK]]),
        *(pytest.param(seed, [EARLY, LED, FALLEN_BACK], marks=pytest.mark.proof) for seed in range(3, 13)),
    ],
)
def test_queue_agrees_with_the_law_on_random_companies(db, seed, instants):
    world = company(random.Random(seed))

    for hours in instants:
        seats = agrees(world, world.start + hours * HOUR)
        assert sum(map(len, seats.values())) > 3, hours


def agrees(world, at):
    """Holds everybody's queue against the law; answers the seats, by the name of who has some."""
    found = {}
    for user, (seats, barred) in by_law(at).items():
        shown = queue.queue(user, at)
        told = {row.case.pk: (row.step.pk, row.stand, row.is_for_another, row.is_current) for row in shown.rows}
        assert told == seats, user
        assert {case.pk for case in shown.barred} == barred, user
        assert queue.queue_count(user, at) == len(seats), user
        if seats:
            found[user.name] = seats
    return found


def test_who_stands_in_and_is_nothing_else_has_a_queue(db):
    world = World()
    world.requested()
    stand_in(world.bob, world.person("Dave"))

    assert "Dave" in agrees(world, world.start + HOUR)


def test_a_lead_who_is_away_is_stood_in_for_whatever_they_stand_in_for(db):
    world = World()
    lena = world.person("Lena")
    people.change_group(group=world.group, actor=None, at=world.start, lead=lena)
    world.requested()
    stand_in(world.bob, lena)
    stand_in(lena, world.person("Dave"))

    assert "Dave" not in agrees(world, world.start + DAY)
    assert "Dave" in agrees(world, world.start + 4 * DAY + HOUR)


def somebody_takes_over(world, case):
    words = {"to": world.person("Nina"), "reason": "She takes over."}
    services.offer_ownership(case=case, actor=world.olga, at=world.start + 2 * HOUR, **words)
    services.accept_ownership(case=case, actor=world.person("Nina"), at=world.start + 3 * HOUR)


def the_backup_declines(world, case):
    services.decline_backup(case=case, actor=world.person("Oscar"), at=world.start + 3 * HOUR)


def the_owner_leaves(world, case):
    people.deactivate(user=world.olga, actor=None, at=world.start + 2 * HOUR)
    services.hand_over_orphan(case=case, at=world.start + 3 * HOUR)


@pytest.mark.parametrize("change", [somebody_takes_over, the_backup_declines, the_owner_leaves])
def test_another_owner_brings_the_first_step_back_into_the_queue(db, change):
    world = World()
    router = world.routed((world.group, 1), (world.make_group("Second", "Dan"), 1))
    backup = world.person("Oscar", manager=world.person("Mona"))
    case = world.requested(router=router, backup_owner=backup)
    world.approve(case, world.start + HOUR)

    change(world, case)

    assert "Bob" in agrees(world, world.start + 4 * HOUR)


def test_queue_takes_the_same_queries_for_one_request_and_for_many(db, django_assert_num_queries):
    world = World()
    world.fallback  # noqa: B018 — Bob stands in it too, which is the dearest case
    people.add_member(group=world.fallback, member=world.bob, actor=None, at=world.start)
    world.requested()

    with django_assert_num_queries(3):
        assert len(queue.queue(world.bob, world.start).rows) == 1

    for number in range(5):
        world.requested(identity=world.make_identity(f"robot-{number}"))
    with django_assert_num_queries(3):
        assert len(queue.queue(world.bob, world.start).rows) == 6
    with django_assert_num_queries(3):
        assert queue.queue_count(world.bob, world.start) == 6


def test_least_time_left_stands_first_and_a_lapsed_request_nowhere(db):
    world = World()
    late = world.requested(world.start)
    soon = world.requested(
        world.start + HOUR,
        router=world.routed((world.group, 1), decide_within=2 * DAY),
        identity=world.make_identity("b"),
    )

    assert [row.case for row in queue.queue(world.bob, world.start + DAY).rows] == [soon, late]
    assert [row.case for row in queue.queue(world.bob, world.start + 3 * DAY).rows] == [late]


def test_a_renewal_is_as_pressing_as_the_end_of_what_it_continues(db):
    world = World()
    old = world.active(term_days=20)
    near = old.expires_at - 3 * DAY
    other = world.requested(near - DAY, identity=world.make_identity("b"))
    renewal = world.renewal(old, near)
    assert renewal.decide_by_at > other.decide_by_at

    assert [row.case for row in queue.queue(world.bob, near + HOUR).rows] == [renewal, other]
    assert [row.case for row in queue.queue(world.bob, old.expires_at + HOUR).rows] == [other, renewal]


def test_filters_narrow_by_risk_group_and_words(db):
    world = World()
    case = world.requested()
    other = world.requested(identity=world.make_identity("deploy-bot"), likelihood=5, impact=5, term_days=5)

    def shown(**wanted):
        return [row.case for row in queue.queue(world.bob, world.start, queue.Filters(**wanted)).rows]

    assert shown(search="deploy ROT") == [other]
    assert shown(search=case.reference) == [case]
    assert shown(tier=4) == [other]
    assert shown(group=world.group.pk) == [case, other]
    assert shown(group=0) == []


def test_a_queue_is_narrowed_by_how_one_comes_to_be_asked(db):
    world, at = World(), World().start + 4 * DAY + HOUR
    named = StepPlan("Bob", None, 1, ("test",), 9 * DAY, source=Source.PERSON, person=world.bob)
    led = world.make_group("Led", "Lea")
    people.change_group(group=led, actor=None, at=world.start, lead=world.bob)
    stand_in(world.person("Dan"), world.bob)
    routers = {
        "mine": lambda case: RoutePlan((named,)),
        "groups": world.routed((world.group, 1), decide_within=9 * DAY),
        "delegated": world.routed((world.make_group("Away", "Dan"), 1), decide_within=9 * DAY),
        "behind": world.routed((led, 1), decide_within=5 * DAY),
    }
    cases = {
        show: world.requested(router=router, identity=world.make_identity(show)) for show, router in routers.items()
    }

    shown = {
        show: [row.case for row in queue.queue(world.bob, at, queue.Filters(show=show)).rows] for show in ("", *routers)
    }

    assert shown.pop("") == [cases["behind"], cases["mine"], cases["groups"], cases["delegated"]]
    assert shown == {show: [case] for show, case in cases.items()}
