"""Decisions, lapses and escalations brought about through the services, and what the figures say of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services as people
from exceptions_app import ask, services
from exceptions_app.models import Source
from exceptions_app.narrowing import Narrowing
from exceptions_app.routing import RoutePlan, StepPlan
from tests.exceptions_app.world import DAY, HOUR, START, World, fresh
from workflows import reminders, sweeps
from workflows.figures import reading
from workflows.models import Reminder

pytestmark = pytest.mark.django_db


def make_world():
    return World(decide_within=4 * DAY)


def report(until=90 * DAY, *, since=-DAY):
    return reading.report(since=START + since, at=START + until)


def of_rule(name="control", **period):
    return dict(report(**period).rules)[name]


def of_person(user, **period):
    return dict(report(**period).approvers)[user]


def asked(world, number, *, router=None, at=START):
    return world.requested(at, identity=world.make_identity(f"robot-{number}"), router=router)


def two_steps(world):
    """The control's group by one rule, and then the fallback group by two."""
    steps = (
        StepPlan("Group", world.group, 1, ("every",), 4 * DAY),
        StepPlan("Office", world.fallback, 1, ("every", "risky"), 4 * DAY),
    )
    return lambda case: RoutePlan(steps)


def say(verb, case, actor, at, **words):
    case = fresh(case)
    return getattr(services, verb)(case=case, actor=actor, at=at, digest=ask.digest(case), **words)


def approve(case, actor, at, **words):
    return say("approve", case, actor, at, statement="I accept it.", capacity="Approver", **words)


def test_nothing_is_said_of_an_empty_installation():
    assert report().is_empty


def test_verdicts_are_counted_void_ones_too_and_stepping_aside_is_none(world):
    approve(asked(world, 1), world.bob, START + HOUR, shown_at=START + HOUR - timedelta(seconds=12))
    approve(asked(world, 2), world.bob, START + 2 * HOUR, narrowing=Narrowing(term_days=5))
    say("reject", asked(world, 3), world.bob, START + 3 * HOUR, reason="Too wide")
    say("ask_for_changes", asked(world, 4), world.bob, START + 4 * HOUR, reason="Say more")
    services.recuse(case=asked(world, 5), actor=world.carol, at=START + 5 * HOUR, reason="A friend asks")

    told = report()

    [(bob, figures)] = told.approvers
    assert bob == world.bob
    assert (figures.decisions, figures.approved, figures.narrowed) == (4, 2, 1)
    assert (figures.rejected, figures.shown, figures.quick) == (1, 1, 1)
    assert (figures.median, figures.p90) == (2.5 * HOUR, 3.7 * HOUR)
    assert [name for name, _figures in told.rules] == ["control"]


def test_the_period_is_of_when_decisions_were_given(world):
    for number, days in enumerate((0, 2)):
        approve(asked(world, number, at=START + days * DAY), world.bob, START + days * DAY + HOUR)

    assert of_rule(until=DAY).decisions == 1
    assert of_rule(since=DAY).decisions == 1
    assert of_rule().decisions == 2


def test_each_steps_time_runs_from_when_it_is_its_turn(world):
    case = asked(world, 1, router=two_steps(world))
    approve(case, world.bob, START + 5 * HOUR)
    approve(case, world.frida, START + 7 * HOUR)

    assert of_person(world.bob).median == 5 * HOUR
    assert of_person(world.frida).median == 2 * HOUR
    assert (of_rule("every").decisions, of_rule("risky").decisions) == (2, 1)


def test_what_is_reopened_is_decided_anew_and_both_decisions_count(world):
    case = world.requested(safeguards=[world.safeguard(required=True)])
    approve(case, world.bob, START + HOUR)
    people.remove_member(group=world.group, member=world.bob, actor=None, at=START + DAY)
    safeguard = case.safeguards.get()
    services.verify_safeguard(safeguard=safeguard, actor=world.connie, at=START + DAY, statement="Seen")
    services.activate(case=fresh(case), at=START + 2 * DAY, router=world.router)
    assert fresh(case).state == "requested"
    approve(case, world.carol, START + 2 * DAY + 3 * HOUR)

    assert of_person(world.carol).median == 3 * HOUR
    assert of_rule().decisions == 2


def test_a_lapsed_request_counts_for_the_rules_of_the_step_that_waited_and_for_whom_it_asked(world):
    case = asked(world, 1, router=two_steps(world))
    approve(case, world.bob, START + HOUR)
    assert world.carol

    before_the_sweep = of_rule("risky").lapsed
    services.lapse(case=case, at=START + 20 * DAY)

    assert (before_the_sweep, of_rule("risky").lapsed, of_rule("every").lapsed) == (1, 1, 1)
    assert [of_person(one).lapsed for one in (world.frida, world.bob)] == [1, 0]
    assert world.carol not in dict(report().approvers)


def test_what_was_withdrawn_approved_or_is_still_open_has_not_lapsed(world):
    world.withdrawn(identity=world.make_identity("withdrawn"))
    case = world.approved(identity=world.make_identity("unused"), safeguards=[world.safeguard(required=True)])
    assert services.lapse(case=case, at=START + 40 * DAY)
    asked(world, 1, at=START + 60 * DAY)

    assert report(until=61 * DAY).rules[0][1].lapsed == 0


def test_a_turn_that_went_to_the_lead_and_then_to_the_fallback_group_is_one_escalation(world):
    people.change_group(group=world.group, actor=None, at=START - DAY, lead=world.person("Lea"))
    assert world.frida
    case = asked(world, 1)
    for hours in range(0, 96, 6):
        sweeps.run_all(sweeps.REMINDERS, name="sweep_reminders", at=START + hours * HOUR)
    approve(case, world.frida, START + 95 * HOUR)

    assert Reminder.objects.filter(kind__in=reminders.ESCALATIONS).count() == 2
    assert (of_rule().escalated, of_rule().from_behind) == (1, 1)
    assert [of_person(one).escalated for one in (world.frida, world.bob, world.carol)] == [0, 1, 1]
    assert of_person(world.frida).median == 95 * HOUR


def test_nobody_answers_for_what_waited_before_they_came_or_that_they_gain_from(world):
    group = world.make_group("Late", "Ann", "Ben")
    people.add_member(group=group, member=world.person("Alice"), actor=None, at=START - DAY)
    case = asked(world, 1, router=world.routed((group, 1)))
    lapses_at = fresh(case).decide_by_at
    people.add_member(group=group, member=world.person("Eve"), actor=None, at=lapses_at + HOUR)
    people.remove_member(group=group, member=world.person("Ben"), actor=None, at=lapses_at + HOUR)

    assert {str(user) for user, _figures in report().approvers} == {"Ann", "Ben"}


def test_a_step_of_owners_asks_the_owners(world):
    steps = [
        StepPlan("Control", None, 1, ("test",), DAY, Source.CONTROL_OWNER),
        StepPlan("Systems", None, 1, ("test",), DAY, Source.SYSTEM_OWNER),
        StepPlan("Named", None, 1, ("test",), DAY, Source.PERSON, world.carol),
    ]
    for number, step in enumerate(steps):
        asked(world, number, router=lambda case, step=step: RoutePlan((step,)))

    found = {user for user, figures in report().approvers if figures.lapsed == 1}

    assert found == {world.connie, world.sven, world.carol}


def test_who_has_left_still_counts(world):
    approve(asked(world, 1), world.bob, START + HOUR)
    asked(world, 2)
    people.deactivate(user=world.bob, actor=None, at=START + DAY)

    assert (of_person(world.bob).decisions, of_person(world.bob).lapsed) == (1, 0)


def test_most_decisions_stand_first(world):
    for number in range(3):
        approve(asked(world, number), world.carol if number else world.bob, START + HOUR)

    assert [str(user) for user, _figures in report().approvers] == ["Carol", "Bob"]


def test_more_history_takes_no_more_queries(world):
    def live(start):
        for number in range(start, start + 4):
            case = asked(world, number, router=two_steps(world))
            if number % 2:
                approve(case, world.bob, START + HOUR)
        sweeps.run_all(sweeps.REMINDERS, name="sweep_reminders", at=START + 94 * HOUR)

    live(0)
    with CaptureQueriesContext(connection) as few:
        report()
    live(4)
    with CaptureQueriesContext(connection) as many:
        told = report()

    assert dict(told.rules)["risky"].lapsed == 4
    assert len(many) == len(few) <= 11
