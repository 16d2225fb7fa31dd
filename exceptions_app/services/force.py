"""Ending force: periods close, relied-on time shrinks, grants begin to owe their removal (promises 3 and 13)."""

from __future__ import annotations

from django.db.models import Q

from exceptions_app.models import RELIED_ON, ExceptionCase, Grant, Period, RemovalState, State
from exceptions_app.recording import Change
from exceptions_app.services.acting import lock
from exceptions_app.services.requesting import reopen, standing_answers


def suspend_now(row: ExceptionCase, change: Change, reason: str, **told: object) -> None:
    """Take the row, which is relied on, out of force until someone revalidates it; `told` goes into the event."""
    row.suspend(at=change.at)
    stop_force(row, change)
    change.event(row, "case.suspended", reason=reason, **told)
    hold_successor(row, change)


def revoke_now(row: ExceptionCase, change: Change, reason: str) -> None:
    """Take the row away for good; the caller holds it."""
    row.revoke(at=change.at)
    owed = close_force(row, change)
    change.event(row, "case.revoked", reason=reason, removal_owed=owed)
    hold_successor(row, change)


def stop_force(row: ExceptionCase, change: Change) -> list[Period]:
    """End every period at `change.at` or earlier; an end only moves earlier. Answers them; the caller holds the row."""
    at = change.at
    periods = list(row.periods.all())
    for period in periods:
        bound = min(at, row.relied_until_at or at)
        until_at = max(period.from_at, min(period.until_at, bound))
        if until_at != period.until_at:
            period.until_at = until_at
            change.touch(period)
    return periods


def close_force(row: ExceptionCase, change: Change, *, heir: ExceptionCase | None = None) -> int:
    """Stop force for good; answers how many grants now owe their removal. Grants an heir covers are carried on.

    What took over and ended at the same instant was never in force, yet owes what it took over.
    """
    was_in_force = any(period.from_at < period.until_at for period in stop_force(row, change))
    if not (was_in_force or _took_over(row)):
        return 0
    owed = 0
    for grant in row.grants.all():
        if grant.opens is None or grant.removal_state not in {RemovalState.NOT_OWED, RemovalState.OWED}:
            continue
        change.touch(grant)
        if heir is not None and _carries_on(row, heir, grant):
            _carry(grant)
        else:
            grant.taken = None  # all of it has to go by now
            grant.removal_state, grant.removal_owed_at = RemovalState.OWED, grant.removal_owed_at or change.at
            owed += 1
    return owed


def _carry(grant: Grant) -> None:
    """The heir answers for what is still open; what a review took away before is owed here."""
    if grant.taken is None:
        grant.removal_state = RemovalState.CARRIED


def hold_successor(row: ExceptionCase, change: Change, why: str = "") -> None:
    """Let nothing follow a case that did not last to the handover, or opens less by now, until someone looks again.

    What was approved was a continuation: a renewal activated ahead is suspended, an approved one asked for again. So
    is what follows a renewal that is suspended here: it does not last either.
    """
    ahead = Q(state__in=RELIED_ON, activated_at__gt=change.at)
    for key in row.renewals.filter(ahead | Q(state=State.APPROVED)).order_by("pk").values_list("pk", flat=True):
        successor = lock(key)
        successor.renews, successor.updated_at = row, change.at
        sentence = why or f"{row.reference} did not last to the handover."
        if successor.state == State.APPROVED:
            _ask_again(successor, change, sentence)
        elif successor.state in RELIED_ON:
            successor.suspend(at=change.at)
            stop_force(successor, change)
            change.event(successor, "case.suspended", reason=sentence)
            hold_successor(successor, change)
        change.touch(successor)


def _ask_again(successor: ExceptionCase, change: Change, sentence: str) -> None:
    reopen(successor, change, standing_answers(successor), reason="predecessor_ended", sentence=sentence)


def _took_over(row: ExceptionCase) -> bool:
    """Whether the case it renews has left a removal to it."""
    return Grant.objects.filter(case=row.renews_id, removal_state=RemovalState.CARRIED).exists()


def _carries_on(row: ExceptionCase, heir: ExceptionCase, grant: Grant) -> bool:
    """Whether the heir opens all that this grant opens, and by the same kind of credential."""
    if heir.credential_form != row.credential_form:
        return False
    return any(_carries(other, grant) for other in heir.grants.all())


def _carries(wide: Grant, narrow: Grant) -> bool:
    if wide.opens is None or narrow.opens is None:
        return False
    same_place = wide.system_id == narrow.system_id and wide.conditions in {"", narrow.conditions}
    return same_place and narrow.opens.is_within(wide.opens)
