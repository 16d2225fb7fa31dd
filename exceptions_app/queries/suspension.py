"""How a case came to be suspended, and what has to happen before it resumes: the same for a page and for a mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from audit import queries as ledger
from audit.models import Event
from exceptions_app import judges
from exceptions_app.models import ExceptionCase, State
from exceptions_app.queries.witnessing import approvers_of
from exceptions_app.resuming import Obstacle, obstacle


@dataclass(frozen=True)
class Suspension:
    """`event` and `by` are None where no sweep has recorded it yet, `by` also where the clock did.

    It resumes once one of `people` says so, and nothing stands before that (`obstacle` None).
    """

    event: Event | None
    by: User | None
    people: Sequence[User]
    obstacle: Obstacle | None


def suspension_of(case: ExceptionCase, at: datetime) -> Suspension | None:
    """How it stands with the suspension of the case at `at` (UTC); None where it is not suspended."""
    if case.standing_at(at)[0] != State.SUSPENDED:
        return None
    recorded = ledger.story(case.stream).filter(kind="case.suspended").order_by("-sequence")
    event = recorded.first() if case.state == State.SUSPENDED else None
    by = User.objects.filter(pseudonym=event.actor_id).first() if event and event.actor_id else None
    return Suspension(event=event, by=by, people=resumers(case, at), obstacle=obstacle(case, at))


def resumers(case: ExceptionCase, at: datetime) -> list[User]:
    """Who may resume it: those who review it, and while no review is open whoever else may approve it."""
    reviewing = [sitter.user for sitter in judges.reviewers(case, at)]
    if case.reviews.open(at).exists():
        return reviewing
    return [*reviewing, *(person for person in approvers_of(case, at) if person not in reviewing)]
