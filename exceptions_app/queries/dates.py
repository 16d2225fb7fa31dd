"""What of a person's exceptions lies ahead: when they end, and by when they are to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from exceptions_app.models import ACTIVATED, RELIED_ON, ExceptionCase, Review, State
from exceptions_app.queries.filtering import answered_for_by
from exceptions_app.queries.looking import to_review

MOST = 1000
"""Of ends, and of reviews, the soonest are told up to so many."""


class Ahead(TextChoices):
    """What is to come, and how its date is told."""

    END = "end", _("ends")
    LATEST_END = "latest_end", _("ends at the latest")
    REVIEW = "review", _("review due")


@dataclass(frozen=True)
class Date:
    """`name` is the same however often it moves; `changed_at` and `changes` tell that it may have."""

    name: str
    what: Ahead
    at: datetime
    reference: str
    title: str
    changed_at: datetime
    changes: int


def dates_of(user: User, at: datetime) -> Iterator[Date]:
    """Ends of what this person asked for, owns or backs, and reviews of it or that they may answer; four queries."""
    mine = Q(requester=user) | answered_for_by(user)
    used = ExceptionCase.objects.filter(mine).standing([State.APPROVED, *ACTIVATED], at)
    ends = _changed(used.annotate(ends_at=Coalesce("expires_at", "latest_end_at")))
    for case in ends.filter(ends_at__gt=at).order_by("ends_at", "pk")[:MOST]:
        yield _date(case, "end", Ahead.END if case.expires_at else Ahead.LATEST_END, case.ends_at, case)
    relied_on = ExceptionCase.objects.filter(mine).standing(RELIED_ON, at).values("pk")
    asked = Review.objects.open(at).filter(case__in=to_review(user, at).values("pk")).values("pk")
    reviews = Review.objects.awaited().filter(Q(case__in=relied_on) | Q(pk__in=asked)).select_related("case")
    for review in _changed(reviews).order_by("due_at", "pk")[:MOST]:
        yield _date(review, f"review-{review.pk}", Ahead.REVIEW, review.due_at, review.case)


def _date(row: Any, name: str, what: Ahead, on: datetime, case: ExceptionCase) -> Date:
    return Date(
        name=f"{case.reference}-{name}",
        what=what,
        at=on,
        reference=case.reference,
        title=case.title,
        changed_at=row.changed_at,
        changes=row.changes,
    )


def _changed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With when each row was changed last and how often it was, as its history has it."""
    versions = rows.model.history.filter(id=OuterRef("pk")).order_by().values("id")
    changed: QuerySet[Any] = rows.annotate(
        changed_at=Subquery(versions.annotate(last=Max("history_date")).values("last")),
        changes=Subquery(versions.annotate(number=Count("pk")).values("number")),
    )
    return changed
