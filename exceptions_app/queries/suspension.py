"""How a case came to be suspended, and what has to happen before it resumes: the same for a page and for a mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from audit import queries as ledger
from audit.models import Event
from exceptions_app import judges
from exceptions_app.freshness import is_verified
from exceptions_app.models import ExceptionCase, State
from exceptions_app.succession import has_owner


@dataclass(frozen=True)
class Suspension:
    """`event` and `by` are None where no sweep has recorded it yet, `by` also where the clock did.

    It resumes once somebody answers for it (`has_owner`), its safeguards are verified (`is_verified`), and one of
    `people` says so.
    """

    event: Event | None
    by: User | None
    people: Sequence[User]
    has_owner: bool
    is_verified: bool


def suspension_of(case: ExceptionCase, at: datetime) -> Suspension | None:
    """How it stands with the suspension of the case at `at` (UTC); None where it is not suspended."""
    if case.standing_at(at)[0] != State.SUSPENDED:
        return None
    recorded = ledger.story(case.stream).filter(kind="case.suspended").order_by("-sequence")
    event = recorded.first() if case.state == State.SUSPENDED else None
    by = User.objects.filter(pseudonym=event.actor_id).first() if event and event.actor_id else None
    return Suspension(
        event=event,
        by=by,
        people=[sitter.user for sitter in judges.reviewers(case, at)],
        has_owner=has_owner(case),
        is_verified=all(is_verified(one, at) for one in case.safeguards.all()),
    )
