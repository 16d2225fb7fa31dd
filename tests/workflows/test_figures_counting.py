"""What is counted, by slow and obvious arithmetic beside it."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from workflows.figures import counting
from workflows.figures.counting import End, Given, Unanswered
from workflows.figures.turns import Answer, PastStep

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
STEP = PastStep(1, "Owner", 1, ("A",))


def given(person=1, verdict="approve", *, step=STEP, took=HOUR, looked=None, **details):
    shown_at = None if looked is None else AT - looked
    return Given(step, Answer(1, step.key, person, verdict, AT, shown_at=shown_at, **details), took)


def test_an_approval_is_quick_under_thirty_seconds_after_opening():
    looks = [None, 0 * SECOND, 29 * SECOND, 30 * SECOND, HOUR]

    figures = counting.per_approver([given(looked=looked) for looked in looks], [])[1]

    assert (figures.shown, figures.quick) == (4, 2)


def test_shares_are_told_from_five_decisions_on():
    assert counting.per_approver([given()] * 4, [])[1].are_few
    assert not counting.per_approver([given()] * 5, [])[1].are_few


@pytest.mark.parametrize(
    ("hours", "middle", "p90"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([1, 3], 2, 2.8),
        ([5, 1, 3], 3, 4.6),
        (range(1, 11), 5.5, 9.1),
        (range(11), 5, 9),
        ([2] * 20, 2, 2),
    ],
)
def test_median_and_p90_lie_between_the_nearest_ranks(hours, middle, p90):
    times = [hour * HOUR for hour in hours]

    assert (counting.middle(times), counting.p90(times)) == (_hours(middle), _hours(p90))


def test_what_came_before_its_turn_is_counted_but_not_timed():
    figures = counting.per_approver([given(took=None, verdict="reject"), given(took=2 * HOUR)], [])[1]

    assert (figures.decisions, figures.rejected, figures.median) == (2, 1, 2 * HOUR)


def test_a_decision_counts_for_every_rule_that_asked_and_once_for_its_approver():
    both = PastStep(1, "Owner", 1, ("A", "B"))

    rules = counting.per_rule([given(step=both), given()], [Unanswered(both, End.LAPSED, frozenset({1, 2}))])
    people = counting.per_approver([given(step=both), given()], [Unanswered(both, End.LAPSED, frozenset({1, 2}))])

    assert {name: (some.decisions, some.lapsed) for name, some in rules.items()} == {"A": (2, 1), "B": (1, 1)}
    assert {key: (some.decisions, some.lapsed) for key, some in people.items()} == {1: (2, 1), 2: (0, 1)}


@pytest.mark.parametrize(
    ("odd", "named"),
    [(None, True), ({"verdict": "reject"}, False), ({"verdict": "changes"}, False), ({"is_narrowed": True}, False)],
)
def test_a_step_is_named_while_all_of_many_decisions_are_a_plain_yes(odd, named):
    some = [given(person) for person in (1, 2, 1, 2, 1, 2, 1, 2, 1)]

    found = counting.always_yes([*some, given(3, **(odd or {}))])

    assert [(one.rule, one.step, one.decisions, one.people) for one in found] == [("A", "Owner", 10, 3)] * named
    assert counting.always_yes(some) == []


@pytest.mark.parametrize("seed", range(100))
def test_random_decisions_are_counted_as_by_hand(seed):
    luck = random.Random(seed)
    steps = [PastStep(n, luck.choice("xyz"), 1, tuple(luck.sample("ABC", luck.randint(1, 3)))) for n in range(4)]
    some = [_any(luck, luck.choice(steps)) for _ in range(luck.randint(0, 60))]
    waits = [
        Unanswered(luck.choice(steps), luck.choice(list(End)), frozenset(luck.sample(range(4), luck.randint(0, 3))))
        for _ in range(luck.randint(0, 9))
    ]

    people, rules = counting.per_approver(some, waits), counting.per_rule(some, waits)

    for person in range(4):
        mine = [one for one in some if one.answer.person == person]
        theirs = [wait for wait in waits if person in wait.asked]
        assert _same(people.get(person), mine, theirs)
    for rule in "ABC":
        mine = [one for one in some if rule in one.step.rules]
        theirs = [wait for wait in waits if rule in wait.step.rules]
        assert _same(rules.get(rule), mine, theirs)
        for name in "xyz":
            here = [one for one in mine if one.step.name == name]
            plain = [one for one in here if one.answer.verdict == "approve" and not one.answer.is_narrowed]
            wanted = len(here) >= 10 and len(plain) == len(here)
            assert wanted == ((rule, name) in {(one.rule, one.step) for one in counting.always_yes(some)})


def _any(luck, step):
    verdict = luck.choice(["approve"] * 5 + ["reject", "changes"])
    details = {"is_narrowed": verdict == "approve" and luck.random() < 0.1, "from_behind": luck.random() < 0.2}
    took = luck.choice([None, luck.randint(0, 10**6) * SECOND])
    looked = luck.choice([None, luck.randint(0, 60) * SECOND])
    return given(luck.randrange(4), verdict, step=step, took=took, looked=looked, **details)


def _same(figures, some, waits):
    if figures is None:
        return not some and not waits
    times = sorted(one.took / SECOND for one in some if one.took is not None)
    shown = [one for one in some if one.answer.shown_at]
    counted = {
        "decisions": len(some),
        "approved": len([one for one in some if one.answer.verdict == "approve"]),
        "narrowed": len([one for one in some if one.answer.is_narrowed]),
        "rejected": len([one for one in some if one.answer.verdict == "reject"]),
        "from_behind": len([one for one in some if one.answer.from_behind]),
        "shown": len(shown),
        "quick": len([one for one in shown if (one.answer.at - one.answer.shown_at).total_seconds() < 30]),
        "lapsed": len([wait for wait in waits if wait.end == End.LAPSED]),
        "escalated": len([wait for wait in waits if wait.end == End.ESCALATED]),
    }
    assert {name: getattr(figures, name) for name in counted} == counted
    assert _near(figures.median, _ranked(times, 0.5))
    assert _near(figures.p90, _ranked(times, 0.9))
    return True


def _ranked(times, share):
    """So far along the way from the shortest to the longest, rank by rank."""
    if not times:
        return None
    place = share * (len(times) - 1)
    below = int(place)
    above = min(below + 1, len(times) - 1)
    return times[below] + (times[above] - times[below]) * (place - below)


def _near(length, seconds):
    return length is None if seconds is None else abs(length / SECOND - seconds) < 0.001


def _hours(number):
    return None if number is None else number * HOUR
