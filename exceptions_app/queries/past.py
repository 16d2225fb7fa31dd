"""What came before a case: earlier exceptions for its control and identity, how they ended, and the time they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import F

from accounts.models import User
from exceptions_app import terms
from exceptions_app.models import ExceptionCase

SHOWN = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """Earlier cases a person may see, those that were in force first, the latest first; at most SHOWN.

    Whole days of the time in force that counts against the lifetime cap: `used` before the case starts, `lifetime` in
    all; None once it has started, and for a case without control, identity or risk.
    """

    cases: Sequence[ExceptionCase] = ()
    has_more: bool = False
    used: int | None = None
    lifetime: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.cases and not self.used


def past_of(case: ExceptionCase, user: User, at: datetime) -> Past:
    """What was asked for the same control and identity before this case was; two queries."""
    if case.control is None or case.identity is None:
        return Past()
    earlier = (
        ExceptionCase.objects.visible_to(user, at)
        .filter(control=case.control, identity=case.identity, submitted_at__lte=case.submitted_at or at)
        .exclude(pk=case.pk)
        .order_by(F("activated_at").desc(nulls_last=True), "-submitted_at")
    )
    rows = list(earlier[: SHOWN + 1])
    if case.risk_tier is None or case.activated_at is not None:
        return Past(rows[:SHOWN], len(rows) > SHOWN)
    lifetime = case.control.lifetime_cap(case.risk_tier)
    used = timedelta(days=lifetime) - terms.lifetime_left(case, lifetime, terms.start(case, at))
    return Past(rows[:SHOWN], len(rows) > SHOWN, ceil(used / DAY), lifetime)
