"""How it stands with a review, in a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exceptions_app.models import ENDED, ExceptionCase, Review


@dataclass(frozen=True)
class ShownReview:
    """A review and what is said of it. `falls` says that missing it ends the force before the end does."""

    review: Review
    word: str | Promise
    tone: str
    is_moot: bool
    falls: bool


def shown_review(review: Review, case: ExceptionCase, at: datetime) -> ShownReview:
    """The review as it stands at `at` (UTC)."""
    is_moot = not review.outcome and case.state in ENDED
    word, tone = _word(review, at, is_moot=is_moot)
    falls = case.expires_at is not None and review.falls_at < case.expires_at
    return ShownReview(review, word, tone, is_moot, falls)


def _word(review: Review, at: datetime, *, is_moot: bool) -> tuple[str | Promise, str]:
    if review.outcome:
        return _("Done"), "tone-green"
    if is_moot:
        return _("Not done"), "tone-grey"
    if review.due_at <= at:
        return _("Overdue"), "tone-red"
    return (_("Due"), "tone-amber") if review.opens_at <= at else (_("To come"), "tone-slate")
