"""Uses, as people record them: what nobody uses is asked about, and ended rather than renewed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app.models import ExceptionCase, Use
from exceptions_app.services.acting import acting, demand

LONGEST = 1000


def record_use(*, case: ExceptionCase, actor: User, at: datetime, used_at: datetime, what: str) -> ExceptionCase:
    """Put on record that it was used at `used_at` (UTC), and for what.

    Raises NotAllowed, and NotPossible for an instant to come or before its start. One at which it was not in force is
    kept, and the event says so.
    """
    what = demand(what, _("Say what it was used for."))
    if len(what) > LONGEST:
        raise NotPossible(_("Write at most %(n)d characters.") % {"n": LONGEST}, fields={"what": []})
    with acting("record_use", case=case, actor=actor, at=at) as (row, change):
        _demand_time(row, used_at, at)
        was_in_force = row.is_in_force(used_at)
        if was_in_force:
            row.note_use(used_at)
        use = Use(case=row, used_at=used_at, what=what, was_in_force=was_in_force, recorded_by=actor, recorded_at=at)
        change.add(use)
        change.event(row, "use.recorded", used_at=used_at, what=what, was_in_force=was_in_force)
    return row


def _demand_time(row: ExceptionCase, used_at: datetime, at: datetime) -> None:
    field: dict[str, list[str]] = {"used_at": []}
    if used_at > at:
        raise NotPossible(_("That is still to come; record a use once it has happened."), fields=field)
    if row.activated_at is None or used_at < row.activated_at.replace(second=0, microsecond=0):  # people say minutes
        raise NotPossible(_("It had not started then; tell the control's owner if it was used before."), fields=field)
