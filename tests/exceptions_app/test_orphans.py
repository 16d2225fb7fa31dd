"""What is in use without an owner: what counts, since when, who sees it, and who mends it (promise 15)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible
from catalog import services as catalog
from exceptions_app import services
from exceptions_app.models import RemovalHow
from exceptions_app.queries.orphans import OrphanFilters, Sort, concerns, numbers, orphans, told
from exceptions_app.succession import Fate
from tests.exceptions_app.reading import assert_intact, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh, shown

pytestmark = pytest.mark.django_db
LEFT_AT = START + 2 * DAY
NOW = START + 14 * DAY


@pytest.fixture
def dan(world):
    """Nobody stands above or beside him."""
    world.found()
    return world.person("Dan")


def leave(person, at=LEFT_AT):
    people.deactivate(user=person, actor=None, at=at)


def stop(case):
    services.hand_over_orphan(case=case, at=LEFT_AT)
    return fresh(case)


def listed(user, *, at=NOW, **filters):
    """Sort, row and instant of each, in the order of the page."""
    found = told(orphans(user, OrphanFilters(**filters), at), at)
    return [(one.sort, one.row, one.since_at) for one in found]


def test_a_case_whose_owner_left_is_one_since_the_account_was_closed(world, dan):
    case = world.active(owner=dan)
    world.active(identity=world.make_identity("kept"))
    leave(dan)

    assert listed(world.petra) == [(Sort.CASE, case, LEFT_AT)]
    stop(case)
    assert listed(world.petra) == [(Sort.CASE, case, LEFT_AT)]


def test_a_case_whose_owner_comes_to_audit_is_one_since_then(world, dan):
    case = world.active(owner=dan)
    people.set_roles(user=dan, actor=None, at=LEFT_AT, is_auditor=True)

    assert listed(world.petra) == [(Sort.CASE, case, LEFT_AT)]
    assert stop(case).state == "suspended"
    assert listed(world.petra) == [(Sort.CASE, case, LEFT_AT)]


def test_a_change_of_the_closed_account_or_of_the_case_makes_nothing_younger(world, dan):
    case = world.active(owner=dan)
    leave(dan)
    stop(case)
    people.change_user(user=dan, actor=None, at=START + 5 * DAY, name="Dan Danielsson")

    assert listed(world.petra) == [(Sort.CASE, case, LEFT_AT)]


def test_who_came_back_and_left_again_is_gone_since_the_second_time(world, dan):
    case = world.active(owner=dan)
    leave(dan)
    people.reactivate(user=dan, actor=None, at=START + 3 * DAY)
    assert listed(world.petra) == []
    leave(dan, START + 4 * DAY)

    assert listed(world.petra) == [(Sort.CASE, case, START + 4 * DAY)]


def test_what_was_never_owned_counts_from_when_it_came_to_be_and_what_was_let_go_from_then(world, dan):
    made = START - 30 * DAY
    never = world.make_identity("stray", owner=None)
    system = world.make_system("Vault two", owner=dan)
    catalog.change_system(system=system, actor=None, at=START + DAY, version=system.version, owner=None)

    found = told(orphans(world.petra, OrphanFilters(), NOW), NOW)

    assert [(one.row, one.since_at, one.last_owner) for one in found] == [
        (never, made, None),
        (system, START + DAY, dan),
    ]


def test_every_sort_is_found_the_oldest_first_and_only_what_is_in_use(world, dan):
    early, late = dan, world.person("Lena")
    control = world.make_control("NHI-OLD-01", owner=late)
    identity, system = world.make_identity("robot", owner=late), world.make_system("Store", owner=early)
    retired = world.make_system("Attic", owner=early)
    catalog.retire_system(system=retired, actor=None, at=START, version=retired.version)
    case = world.active(owner=late)
    leave(early)
    leave(late, LEFT_AT + DAY)

    found = [row for _sort, row, _since in listed(world.petra)]

    assert found[0] == system
    assert {(type(row), row.pk) for row in found[1:]} == {(type(row), row.pk) for row in (control, identity, case)}
    assert numbers(world.petra, OrphanFilters(), NOW) == dict.fromkeys(Sort, 1)
    assert [row for _sort, row, _since in listed(world.petra, sort=Sort.SYSTEM)] == [system]
    assert [row for _sort, row, _since in listed(world.petra, search="robot")] == [identity]


def test_a_case_exists_for_those_who_may_see_it_and_the_catalog_for_everyone(world, dan):
    world.active(owner=dan)
    world.make_system("Store", owner=dan)
    leave(dan)

    sorts = {name: [sort for sort, *_rest in listed(getattr(world, name))] for name in ("audrey", "connie", "mallory")}

    both = {Sort.CASE, Sort.SYSTEM}
    assert (set(sorts["audrey"]), set(sorts["connie"]), sorts["mallory"]) == (both, both, [Sort.SYSTEM])


def test_it_is_the_business_of_overseers_control_owners_and_leads(world, dan):
    people.create_team(name="Platform", lead=dan, actor=None, at=START)

    concerned = {name for name in ("audrey", "petra", "connie", "bob", "mallory") if concerns(getattr(world, name))}

    assert concerned == {"audrey", "petra", "connie"}
    assert concerns(dan)


def test_what_ended_and_is_not_confirmed_gone_is_one_until_it_is(world, dan):
    case = world.revoked(owner=dan)
    leave(dan)
    assert listed(world.petra) == [(Sort.CASE, case, LEFT_AT)]
    (found,) = told(orphans(world.petra, OrphanFilters(), NOW), NOW)
    assert found.next is None

    how = RemovalHow.SECRET_ROTATED
    services.confirm_removal(grant=case.grants.get(), actor=world.connie, at=NOW, how=how, note="The key is replaced.")

    assert listed(world.petra) == []


def test_drafts_and_ended_cases_are_none(world, dan):
    world.draft(owner=dan)
    world.withdrawn(owner=dan, identity=world.make_identity("gone"))
    lapsing = world.requested(owner=dan, identity=world.make_identity("asked"))
    leave(dan)

    assert listed(world.petra, at=lapsing.decide_by_at) == []
    assert [row for _sort, row, _since in listed(world.petra, at=LEFT_AT)] == [lapsing]


def test_what_happens_next_is_told_of_a_case_no_sweep_has_moved_yet(world):
    world.active()
    leave(world.olga)

    (found,) = told(orphans(world.petra, OrphanFilters(), LEFT_AT), LEFT_AT)

    assert (found.next.heir, found.next.fate) == (world.person("Mona"), Fate.REVIEWED)


# Mending


def test_a_suspended_orphan_is_handed_over_by_a_programme_manager_and_resumes(world, dan):
    case = world.active(owner=dan)
    leave(dan)
    case = stop(case)

    services.offer_ownership(case=case, actor=world.petra, at=NOW - DAY, to=world.mallory, reason="Dan has left.")
    (waiting,) = told(orphans(world.petra, OrphanFilters(), NOW), NOW)
    services.accept_ownership(case=case, actor=world.mallory, at=NOW)
    services.resume(case=case, actor=world.connie, at=NOW, statement="The alert fires.", seen=shown(case, NOW))

    assert waiting.asked == world.mallory
    assert (fresh(case).owner, fresh(case).state) == (world.mallory, "active")
    assert listed(world.petra) == []
    assert_intact()


@pytest.mark.parametrize("actor", ["connie", "bob", "alice", "audrey"])
def test_nobody_else_hands_an_orphan_over(world, dan, actor):
    case = world.active(owner=dan)
    leave(dan)
    case = stop(case)

    with refused(NotAllowed, case):
        services.offer_ownership(case=case, actor=getattr(world, actor), at=NOW, to=world.mallory, reason="Dan left.")


def test_who_judged_an_orphan_is_not_asked_to_own_it(world, dan):
    case = world.active(owner=dan)
    leave(dan)
    case = stop(case)

    with refused(NotPossible, case, says="cannot own this"):
        services.offer_ownership(case=case, actor=world.petra, at=NOW, to=world.bob, reason="Dan left.")


def test_a_manager_named_later_takes_the_orphan_over(world, dan):
    case = world.active(owner=dan)
    leave(dan)
    stop(case)

    people.change_user(user=dan, actor=None, at=START + 3 * DAY, manager=world.mallory)
    services.hand_over_orphan(case=case, at=START + 3 * DAY + HOUR)

    assert fresh(case).owner == world.mallory
