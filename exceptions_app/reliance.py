"""Until when a case may be relied on: its end, its safeguards and its reviews say so (promise 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exceptions_app.freshness import counts_until
from exceptions_app.models import RELIED_ON, ExceptionCase, Review, Safeguard


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
