"""When a case is looked at again, by whom at the latest, and what happens if nobody does (promise 3).

A review is a row with its instants, written when the case starts or when something changes: no worker is needed for
one to open, or for a case whose review was missed to be out of force.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from catalog.models import Tier
from exceptions_app.freshness import tier_of
from exceptions_app.models import ExceptionCase, Review, Trigger
from exceptions_app.models.lifecycle import FALLBACK_AFTER, LEAD_AFTER

WITHIN = {
    Tier.LOW: timedelta(days=30),
    Tier.MODERATE: timedelta(days=14),
    Tier.HIGH: timedelta(days=5),
    Tier.CRITICAL: timedelta(days=2),
}
"""Time to look again once something has changed, by the risk of the case."""
PATIENCE = {
    Tier.LOW: timedelta(days=14),
    Tier.MODERATE: timedelta(days=7),
    Tier.HIGH: timedelta(),
    Tier.CRITICAL: timedelta(),
}
"""Time after the deadline in which it goes to those behind the reviewers, before the case is out of force."""
OPEN_SHARE = 5
"""A review whose turn comes is open for the last fifth of the time between two."""


def scheduled(case: ExceptionCase, from_at: datetime) -> Review | None:
    """The review whose turn comes next after a look at `from_at` (UTC); None where the case ends before.

    How long that is, its control says by risk (`Control.review_days`).
    """
    if case.control is None or case.expires_at is None:
        raise ValueError("a case that is relied on names its control and knows its end")
    between = timedelta(days=case.control.review_days(tier_of(case)))
    due_at = from_at + between
    return _review(case, Trigger.CADENCE, due_at - between / OPEN_SHARE, due_at) if due_at < case.expires_at else None


def opened(case: ExceptionCase, trigger: Trigger, at: datetime, *, why: str, cause: str = "") -> Review:
    """The review that something which happened at `at` (UTC) opens at once."""
    return _review(case, trigger, at, at + WITHIN[tier_of(case)], why=why, cause=cause)


def _review(
    case: ExceptionCase, trigger: Trigger, opens_at: datetime, due_at: datetime, *, why: str = "", cause: str = ""
) -> Review:
    """With patience it goes to those behind after the deadline, without before it, as a step's time does."""
    patience, length = PATIENCE[tier_of(case)], due_at - opens_at
    return Review(
        case=case,
        trigger=trigger,
        why=why,
        cause=cause,
        opens_at=opens_at,
        lead_from_at=due_at if patience else opens_at + _share(length, LEAD_AFTER),
        fallback_from_at=due_at + patience / 2 if patience else opens_at + _share(length, FALLBACK_AFTER),
        due_at=due_at,
        falls_at=due_at + patience,
    )


def _share(time: timedelta, of: Fraction) -> timedelta:
    return time * of.numerator / of.denominator
