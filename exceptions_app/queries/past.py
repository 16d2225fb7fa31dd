"""What came before a case: earlier exceptions for its control and identity, how they ended, and the time they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from django.db.models import F

from accounts.models import User
from audit import queries as ledger
from exceptions_app import terms
from exceptions_app.models import ExceptionCase

SHOWN = 5
DAY = timedelta(days=1)
_SAYS_WHY = {"case.revoked": "reason", "case.completed": "reason", "case.rejected": "statement"}
"""Events by which somebody ends a case, and where their body has the reason."""


@dataclass(frozen=True)
class Past:
    """Earlier cases a person may see, those that were in force first, the latest first; at most SHOWN.

    Whole days of the time in force that counts against the lifetime cap: `used` before the case starts, `lifetime` in
    all; None once it has started, and for a case without control, identity or risk. `why` holds, by the key of a case
    that somebody ended, the reason they gave.
    """

    cases: Sequence[ExceptionCase] = ()
    has_more: bool = False
    used: int | None = None
    lifetime: int | None = None
    why: Mapping[int, str] = field(default_factory=dict)

    @property
    def told(self) -> list[tuple[ExceptionCase, str]]:
        """Each case with why somebody ended it, "" where nobody did."""
        return [(case, self.why.get(case.pk, "")) for case in self.cases]


def past_of(case: ExceptionCase, user: User, at: datetime) -> Past:
    """What was asked for the same control and identity before this case was; three queries at most."""
    if case.control is None or case.identity is None:
        return Past()
    earlier = (
        ExceptionCase.objects.visible_to(user, at)
        .filter(control=case.control, identity=case.identity, submitted_at__lte=case.submitted_at or at)
        .exclude(pk=case.pk)
        .order_by(F("activated_at").desc(nulls_last=True), "-submitted_at")
    )
    rows = list(earlier[: SHOWN + 1])
    shown, has_more, why = rows[:SHOWN], len(rows) > SHOWN, _ended_because(rows[:SHOWN])
    if case.risk_tier is None or case.activated_at is not None:
        return Past(shown, has_more, why=why)
    lifetime = case.control.lifetime_cap(case.risk_tier)
    used = timedelta(days=lifetime) - terms.lifetime_left(case, lifetime, terms.start(case, at))
    return Past(shown, has_more, ceil(used / DAY), lifetime, why)


def _ended_because(cases: Sequence[ExceptionCase]) -> dict[int, str]:
    """The reasons given for ending these cases, by key, as far as they were not erased."""
    streams = {case.stream: case.pk for case in cases}
    events = ledger.told(streams, _SAYS_WHY) if streams else ()
    return {streams[event.stream.name]: event.body[_SAYS_WHY[event.kind]] for event in events if event.body}
