"""In force is computed, for any instant (promise 3, bar 4): no worker is needed to end anything, and the past is told
alike by the recorded periods and by the ledger's events.
"""

import random

import pytest

from accounts import services as people
from exceptions_app import services
from exceptions_app.models import ENDED, ExceptionCase, Period
from tests.exceptions_app.reading import assert_intact
from tests.exceptions_app.replay import Replay
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db
INSTANTS = 200


@pytest.fixture(scope="module")
def lived(founded):
    """Cases that went every way a case can go; afterwards no worker runs any more."""
    world = founded
    fields = [{"identity": world.make_identity(f"svc-{number}"), "term_days": 5 + 5 * number} for number in range(14)]
    each = iter(fields)
    end_early(world, each)
    pause(world, each)
    hand_over(world, each)
    world.active(START + 3 * DAY, **next(each))
    world.expiring(START + 4 * DAY, **next(each))
    world.closed(START, **next(each))
    world.approved(START, **next(each))
    world.requested(START, **next(each))
    orphan = world.active(START, owner=world.person("Otto"), **next(each))
    people.deactivate(user=world.person("Otto"), actor=None, at=START + 9 * DAY)
    services.hand_over_orphan(case=orphan, at=START + 9 * DAY)
    assert ExceptionCase.objects.in_force(START + 10 * DAY).count() > 4
    return world


@pytest.fixture
def company(lived, world):
    return world


def end_early(world, each):
    for verb, actor in ((services.complete, world.alice), (services.revoke, world.connie)):
        case = world.active(**next(each))
        verb(case=case, actor=actor, at=START + 4 * DAY, reason="Because.")


def pause(world, each):
    case = world.active(**next(each))
    for day in (2, 5, 8):
        services.suspend(case=case, actor=world.connie, at=START + day * DAY, reason="Odd calls.")
        services.resume(case=case, actor=world.bob, at=START + day * DAY + 30 * HOUR, statement="All well.")
    services.suspend(case=world.active(**next(each)), actor=world.connie, at=START + 7 * DAY, reason="Odd calls.")


def hand_over(world, each):
    """One renewal follows, one is held and let go on, one is held for good."""
    for turn in range(3):
        case = world.active(**next(each))
        heir = world.renewal(case, case.expires_at - DAY)
        world.approve(heir, case.expires_at - HOUR)
        if turn:
            services.revoke(case=case, actor=world.connie, at=case.expires_at - HOUR / 2, reason="Leaked.")
        if turn == 1:
            services.resume(case=heir, actor=world.bob, at=case.expires_at - HOUR / 3, statement="All well.")


def test_with_every_worker_stopped_nothing_outlives_its_end(company):
    last = max(Period.objects.values_list("until_at", flat=True))
    left = ExceptionCase.objects.exclude(state__in=ENDED).exclude(expires_at=None)
    assert left.filter(state__in=["active", "expiring"]).exists(), "nobody has recorded their ends"

    for late in (last, last + HOUR, last + 1000 * DAY):
        assert not ExceptionCase.objects.in_force(late).exists()
    for case in left:
        assert not case.is_in_force(case.expires_at)
        assert not ExceptionCase.objects.in_force(case.expires_at).filter(pk=case.pk).exists()


def test_the_past_is_what_the_events_tell(company):
    assert told_alike(random.Random(4)) == []
    assert_intact()


@pytest.mark.proof
def test_the_past_is_what_the_events_tell_at_thousands_of_instants(company, proof_figure):
    assert [pair for seed in range(10) for pair in told_alike(random.Random(seed))] == []

    proof_figure("Random past instants at which what was in force is what the events tell", 10 * INSTANTS)


def test_the_past_stays_what_it_was_when_the_clock_catches_up(company):
    rng = random.Random(4)
    before = {at: in_force(at) for at in instants(rng)}

    company.sweep(START + 2000 * DAY)

    assert {at: in_force(at) for at in before} == before
    assert told_alike(random.Random(5)) == []
    assert set(ExceptionCase.objects.exclude(state="draft").values_list("state", flat=True)) <= set(ENDED)
    assert_intact()


def told_alike(rng):
    """The instants, of two hundred, at which periods and events disagree, with both answers."""
    stories = {case.reference: Replay(case.stream) for case in ExceptionCase.objects.all()}
    for case in ExceptionCase.objects.all():
        assert stories[case.reference].state == fresh(case).state
    pairs = [(at, in_force(at), {name for name, told in stories.items() if told.in_force(at)}) for at in instants(rng)]
    assert any(computed for _at, computed, _told in pairs)
    return [pair for pair in pairs if pair[1] != pair[2]]


def in_force(at):
    return set(ExceptionCase.objects.in_force(at).values_list("reference", flat=True))


def instants(rng):
    """Random ones, and the very bounds of every period, where mistakes live."""
    last = max(Period.objects.values_list("until_at", flat=True))
    bounds = [at for pair in Period.objects.values_list("from_at", "until_at") for at in pair]
    return [START + rng.random() * (last - START) for _each in range(INSTANTS)] + bounds
