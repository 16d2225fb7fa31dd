"""Machines that look after safeguards: what they find counts like a person's word, for a shorter time."""

import json

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import services
from exceptions_app.freshness import BY_CHECK, GRACE
from exceptions_app.models import Safeguard, Watch
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db
HOLDS, PATIENCE = BY_CHECK[Tier.MODERATE], GRACE[Tier.MODERATE]


@pytest.fixture
def approved(world):
    return world.approved(safeguards=[world.safeguard(required=True)], term_days=90)


def guard_of(case):
    return Safeguard.objects.select_related("case").get(case=case)


def beaten(world, case, at=START):
    """A heartbeat is set up by Bob."""
    return services.watch_by_heartbeat(safeguard=guard_of(case), actor=world.bob, at=at)


def beat(watch, at, problem=""):
    return services.hear(watch=watch, message_id=f"msg_{at.isoformat()}", at=at, problem=problem)


def test_its_first_success_verifies_what_it_checks_so_that_the_case_starts(world, approved):
    watch = beaten(world, approved)
    assert world.activate(approved, START).state == "approved", "nothing was heard yet"

    assert beat(watch, START + HOUR)

    guard = guard_of(approved)
    assert (guard.verified_how, guard.verified_by, guard.due_from_at) == ("heartbeat", world.bob, None)
    assert guard.fresh_until_at == START + HOUR + HOLDS
    assert world.activate(approved, START + HOUR).state == "active"
    assert fresh(approved).relied_until_at == START + HOUR + HOLDS + PATIENCE
    assert events(approved)[-3:] == ["safeguard.watched", "safeguard.checked", "case.activated"]
    assert_intact()


def test_silence_puts_it_out_of_force_without_any_worker(world, approved):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)

    assert case.is_in_force(START + HOLDS + PATIENCE - HOUR)
    assert not case.is_in_force(START + HOLDS + PATIENCE)


def test_a_hundred_beats_are_a_few_events(world, approved):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)

    for hours in range(1, 101):
        beat(watch, START + hours * HOUR)

    assert events(case).count("safeguard.checked") == 1 + 100 // 13
    assert fresh(case).is_in_force(START + 100 * HOUR)
    assert Watch.objects.get().heard_at == START + 100 * HOUR
    assert_intact()


def test_a_heartbeat_that_says_it_fails_is_believed_at_once_and_taken_back_by_the_next(world, approved):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)

    beat(watch, START + HOUR, "The rule is off.")
    guard = guard_of(case)
    assert (guard.failed_at, guard.failed_how, guard.failure) == (START + HOUR, "heartbeat", "The rule is off.")
    assert fresh(case).relied_until_at == START + HOUR + PATIENCE
    assert (last(case).kind, last(case).actor_kind) == ("safeguard.failed", "clock")
    beat(watch, START + 2 * HOUR)

    assert guard_of(case).failed_at is None
    assert fresh(case).relied_until_at == START + 2 * HOUR + HOLDS + PATIENCE
    assert_intact()


def test_what_a_person_saw_failing_no_machine_takes_back(world, approved):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)
    services.report_failure(safeguard=guard_of(case), actor=world.olga, at=START + HOUR, reason="It pages nobody.")

    beat(watch, START + 2 * HOUR)

    assert guard_of(case).failed_at == START + HOUR
    assert not fresh(case).is_in_force(START + HOUR + PATIENCE)


def test_no_machine_brings_back_what_has_fallen(world, approved):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)
    at = START + HOLDS + PATIENCE + HOUR

    beat(watch, at)

    case = fresh(case)
    assert (case.state, case.suspended_at) == ("suspended", START + HOLDS + PATIENCE)
    assert not case.is_in_force(at)
    assert guard_of(case).fresh_until_at == at + HOLDS
    resumed = services.resume(case=case, actor=world.bob, at=at, statement="The sender is back.")
    assert resumed.is_in_force(at)
    assert_intact()


def test_nobody_who_gains_sets_up_what_vouches(world, approved):
    for person in (world.alice, world.olga, world.olive, world.mallory, world.audrey):
        with refused(NotAllowed, approved):
            services.watch_by_heartbeat(safeguard=guard_of(approved), actor=person, at=START)
        with refused(NotAllowed, approved):
            services.watch_by_probe(safeguard=guard_of(approved), actor=person, at=START, url="https://x/", status=200)
    with refused(NotPossible, approved, says="Nothing checks"):
        services.stop_watching(safeguard=guard_of(approved), actor=world.bob, at=START)


def comes_to_gain(world):
    catalog.change_identity(identity=fresh(world.identity), version=1, actor=None, at=START + HOUR, owner=world.bob)


def leaves(world):
    people.deactivate(user=world.bob, actor=None, at=START + HOUR)


@pytest.mark.parametrize("what", [comes_to_gain, leaves])
def test_a_check_counts_no_more_once_who_set_it_up_gains_or_is_gone(world, approved, what):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)
    what(world)

    beat(watch, START + HOLDS - HOUR)

    assert guard_of(case).failed_at is None, "it is no word at all"
    assert "gains from the exception by now, or has left" in Watch.objects.get().problem
    assert not fresh(case).is_in_force(START + HOLDS + PATIENCE)


def test_a_probe_fails_only_after_three_failures_in_a_row(world, approved):
    probe = {"url": "https://status.example.org/health?key=hidden", "status": 200}
    watch = services.watch_by_probe(safeguard=guard_of(approved), actor=world.bob, at=START, **probe)
    services.note(watch=watch, at=START)
    case = world.activate(approved, START)

    for minutes in (15, 30):
        services.note(watch=watch, at=START + minutes * HOUR / 60, problem="It answered 503.")
    assert guard_of(case).failed_at is None
    services.note(watch=watch, at=START + 45 * HOUR / 60, problem="It answered 503.")

    assert guard_of(case).failure == "It answered 503."
    assert "hidden" not in json.dumps(body(case, "safeguard.watched"))
    assert_intact()


def test_what_is_asked_anew_is_checked_by_nothing_any_more(world, approved):
    beaten(world, approved)

    services.raise_tier(
        case=approved, actor=world.connie, at=START + HOUR, tier=Tier.HIGH, reason="It faces out.", router=world.router
    )

    assert not Watch.objects.exists()
    assert_intact()


def test_what_a_machine_saw_failing_a_person_may_say_too_and_then_no_machine_takes_it_back(world, approved):
    watch = beaten(world, approved)
    beat(watch, START)
    case = world.activate(approved, START)
    beat(watch, START + HOUR, "The rule is off.")

    services.report_failure(safeguard=guard_of(case), actor=world.olga, at=START + 2 * HOUR, reason="I see it too.")
    beat(watch, START + 3 * HOUR)

    guard = guard_of(case)
    assert (guard.failed_at, guard.failed_how) == (START + HOUR, "person")
    assert_intact()


def test_a_check_that_has_ended_hears_nothing(world, approved):
    watch = beaten(world, approved)
    services.stop_watching(safeguard=guard_of(approved), actor=world.bob, at=START)

    assert not services.hear(watch=watch, message_id="msg_1", at=START)
    services.note(watch=watch, at=START)
    assert guard_of(approved).verified_at is None


def test_a_heartbeat_is_heard_once_and_an_old_one_is_forgotten(world, approved):
    watch = beaten(world, approved)

    assert services.hear(watch=watch, message_id="msg_1", at=START)
    assert not services.hear(watch=watch, message_id="msg_1", at=START + HOUR / 60)
    services.hear(watch=watch, message_id="msg_2", at=START + DAY)
    assert watch.heartbeats.count() == 1


ASKED_WRONGLY = {
    "status": {"status": 42},
    "pointer": {"pointer": "ok", "expected": "true"},
    "expected": {"pointer": "/ok"},
}


@pytest.mark.parametrize("field", ASKED_WRONGLY)
def test_no_door_sets_up_a_probe_that_says_nothing(world, approved, field):
    asked = {"url": "https://status.example.org:8443/health?key=1", "status": 200} | ASKED_WRONGLY[field]

    with pytest.raises(NotPossible) as refusal:
        services.watch_by_probe(safeguard=guard_of(approved), actor=world.bob, at=START, **asked)

    assert refusal.value.fields.keys() == {field}
    assert not Watch.objects.exists()


def test_the_ledger_names_where_a_probe_asks_without_its_query(world, approved):
    asked = {"url": "https://status.example.org:8443/health?key=1", "status": 200}

    services.watch_by_probe(safeguard=guard_of(approved), actor=world.bob, at=START, **asked)

    assert body(approved, "safeguard.watched")["url"] == "https://status.example.org:8443/health"
