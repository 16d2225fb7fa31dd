"""What an identity may do now and how long it was excepted, told from periods and clock, to who may see it."""

from datetime import timedelta

import pytest

from exceptions_app import services
from exceptions_app.queries import catalog
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def may_do(world, user, at):
    return [grant.case.reference for grant in catalog.grants_in_force(user, at, world.identity)]


def test_it_may_do_what_is_in_force_and_no_more_with_no_worker_running(world):
    case = world.active()

    assert may_do(world, world.audrey, START + DAY) == [case.reference]
    assert may_do(world, world.audrey, case.expires_at) == []
    assert may_do(world, world.audrey, START - DAY) == []


def test_a_suspended_case_lets_it_do_nothing(world):
    world.suspended()

    assert may_do(world, world.audrey, START + 2 * HOUR) == []


def test_nobody_learns_of_exceptions_they_may_not_see(world):
    world.active()

    assert may_do(world, world.mallory, START + DAY) == []
    assert catalog.time_in_force(world.mallory, START + DAY, world.identity) == []


def test_time_in_force_runs_with_the_clock_and_stops_at_the_end(world):
    case = world.active()

    [after_a_day] = catalog.time_in_force(world.audrey, START + DAY, world.identity)
    [at_last] = catalog.time_in_force(world.audrey, START + 500 * DAY, world.identity)

    assert (after_a_day.control, after_a_day.count) == (world.control, 1)
    assert after_a_day.time == START + DAY - case.activated_at
    assert at_last.time == case.expires_at - case.activated_at


def test_a_renewal_adds_its_time_once_and_controls_are_told_apart(world):
    case = world.active()
    heir = world.renewal(case, case.expires_at - DAY)
    world.approve(heir, case.expires_at - HOUR)
    other = world.make_control("NHI-OTH-01")
    world.active(control=other)

    spent = {one.control: one for one in catalog.time_in_force(world.audrey, START + 500 * DAY, world.identity)}

    assert spent[world.control].count == 2
    assert spent[world.control].time == fresh(heir).expires_at - case.activated_at
    assert spent[other].count == 1


def test_time_of_a_case_cut_short_ends_where_it_was_cut(world):
    case = world.active()
    services.revoke(case=case, actor=world.connie, at=case.activated_at + 3 * HOUR, reason="Leaked.")

    [spent] = catalog.time_in_force(world.audrey, START + 500 * DAY, world.identity)

    assert spent.time == timedelta(hours=3)
