"""Whose turn it was, and since when, as the stored rows tell it: steps, and the answers to them. Pure.

An answer stood at a moment if it was given before it and not voided before it. A step is met while as many approvals
of it stand as it needs, and it was the turn of the first that was not met. Its turn began at the latest of these:

- the route was pinned;
- the last of the approvals that met the steps before it was given;
- an approval of its own was voided: what was approved was reopened, or the facts shown changed, and it was asked anew.

An answer that voids others, since the facts had changed, is still an answer to the turn in which it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from exceptions_app.models import Verdict

Moment: TypeAlias = "tuple[datetime, int]"
"""An instant, and the key of the answer before which it is; `before` makes one."""


@dataclass(frozen=True)
class Answer:
    """One decision as it was given; instants are UTC. `key` orders answers of one instant."""

    key: int
    step: int
    person: int
    verdict: str
    at: datetime
    voided_at: datetime | None = None
    shown_at: datetime | None = None
    for_whom: int | None = None
    is_narrowed: bool = False
    from_behind: bool = False

    @property
    def is_approval(self) -> bool:
        return self.verdict == Verdict.APPROVE

    def stood(self, moment: Moment) -> bool:
        """Whether it had been given by then, and was not void."""
        return (self.at, self.key) < moment and (self.voided_at is None or self.voided_at >= moment[0])


@dataclass(frozen=True)
class PastStep:
    """A step as it was pinned: how many it needs, and the names of the rules that asked for it."""

    key: int
    name: str
    count: int
    rules: tuple[str, ...]
    group: int | None = None
    people: frozenset[int] = frozenset()


@dataclass(frozen=True)
class PastRoute:
    """A route with its steps in order, and every answer to them, oldest first."""

    case: int
    pinned_at: datetime
    voided_at: datetime | None
    steps: Sequence[PastStep]
    answers: Sequence[Answer]

    def stood_at(self, at: datetime) -> bool:
        return self.pinned_at <= at and (self.voided_at is None or self.voided_at > at)


def before(what: Answer | datetime) -> Moment:
    """The moment just before an answer, or just before anything that happened at an instant."""
    return (what.at, what.key) if isinstance(what, Answer) else (what, 0)


def waiting_step(route: PastRoute, moment: Moment) -> PastStep | None:
    """The step whose turn it was; None where all were met."""
    return next((step for step in route.steps if len(_given(route, step, moment)) < step.count), None)


def turn_began_at(route: PastRoute, step: PastStep, moment: Moment) -> datetime | None:
    """When the step's turn began that ran, or had run, at the moment; None before its turn had come."""
    began = [route.pinned_at]
    for earlier in route.steps[: route.steps.index(step)]:
        given = _given(route, earlier, moment)
        if len(given) < earlier.count:
            return None
        began += [answer.at for answer in given]
    own = (answer for answer in route.answers if answer.step == step.key and answer.is_approval)
    began += [answer.voided_at for answer in own if answer.voided_at is not None and answer.voided_at < moment[0]]
    return max(began)


def heard(route: PastRoute, step: PastStep, moment: Moment) -> set[int]:
    """Keys of those the step no longer asked: they had approved it, or stepped aside from the route.

    Those for whom a delegate had spoken are among them.
    """
    spoke = [*_given(route, step, moment), *_aside(route, moment)]
    return {key for answer in spoke for key in (answer.person, answer.for_whom) if key is not None}


def _given(route: PastRoute, step: PastStep, moment: Moment) -> list[Answer]:
    return [one for one in route.answers if one.step == step.key and one.is_approval and one.stood(moment)]


def _aside(route: PastRoute, moment: Moment) -> list[Answer]:
    return [one for one in route.answers if one.verdict == Verdict.RECUSE and one.stood(moment)]
