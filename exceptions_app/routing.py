"""The shape of a route as `workflows` hands it in: who is asked, how many of them, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import ApproverGroup
    from exceptions_app.models import ExceptionCase


@dataclass(frozen=True)
class StepPlan:
    """One step: `count` members of `group` must say yes; `reasons` names each rule that asked for it."""

    name: str
    group: ApproverGroup
    count: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RoutePlan:
    """Steps in order, and how long the approvers have from submission."""

    steps: tuple[StepPlan, ...]
    decide_within: timedelta


Router = Callable[["ExceptionCase"], RoutePlan]
