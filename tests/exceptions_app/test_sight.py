"""The register asks who sees what in its own way, and is answered as `visible_to` is, whoever asks."""

import random
from itertools import product

import pytest

from accounts import services as people
from accounts.models import User
from exceptions_app import ask, following, services
from exceptions_app.models import AskedGroup, ExceptionCase, Step
from exceptions_app.queries import register, sight
from tests.exceptions_app.world import HOUR, World, fresh

NAMES = ["Ana", "Ben", "Cleo", "Dan", "Eva", "Finn"]


@pytest.fixture
def world(db):
    """Beside companies made by chance there is no other."""
    return World()


@pytest.mark.parametrize("seed", range(2))
def test_everyone_sees_the_same_cases_either_way(seed, db, monkeypatch):
    """A few are named by their keys, many asked one by one."""
    company(random.Random(seed))

    for many, user in product([1000, 1], User.objects.all()):
        monkeypatch.setattr(sight, "MANY", many)
        assert set(sight.sight_of(user)) == set(ExceptionCase.objects.visible_to(user)), (user, many)


def test_the_pages_hold_each_case_once_in_order_there_and_back(world, monkeypatch):
    monkeypatch.setattr(register, "PAGE", 2)
    for number in range(5):
        world.active(world.start + number // 2 * HOUR, identity=world.make_identity(f"robot-{number}"))
    every = sorted(ExceptionCase.objects.values_list("pk", flat=True))

    for many, order in product([1000, 0], register.ORDERS):
        monkeypatch.setattr(sight, "MANY", many)
        there, back = turned(world.alice, world, order)
        keys = [[case.pk for case in page] for page in there]
        assert sorted(key for page in keys for key in page) == every, (order, many)
        assert [[case.pk for case in page] for page in back] == keys[-2::-1], (order, many)


@pytest.mark.parametrize(("counted", "told"), [(5, (5, True)), (4, (5, False)), (9, (5, True))])
def test_a_count_is_exact_up_to_a_number_and_estimated_above(counted, told, world, monkeypatch):
    monkeypatch.setattr(register, "COUNTED", counted)
    for number in range(5):
        control = world.make_control(f"NHI-CNT-{number}", approver_group=world.make_group(f"Group {number}", "Gil"))
        case = world.draft(identity=world.make_identity(f"robot-{number}"), control=control)
        world.submit(case, world.start, router=world.routed((world.group, 1)))
    own = world.draft()

    found = register.found(world.bob, register.Filters(), world.start)
    count = register.counted(found)

    assert own not in found.whole
    assert found.whole.count() == 5
    assert (count.number, count.exact) == told


def test_an_estimate_counts_by_the_share_among_some_picked_from_all(world, monkeypatch):
    monkeypatch.setattr(register, "COUNTED", 2)
    monkeypatch.setattr(register, "PICKED", 20)
    others = world.make_identity("other")
    for number in range(24):
        world.draft(identity=others if number % 4 == 0 else world.identity)

    count = register.counted(register.found(world.alice, register.Filters(identity="erp-sync"), world.start))

    assert not count.exact
    assert 14 <= count.number <= 22


def test_the_groups_asked_are_those_of_every_route_and_can_be_made_anew(world):
    other = world.make_group("Other", "Gil")
    case = world.requested(router=world.routed((world.group, 1), (other, 1)))
    services.ask_for_changes(case=case, actor=world.bob, at=world.start, digest=ask.digest(case), reason="Narrow it.")
    world.submit(case, world.start, router=world.router)
    kept = set(AskedGroup.objects.values_list("case", "group"))

    AskedGroup.objects.all().delete()
    following.follow_all()

    assert (
        kept
        == set(Step.objects.values_list("route__case", "group"))
        == set(AskedGroup.objects.values_list("case", "group"))
    )
    assert len(kept) == 2


def turned(user, world, order):
    """The pages from first to last, and again from the last but one back to the first."""
    found = register.found(user, register.Filters(), world.start)
    pages = [register.page(found, order, "")]
    while pages[-1].older:
        pages.append(register.page(found, order, pages[-1].older))
    back = [pages[-1]]
    while back[-1].newer:
        back.append(register.page(found, order, back[-1].newer))
    return [page.rows for page in pages], [page.rows for page in back[1:]]


def test_what_was_sent_back_stays_with_those_it_was_asked_of_and_comes_to_nobody_else(world):
    """Whatever the draft says by then: another group's control, another owner's system."""
    gil = world.make_group("Other", "Gil").members.get()
    case, own = world.requested(), world.draft()
    services.ask_for_changes(case=case, actor=world.bob, at=world.start, digest=ask.digest(case), reason="Narrow it.")
    content = world.content(
        control=world.make_control("NHI-OTH-01", approver_group=gil.approver_groups.get()),
        grants=[world.grant(system=world.make_system("Payroll", owner=gil))],
    )
    services.save_draft(case=case, actor=world.alice, at=world.start, version=fresh(case).version, content=content)

    seen = {user: set(ExceptionCase.objects.visible_to(user)) for user in (world.bob, world.alice, world.frida, gil)}

    assert seen == {world.bob: {case}, world.alice: {case, own}, world.frida: set(), gil: set()}
    assert all(set(sight.sight_of(user)) == cases for user, cases in seen.items())


def company(luck):
    """Random owners, managers, groups and editors of cases that are drafted or asked for."""
    world = World()
    everyone = [world.person(name, manager=world.person("Mona") if luck.random() < 0.3 else None) for name in NAMES]
    groups = [world.make_group(f"Group {n}", *luck.sample(NAMES, 2)) for n in range(3)]
    world.group, _ = groups[0], world.fallback
    team = people.create_team(name="Payments", lead=world.person("Tea"), actor=None, at=world.start)
    world.audrey, world.petra, world.mallory  # noqa: B018 — they look too
    people.deactivate(user=world.person("Dora"), actor=None, at=world.start)
    for number in range(8):
        owner, other, requester, editor = luck.sample(everyone, 4)
        case = world.draft(
            actor=requester,
            identity=world.make_identity(
                f"robot-{number}", owner=luck.choice([None, other]), team=luck.choice([None, team])
            ),
            control=world.make_control(
                f"NHI-LUC-{number}", owner=luck.choice([None, other]), approver_group=luck.choice(groups)
            ),
            grants=[world.grant(system=world.make_system(f"System {number}", owner=luck.choice([None, other])))],
            owner=owner,
            backup_owner=luck.choice([None, editor]),
        )
        if luck.random() < 0.3:
            services.save_draft(
                case=case, actor=owner, at=world.start, version=1, content=world.content(owner=requester)
            )
        if luck.random() < 0.7:
            world.submit(case, world.start, actor=requester, router=world.routed((luck.choice(groups), 1)))
