"""The clock's verbs on what is in force or waits: warn, expire, lapse. Plural, idempotent, written in bulk.

Each takes keys, locks what nobody else holds, rechecks under the lock and moves only what is due at `at` (UTC), so a
late or repeated call changes nothing more. The singular calls the plural. The actor is the clock, never a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from exceptions_app.models import ACTIVATED, RELIED_ON, ExceptionCase, State
from exceptions_app.recording import Change
from exceptions_app.services.acting import sweeping
from exceptions_app.services.force import close_force, hold_successor
from exceptions_app.services.relying import fall_out


def warn_many(*, keys: Iterable[int], at: datetime) -> list[ExceptionCase]:
    """Mark active cases inside their warning window as expiring."""
    with sweeping(keys, at, parents=(), parts=()) as (rows, change):
        active = [row for row in rows if row.state == State.ACTIVE and not row.has_fallen(at)]
        due = [row for row in active if row.warn_at is not None and row.warn_at <= at]
        for row in due:
            row.warn(at=at)
            change.event(row, "case.warned", expires_at=row.expires_at)
    return due


def expire_many(*, keys: Iterable[int], at: datetime) -> list[ExceptionCase]:
    """Close cases whose end has come; superseded ones where their renewal has taken over."""
    parts = ("periods", "grants", "safeguards", "reviews")
    with sweeping(keys, at, parents=("renews",), parts=parts) as (rows, change):
        due = [row for row in rows if row.state in ACTIVATED and row.expires_at is not None and row.expires_at <= at]
        heirs = _heirs(due, at)
        for row in due:
            fall_out(row, change)
            _end(row, change, heirs.get(row.pk))
    return due


def lapse_many(*, keys: Iterable[int], at: datetime) -> list[ExceptionCase]:
    """Close requests nobody decided in time and approvals nobody activated in time."""
    with sweeping(keys, at, parents=(), parts=()) as (rows, change):
        due = [row for row in rows if (deadline := _deadline(row)) is not None and deadline <= at]
        for row in due:
            from_state, deadline = row.state, _deadline(row)
            row.lapse(at=at)
            change.event(row, "case.lapsed", from_state=from_state, deadline=deadline)
    return due


def warn(*, case: ExceptionCase, at: datetime) -> bool:
    """Warn of one case's end; answers whether it was due."""
    return bool(warn_many(keys=[case.pk], at=at))


def expire(*, case: ExceptionCase, at: datetime) -> bool:
    """Expire one case; answers whether it was due."""
    return bool(expire_many(keys=[case.pk], at=at))


def lapse(*, case: ExceptionCase, at: datetime) -> bool:
    """Lapse one case; answers whether it was due."""
    return bool(lapse_many(keys=[case.pk], at=at))


def _end(row: ExceptionCase, change: Change, heir: ExceptionCase | None) -> None:
    if row.state == State.SUSPENDED:
        row.expire(at=change.at)
        owed = close_force(row, change)
        change.event(row, "case.expired", expires_at=row.expires_at, removal_owed=owed)
        hold_successor(row, change)
    elif heir is not None:
        row.supersede(at=change.at)
        owed = close_force(row, change, heir=heir)
        change.event(row, "case.superseded", expires_at=row.expires_at, by=heir.reference, removal_owed=owed)
    else:
        row.expire(at=change.at)
        owed = close_force(row, change)
        change.event(row, "case.expired", expires_at=row.expires_at, removal_owed=owed)


def _deadline(row: ExceptionCase) -> datetime | None:
    return {State.REQUESTED: row.decide_by_at, State.APPROVED: row.activate_by_at}.get(State(row.state))


def _heirs(rows: list[ExceptionCase], at: datetime) -> dict[int, ExceptionCase]:
    """Renewals that have taken over by `at`, by the key of the case they renew."""
    heirs = ExceptionCase.objects.filter(
        renews__in=[row.pk for row in rows],
        state__in=RELIED_ON,
        activated_at__lte=at,
        relied_until_at__gt=F("activated_at"),
    )
    return {heir.renews_id: heir for heir in heirs.prefetch_related("grants") if heir.renews_id}
