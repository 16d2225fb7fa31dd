"""Which cases the clock has something to do with at an instant; each query has its partial index."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from exceptions_app.models import ACTIVATED, LIVE, ExceptionCase, Safeguard, State
from exceptions_app.succession import GONE


def to_activate(at: datetime) -> QuerySet[ExceptionCase]:
    """Approved cases whose required safeguards are verified and whose start has come, or that may take over ahead."""
    held_back = Q(required=True) | Q(failed_at__isnull=False)
    lacking = Safeguard.objects.lacking(at).filter(held_back, case=OuterRef("pk"))
    return ExceptionCase.objects.filter(
        Q(planned_start_at__isnull=True) | Q(planned_start_at__lte=at) | Q(renews__state__in=ACTIVATED),
        Q(approved_start_at__isnull=True) | Q(approved_start_at__lte=at) | Q(renews__state__in=ACTIVATED),
        ~Exists(lacking),
        state=State.APPROVED,
        activate_by_at__gt=at,
    )


def to_warn(at: datetime) -> QuerySet[ExceptionCase]:
    """Active cases inside their warning window; one that is already past its end is only ended."""
    return ExceptionCase.objects.filter(state=State.ACTIVE, warn_at__lte=at, expires_at__gt=at, relied_until_at__gt=at)


def fallen(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases that may no longer be relied on, though their end has not come."""
    return ExceptionCase.objects.fallen(at)


def to_expire(at: datetime) -> QuerySet[ExceptionCase]:
    return ExceptionCase.objects.filter(state__in=ACTIVATED, expires_at__lte=at)


def to_lapse(at: datetime) -> QuerySet[ExceptionCase]:
    """Requests past the time to decide, and approvals past the time to start."""
    return ExceptionCase.objects.filter(
        Q(state=State.REQUESTED, decide_by_at__lte=at) | Q(state=State.APPROVED, activate_by_at__lte=at)
    )


def left_backups(at: datetime) -> QuerySet[ExceptionCase]:
    """Live cases whose backup owner has left or audits; those whose owner does, too, are handed over first."""
    gone = Q(backup_owner__is_active=False) | Q(backup_owner__is_auditor=True)
    return ExceptionCase.objects.filter(gone, owner__is_active=True, owner__is_auditor=False, state__in=LIVE)


def orphans(at: datetime) -> QuerySet[ExceptionCase]:
    """Live cases whose owner has left, or audits and so owns nothing."""
    return ExceptionCase.objects.filter(GONE, state__in=LIVE)
