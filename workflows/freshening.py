"""Which safeguards have to be verified anew, and when their owners are reminded of it."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from exceptions_app import freshness
from exceptions_app.freshness import BY_PERSON
from exceptions_app.models import RELIED_ON, ExceptionCase, Safeguard
from workflows.models import Reminder, ReminderKind


def wanted(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases that are relied on and were not reminded of the last threshold one of their safeguards has passed.

    Only those that would fall out of force before their end.
    """
    relied = Safeguard.objects.filter(
        failed_at__isnull=True,
        case__state__in=RELIED_ON,
        case__relied_until_at__gt=at,
        case__relied_until_at__lt=F("case__expires_at"),
    )
    due = Q(fresh_until_at__gt=at, due_from_at__lte=at) & ~_told(ReminderKind.GUARD_DUE, OuterRef("due_from_at"))
    stale = Q(fresh_until_at__lte=at) & ~_told(ReminderKind.GUARD_STALE, OuterRef("fresh_until_at"))
    found = relied.filter(due | stale | _never_verified(at))
    return ExceptionCase.objects.filter(pk__in=found.values("case"))


def thresholds(safeguard: Safeguard, case: ExceptionCase) -> dict[ReminderKind, datetime]:
    """When the safeguard of an activated case is due to be verified, and when what was verified no longer holds."""
    if case.activated_at is None or safeguard.failed_at is not None:  # of that they were told
        return {}
    if safeguard.fresh_until_at is None:
        stale_at = case.activated_at + BY_PERSON[freshness.tier_of(case)]
        return {ReminderKind.GUARD_DUE: case.activated_at, ReminderKind.GUARD_STALE: stale_at}
    due = {ReminderKind.GUARD_DUE: safeguard.due_from_at} if safeguard.due_from_at else {}
    return due | {ReminderKind.GUARD_STALE: safeguard.fresh_until_at}


def _never_verified(at: datetime) -> Q:
    """Nobody had to verify these before the start, nor has since: due from the start on, stale once its time is up."""
    stale = [
        Q(case__risk_tier=tier, case__activated_at__lte=at - length)
        & ~_told(ReminderKind.GUARD_STALE, OuterRef("case__activated_at") + length)
        for tier, length in BY_PERSON.items()
    ]
    due = [
        Q(case__risk_tier=tier, case__activated_at__lte=at, case__activated_at__gt=at - length)
        & ~_told(ReminderKind.GUARD_DUE, OuterRef("case__activated_at"))
        for tier, length in BY_PERSON.items()
    ]
    return Q(fresh_until_at__isnull=True) & reduce(or_, [*stale, *due])


def _told(kind: ReminderKind, due_at: Combinable) -> Q:
    return Q(Exists(Reminder.objects.filter(case=OuterRef("case"), kind=kind, due_at=due_at)))
