"""How long the verification of a safeguard holds: an instant kept with its row, so that no worker is needed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.models import Tier
from exceptions_app.models import ExceptionCase, Safeguard, VerifiedHow

BY_PERSON = {
    Tier.LOW: timedelta(days=90),
    Tier.MODERATE: timedelta(days=30),
    Tier.HIGH: timedelta(days=14),
    Tier.CRITICAL: timedelta(days=7),
}
"""So long a person's verification holds, by the risk of the case."""
BY_CHECK = {
    Tier.LOW: timedelta(hours=48),
    Tier.MODERATE: timedelta(hours=24),
    Tier.HIGH: timedelta(hours=12),
    Tier.CRITICAL: timedelta(hours=4),
}
"""So long an automatic check's does: it is made anew by a machine, again and again."""
GRACE = {
    Tier.LOW: timedelta(days=7),
    Tier.MODERATE: timedelta(days=3),
    Tier.HIGH: timedelta(days=1),
    Tier.CRITICAL: timedelta(hours=4),
}
"""After it no longer holds, or the safeguard failed: time to mend that before the case is out of force."""
DUE_SHARE = 5
"""The last fifth of a person's verification it is due to be made anew."""


class Freshness(TextChoices):
    """How it stands with a safeguard at an instant; the worst first."""

    FAILED = "failed", _("Failed")
    STALE = "stale", _("Stale")
    DUE = "due", _("Due")
    UNVERIFIED = "unverified", _("Not verified")
    FRESH = "fresh", _("Fresh")


def tier_of(case: ExceptionCase) -> Tier:
    """The risk by which it is measured; the highest while none is known."""
    return Tier(case.risk_tier) if case.risk_tier else Tier.CRITICAL


def stamp(safeguard: Safeguard, tier: Tier) -> None:
    """Write on the verified row until when that holds at this risk, and from when on it is due again.

    A machine's is never due: nobody has to do anything about it.
    """
    if safeguard.verified_at is None:
        raise ValueError("what was not verified does not hold")
    by_person = safeguard.verified_how == VerifiedHow.PERSON
    until_at = safeguard.fresh_until_at = safeguard.verified_at + (BY_PERSON if by_person else BY_CHECK)[tier]
    safeguard.due_from_at = until_at - (until_at - safeguard.verified_at) / DUE_SHARE if by_person else None


def freshness(safeguard: Safeguard, at: datetime) -> Freshness:
    """How it stands with the safeguard at `at` (UTC)."""
    if safeguard.failed_at is not None:
        return Freshness.FAILED
    if safeguard.verified_at is None:
        return Freshness.UNVERIFIED
    if safeguard.fresh_until_at is None or safeguard.fresh_until_at <= at:
        return Freshness.STALE
    if safeguard.due_from_at is not None and safeguard.due_from_at <= at:
        return Freshness.DUE
    return Freshness.FRESH


def is_verified(safeguard: Safeguard, at: datetime) -> bool:
    """Whether somebody or something has found that it works, and that still holds at `at` (UTC)."""
    return freshness(safeguard, at) in {Freshness.FRESH, Freshness.DUE}


def may_count(safeguard: Safeguard, gaining: set[int], at: datetime) -> bool:
    """Whether what was found holds at `at`, and nobody said so who gains by now: what a start or a resumption asks."""
    return is_verified(safeguard, at) and safeguard.verified_by_id not in gaining


def counts_until(safeguard: Safeguard, case: ExceptionCase) -> datetime:
    """Until when this safeguard lets a case that has been activated be relied on: what it holds, and the grace.

    One that was not required before the start is verified within the same time from then on.
    """
    if case.activated_at is None:
        raise ValueError("a case that is relied on has been activated")
    tier = tier_of(case)
    fresh_until_at = safeguard.fresh_until_at or case.activated_at + BY_PERSON[tier]
    known = [fresh_until_at, *filter(None, [safeguard.failed_at])]
    return min(known) + GRACE[tier]
