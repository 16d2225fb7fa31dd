"""The shape of a route as `workflows` hands it in: who is asked, how many of them, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from exceptions_app.models.choices import Assurance, Source

if TYPE_CHECKING:
    from accounts.models import ApproverGroup, User
    from catalog.models import System
    from exceptions_app.models import ExceptionCase


@dataclass(frozen=True)
class StepPlan:
    """One step: `count` people of the source must say yes; `reasons` names each rule that asked for it.

    `group` and `person` are named for the sources of these names alone. `decide_within` is counted from when it is the
    step's turn.
    """

    name: str
    group: ApproverGroup | None
    count: int
    reasons: tuple[str, ...]
    decide_within: timedelta
    source: Source = Source.GROUP
    person: User | None = None
    assurance: Assurance = Assurance.SESSION
    in_bulk: bool = False


@dataclass(frozen=True)
class RoutePlan:
    """Steps in order."""

    steps: tuple[StepPlan, ...]

    @property
    def decide_within(self) -> timedelta:
        """How long the approvers have from submission, all steps together."""
        return sum((step.decide_within for step in self.steps), timedelta())


def by_every_owner(plan: RoutePlan, systems: Iterable[System | None]) -> RoutePlan:
    """The plan, in which the owner of each system that is opened has to say yes: nobody opens what another owns.

    For systems nobody owns somebody who stands behind the owners has to.
    """
    owners = {system.owner_id for system in systems if system is not None}
    return RoutePlan(
        tuple(
            replace(step, count=max(step.count, len(owners))) if step.source == Source.SYSTEM_OWNER else step
            for step in plan.steps
        )
    )


Router = Callable[["ExceptionCase"], RoutePlan]
