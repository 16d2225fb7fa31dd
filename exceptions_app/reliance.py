"""Until when a case may be relied on: its end, its safeguards and its reviews say so (promise 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices

from exceptions_app.freshness import Freshness, counts_until, freshness
from exceptions_app.models import RELIED_ON, ExceptionCase, Review, Safeguard


class Wanted(TextChoices):
    """What somebody has to do so that a case may be relied on for longer."""

    VERIFICATION = "verification"
    REVIEW = "review"


@dataclass(frozen=True)
class Fall:
    """From when a case in force is so no longer, unless what is wanted happens before."""

    at: datetime
    wanted: Wanted


def fall(case: ExceptionCase, safeguards: Iterable[Safeguard], reviews: Iterable[Review], at: datetime) -> Fall | None:
    """What ends its force before its end unless somebody does it, and could by `at`; None for what has its time."""
    until_at = case.relied_until_at
    if until_at is None or until_at == case.expires_at:
        return None
    wanting = (one for one in safeguards if freshness(one, at) != Freshness.FRESH)
    if any(counts_until(one, case) <= until_at for one in wanting):
        return Fall(until_at, Wanted.VERIFICATION)
    waiting = (one for one in reviews if one.is_open(at))
    return Fall(until_at, Wanted.REVIEW) if any(one.falls_at <= until_at for one in waiting) else None


def relied_until(case: ExceptionCase, safeguards: Iterable[Safeguard], reviews: Iterable[Review]) -> datetime:
    """The earliest of the end and what safeguards and unanswered reviews allow; else the activation.

    A renewal activated ahead continues a case that lasts to the handover: while that one would not, neither does it.
    """
    if case.expires_at is None or case.activated_at is None:
        raise ValueError("a case that is relied on has been activated")
    bounds = [case.expires_at, *(counts_until(one, case) for one in safeguards), *(one.falls_at for one in reviews)]
    if _follows_what_would_not_last(case):
        bounds.append(case.activated_at)
    return max(min(bounds), case.activated_at)


def _follows_what_would_not_last(case: ExceptionCase) -> bool:
    before = case.renews
    if before is None or before.state not in RELIED_ON or before.relied_until_at is None or before.expires_at is None:
        return False
    if case.activated_at is None or before.expires_at > case.activated_at:
        return False
    return before.relied_until_at < before.expires_at
