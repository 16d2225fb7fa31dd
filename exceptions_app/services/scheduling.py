"""Which reviews a case has: the next whose turn comes, those that something opened, and their answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import Stale
from accounts.models import User
from exceptions_app import reviewing
from exceptions_app.models import Evidence, ExceptionCase, Outcome, Review
from exceptions_app.recording import Change
from exceptions_app.services.relying import unanswered


def begin_reviews(row: ExceptionCase, change: Change, from_at: datetime) -> list[Review]:
    """Write the review whose turn comes next after a look at `from_at` (UTC); answers what is unanswered by then."""
    found = reviewing.scheduled(row, from_at)
    if found is None:
        return []
    change.add(found)
    return [found]


def demand_seen(row: ExceptionCase, seen: Collection[int], at: datetime) -> list[Review]:
    """The unanswered reviews; raises Stale where one is open at `at` that the person was not shown."""
    found = unanswered(row)
    if any(review.pk not in seen for review in found if review.is_open(at)):
        raise Stale(_("Something else happened to it after you opened this. Read it again."), current=row)
    return found


def answer(
    reviews: Iterable[Review],
    change: Change,
    *,
    by: User,
    outcome: Outcome,
    statement: str,
    evidence: Evidence | None = None,
) -> None:
    """One look answers all there is to look at, what was still to come among it."""
    for review in reviews:
        review.outcome, review.statement, review.evidence = outcome, statement, evidence
        review.reviewed_by, review.reviewed_at = by, change.at
        change.touch(review)
