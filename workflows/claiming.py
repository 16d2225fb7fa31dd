"""Many imported drafts claimed at once, and those that are complete submitted: one transaction each, none lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.errors import NotPossible, Refusal
from accounts.models import User
from exceptions_app import limits, services
from exceptions_app.models import ExceptionCase
from exceptions_app.services import Filling
from workflows import services as work


@dataclass(frozen=True)
class Outcome:
    """What became of one draft. `refused` says why it was not claimed; `in_the_way` what keeps it from being asked."""

    case: ExceptionCase
    claimed: bool = False
    submitted: bool = False
    refused: str = ""
    in_the_way: Sequence[str] = field(default_factory=tuple)


def claim_many(
    *, cases: Sequence[ExceptionCase], actor: User, at: datetime, filling: Filling, submitting: bool
) -> list[Outcome]:
    """Claim each, fill in what it lacks, and if asked submit what is complete. What is refused is told and left."""
    return [_claim(case, actor, at, filling, submitting=submitting) for case in cases]


def _claim(case: ExceptionCase, actor: User, at: datetime, filling: Filling, *, submitting: bool) -> Outcome:
    try:
        claimed = services.claim(case=case, actor=actor, at=at, filling=filling)
    except Refusal as refusal:
        return Outcome(case, refused=str(refusal))
    in_the_way = _in_the_way(claimed, at)
    if in_the_way or not submitting:
        return Outcome(claimed, claimed=True, in_the_way=in_the_way)
    try:
        asked = work.submit(case=claimed, actor=actor, at=at)
    except NotPossible as refusal:
        return Outcome(claimed, claimed=True, in_the_way=[str(refusal)])
    except Refusal as refusal:
        return Outcome(claimed, claimed=True, refused=str(refusal))
    return Outcome(asked, claimed=True, submitted=True)


def _in_the_way(case: ExceptionCase, at: datetime) -> list[str]:
    draft = limits.Draft.stored(case)
    return list(dict.fromkeys(problem.sentence for problem in limits.problems(draft, at)))
