"""What is counted of decisions, per approver and per rule. Pure: numbers, not blame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from statistics import median, quantiles
from typing import TypeVar

from exceptions_app.models import Verdict
from workflows.figures.turns import Answer, PastRoute, PastStep, before, turn_began_at

K = TypeVar("K", bound=Hashable)
QUICK = timedelta(seconds=30)
ENOUGH = 5
"""Of fewer decisions a share would say more than is known."""
MANY = 10
"""So many decisions without one that is not a plain yes, and a step is named."""


@dataclass(frozen=True)
class Given:
    """A decision, what it answered, and how long the step's turn had run by then; None before its turn had come."""

    step: PastStep
    answer: Answer
    took: timedelta | None

    @property
    def was_quick(self) -> bool | None:
        """Whether it was given within QUICK of opening what it decides; None where the opening is not known."""
        return None if self.answer.shown_at is None else self.answer.at - self.answer.shown_at < QUICK

    @property
    def is_plain_yes(self) -> bool:
        return self.answer.is_approval and not self.answer.is_narrowed


class End(Enum):
    """What came of a step's turn that nobody answered in time."""

    LAPSED = "lapsed"
    ESCALATED = "escalated"


@dataclass(frozen=True)
class Unanswered:
    """A turn that ran out, or out to the lead or the fallback group, and the keys of those it asked."""

    step: PastStep
    end: End
    asked: frozenset[int]


@dataclass(frozen=True)
class Figures:
    """The numbers of one approver or one rule. `approved` has the narrowed ones; `shown` counts known openings."""

    decisions: int
    approved: int
    narrowed: int
    rejected: int
    from_behind: int
    shown: int
    quick: int
    median: timedelta | None
    p90: timedelta | None
    lapsed: int
    escalated: int

    @property
    def are_few(self) -> bool:
        """Whether there are too few decisions to speak of shares."""
        return self.decisions < ENOUGH


@dataclass(frozen=True)
class AlwaysYes:
    """A step that a rule asks for, and how many plain approvals it had from how many people, and nothing else."""

    rule: str
    step: str
    decisions: int
    people: int


def decision(route: PastRoute, step: PastStep, answer: Answer) -> Given:
    """The answer with the time it took, counted from when the step's turn began."""
    began_at = turn_began_at(route, step, before(answer))
    return Given(step, answer, None if began_at is None else answer.at - began_at)


def per_approver(given: Iterable[Given], unanswered: Iterable[Unanswered]) -> dict[int, Figures]:
    """By the key of who gave them. A turn nobody answered counts for each person it asked."""
    decided = ((one.answer.person, one) for one in given)
    waited = ((person, one) for one in unanswered for person in one.asked)
    return _figures(decided, waited)


def per_rule(given: Iterable[Given], unanswered: Iterable[Unanswered]) -> dict[str, Figures]:
    """By the rule's name as it was pinned. What several rules asked for counts for each of them."""
    decided = ((rule, one) for one in given for rule in one.step.rules)
    waited = ((rule, one) for one in unanswered for rule in one.step.rules)
    return _figures(decided, waited)


def always_yes(given: Iterable[Given]) -> list[AlwaysYes]:
    """Steps by rule and name with MANY decisions, each of them a plain yes; most decisions first."""
    grouped = _by(((rule, one.step.name), one) for one in given for rule in one.step.rules)
    found = [
        AlwaysYes(rule, step, len(some), len({one.answer.person for one in some}))
        for (rule, step), some in grouped.items()
        if len(some) >= MANY and all(one.is_plain_yes for one in some)
    ]
    return sorted(found, key=lambda one: (-one.decisions, one.rule, one.step))


def p90(times: Sequence[timedelta]) -> timedelta | None:
    """The time within which nine of ten were: between the two nearest ranks, linearly (`method="inclusive"`).

    So it never lies above the longest there was. None of none.
    """
    if len(times) < 2:
        return times[0] if times else None
    return timedelta(seconds=quantiles(_seconds(times), n=10, method="inclusive")[-1])


def middle(times: Sequence[timedelta]) -> timedelta | None:
    """The median; the mean of the two in the middle where there are two. None of none."""
    return timedelta(seconds=median(_seconds(times))) if times else None


def _figures(decided: Iterable[tuple[K, Given]], waited: Iterable[tuple[K, Unanswered]]) -> dict[K, Figures]:
    given, unanswered = _by(decided), _by(waited)
    return {key: _of(given.get(key, []), unanswered.get(key, [])) for key in given.keys() | unanswered.keys()}


def _of(given: Sequence[Given], unanswered: Sequence[Unanswered]) -> Figures:
    verdicts = [one.answer.verdict for one in given]
    quick = [one.was_quick for one in given if one.was_quick is not None]
    times = [one.took for one in given if one.took is not None]
    ends = [one.end for one in unanswered]
    return Figures(
        decisions=len(given),
        approved=verdicts.count(Verdict.APPROVE),
        narrowed=sum(one.answer.is_narrowed for one in given),
        rejected=verdicts.count(Verdict.REJECT),
        from_behind=sum(one.answer.from_behind for one in given),
        shown=len(quick),
        quick=sum(quick),
        median=middle(times),
        p90=p90(times),
        lapsed=ends.count(End.LAPSED),
        escalated=ends.count(End.ESCALATED),
    )


V = TypeVar("V")


def _by(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return found


def _seconds(times: Sequence[timedelta]) -> list[float]:
    return [time.total_seconds() for time in times]
