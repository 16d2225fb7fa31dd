"""What is in force only shrinks: an earlier end, and less of what a grant opens (promise 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app import narrowing, scope
from exceptions_app.models import ExceptionCase, Grant, RemovalState
from exceptions_app.recording import Change
from exceptions_app.scope import Scope
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.force import hold_successor

Left = Mapping[int, Scope | None]


def shorten(*, case: ExceptionCase, actor: User, at: datetime, until_at: datetime, reason: str) -> ExceptionCase:
    """Have it end sooner, at `until_at` (UTC). Raises NotAllowed, NotPossible for an end that is past or not sooner."""
    reason = demand(reason, _("Say why it ends sooner."))
    with acting("shorten", case=case, actor=actor, at=at) as (row, change):
        end_sooner(row, change, until_at)
        told = {"expires_at": row.expires_at, "relied_until_at": row.relied_until_at}
        change.event(row, "case.shortened", reason=reason, **told)
        hold_successor(row, change)
    return row


def end_sooner(row: ExceptionCase, change: Change, until_at: datetime) -> None:
    """Move the end and with it every period's; the caller holds the row and says by an event why.

    What was to follow at the old end was approved as a continuation, so the caller holds that back, too.
    """
    field: dict[str, list[str]] = {"end_on": []}
    if row.expires_at is None or until_at >= row.expires_at:
        raise NotPossible(_("It ends no later than that already; choose an earlier day."), fields=field)
    if until_at <= max(change.at, row.activated_at or change.at):
        raise NotPossible(_("That is past, or before its start. To end it now, end or revoke it."), fields=field)
    row.shorten(until_at=until_at)
    for period in row.periods.all():
        period.until_at = max(period.from_at, min(period.until_at, until_at))
        change.touch(period)


def take_away(row: ExceptionCase, change: Change, left: Left) -> list[dict[str, Any]]:
    """Leave of these grants, by key, only so much; None takes all. Answers what changed, for an event.

    What was taken owes proof that it is gone, as an end would. The caller holds the row. Raises NotPossible where a
    scope reaches beyond what is open, where nothing would be taken, and where nothing would be left.
    """
    grants = list(row.grants.select_related("system").order_by("pk"))
    taken = [grant for grant in grants if grant.pk in left and grant.opens not in {None, left[grant.pk]}]
    if not taken:
        raise NotPossible(_("Nothing is taken away: narrow a grant, or keep it as it is."), fields={"grants": []})
    if all(grant.opens is None or (grant in taken and left[grant.pk] is None) for grant in grants):
        raise NotPossible(_("Nothing would be left. Revoke it instead."), fields={"grants": []})
    has_begun = row.activated_at is not None and row.activated_at <= change.at
    told = [_take(grant, left[grant.pk], change, owes=has_begun) for grant in taken]
    change.touch(*taken)
    return told


def _take(grant: Grant, left: Scope | None, change: Change, *, owes: bool) -> dict[str, Any]:
    before = grant.opens
    if before is None:
        raise ValueError("what opens nothing cannot open less")
    if left is not None and (scope.problem(left.resource) or not left.is_within(before)):
        field = {f"grants-{grant.pk}-resource": [_("This reaches beyond what is open.")]}
        raise NotPossible(_("What is left has to lie within what is open."), fields=field)
    grant.granted = narrowing.as_stored(left)
    if owes:
        grant.taken = grant.taken or narrowing.as_stored(before)
        grant.removal_state, grant.removal_owed_at = RemovalState.OWED, grant.removal_owed_at or change.at
    return {"grant": grant.pk, "before": narrowing.as_stored(before)} | narrowing.as_kept(grant, left)
