"""No orphan: when an owner leaves, the backup owner takes over, then the manager; else the case stops (promise 15)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from exceptions_app import door, judges
from exceptions_app.models import ACTIVATED, Editor, ExceptionCase, State
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import lock
from exceptions_app.services.drafts import take_back
from exceptions_app.services.force import hold_successor, stop_force

STOPPABLE = (State.ACTIVE, State.EXPIRING)


@transaction.atomic
def hand_over_orphan(*, case: ExceptionCase, at: datetime) -> ExceptionCase | None:
    """Give a live case whose owner left to the accepted backup, then the owner's manager; else suspend it.

    In force it goes to nobody it rests on: who approved it or verified a safeguard. Runs as the clock; answers the
    case if anything was done.
    """
    with door.opened():
        row = lock(case.pk)
        owner = row.owner
        if owner is None or owner.is_active or not row.is_live:
            return None
        heir = _heir(row, owner)
        change = Change(at, None)
        if heir is not None:
            _hand_over(row, change, owner, heir)
        elif row.state in STOPPABLE:
            _stop(row, change, owner)
        else:
            return None
        row.updated_at = at
        change.touch(row)
        change.write()
    return row


def _heir(row: ExceptionCase, owner: User) -> User | None:
    backup = row.backup_owner if row.backup_accepted_at else None
    return next((person for person in (backup, owner.manager) if person is not None and _may_own(person, row)), None)


def _may_own(person: User, row: ExceptionCase) -> bool:
    """Once it rests on someone's judgement they do not come to gain from it (promise 4)."""
    if not person.is_active or person.is_auditor:
        return False
    return row.state not in ACTIVATED or not judges.has_judged(person, row)


def _hand_over(row: ExceptionCase, change: Change, owner: User, heir: User) -> None:
    """The one who left goes on counting among those who gained, whenever they return; so does the heir from now on."""
    row.owner = heir
    if not row.editors.filter(person=owner).exists():
        change.add(Editor(case=row, person=owner, first_at=change.at))
    if row.state not in ACTIVATED:
        safeguards = list(row.safeguards.all())
        take_back(row, safeguards)
        change.touch(*safeguards)
    if row.backup_owner == heir:
        row.backup_owner = row.backup_accepted_at = None
    change.event(row, "case.owner_changed", from_owner=people([owner]), to_owner=people([heir]), reason="owner_left")


def _stop(row: ExceptionCase, change: Change, owner: User) -> None:
    row.suspend(at=change.at)
    stop_force(row, change)
    change.event(row, "case.suspended", reason="owner_left", owner=people([owner]))
    hold_successor(row, change)
