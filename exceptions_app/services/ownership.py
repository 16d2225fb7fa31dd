"""Who owns a case: handed over to a person who accepts; when an owner leaves, to the backup, then the manager.

Else the case stops (promise 15).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from accounts.rules import changes_things
from exceptions_app import door, judges, succession
from exceptions_app.models import (
    ACTIVATED,
    LIVE,
    RELIED_ON,
    Answer,
    ExceptionCase,
    OwnershipOffer,
    State,
    Trigger,
)
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import acting, demand, lock
from exceptions_app.services.drafts import note_gainer, take_back, withdraw_offers
from exceptions_app.services.force import suspend_now
from exceptions_app.services.relying import record_fall, relying
from exceptions_app.services.requesting import pin_facts
from exceptions_app.services.triggering import fire
from exceptions_app.succession import Fate


def offer_ownership(*, case: ExceptionCase, actor: User, at: datetime, to: User, reason: str) -> ExceptionCase:
    """Ask a person to own the case. An offer still unanswered is replaced. Raises NotAllowed, NotPossible."""
    reason = demand(reason, _("Say why the ownership is handed over."))
    with acting("offer_ownership", case=case, actor=actor, at=at) as (row, change):
        if row.owner_id == to.pk:
            raise NotPossible(_("%(person)s owns this already.") % {"person": to}, fields={"to": []})
        if not succession.may_own(to, row):
            raise NotPossible(_NO_OWNER % {"person": to}, fields={"to": []})
        withdraw_offers(row, change)
        change.add(OwnershipOffer(case=row, to=to, offered_by=actor, offered_at=at, reason=reason))
        change.event(row, "ownership.offered", to_owner=people([to]), reason=reason)
    return row


def accept_ownership(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """The person asked becomes the owner, and counts from now on among those who gain. Raises NotAllowed."""
    with relying("accept_ownership", case=case, actor=actor, at=at) as (row, change):
        if not succession.may_own(actor, row):
            raise NotAllowed(
                _("You approved this or verified a safeguard of it, so decline: who judged gains nothing.")
            )
        for offer in _open_offers(row):
            offer.answer, offer.answered_at = Answer.ACCEPTED, at
            change.touch(offer)
        if row.owner is not None:
            _hand_over(row, change, row.owner, actor, reason="accepted")
    return row


def decline_ownership(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """The person asked declines; the owner stays."""
    with acting("accept_ownership", case=case, actor=actor, at=at) as (row, change):
        for offer in _open_offers(row):
            offer.answer, offer.answered_at = Answer.DECLINED, at
            change.touch(offer)
        change.event(row, "ownership.declined", to_owner=people([actor]))
    return row


def accept_backup(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """The person named as backup owner accepts; from now on they count among those who gain.

    Before activation what they verified is taken back here, what they approved at activation. Once it rests on either,
    raises NotAllowed: who judged does not gain afterwards.
    """
    with acting("accept_backup", case=case, actor=actor, at=at) as (row, change):
        if row.state in ACTIVATED and judges.has_judged(actor, row):
            raise NotAllowed(
                _("You approved this or verified a safeguard of it, so decline: who judged does not gain.")
            )
        row.backup_accepted_at = at
        note_gainer(row, change, actor)
        if row.taken_by_id == actor.pk:
            row.let_go()
        safeguards = list(row.safeguards.all())
        take_back(row, safeguards, at)
        change.touch(*safeguards)
        change.event(row, "backup.accepted", backup_owner=str(actor.pseudonym))
    return row


def decline_backup(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """The person named as backup owner declines and is no longer named."""
    with acting("accept_backup", case=case, actor=actor, at=at) as (row, change):
        row.backup_owner = None
        row.version += 1
        change.event(row, "backup.declined", backup_owner=str(actor.pseudonym))
        _pin_owners(row, change)
    return row


@transaction.atomic
def hand_over_orphan(*, case: ExceptionCase, at: datetime) -> ExceptionCase | None:
    """Give a live case whose owner left to the accepted backup, then the owner's manager; else suspend it.

    In force it goes to nobody it rests on: who approved it or verified a safeguard. Runs as the clock; answers the
    case if anything was done.
    """
    with door.opened():
        row = lock(case.pk)
        owner = row.owner
        if owner is None or succession.has_owner(row) or not row.is_live or row.standing_at(at)[0] not in LIVE:
            return None
        record_fall(row, at)
        next_one = succession.succession(row, at)
        change = Change(at, None)
        row.updated_at = at
        if next_one.heir is not None:
            withdraw_offers(row, change)
            _hand_over(row, change, owner, next_one.heir, reason="owner_left")
        elif next_one.fate == Fate.LEFT or not _give_up(row, change, owner):
            return None
        change.touch(row)
        change.write()
    return row


@transaction.atomic
def let_backup_go(*, case: ExceptionCase, at: datetime) -> ExceptionCase | None:
    """A live case no longer names a backup owner who left or audits; answers the case if it did. Runs as the clock."""
    with door.opened():
        row = lock(case.pk)
        backup = row.backup_owner
        if backup is None or changes_things(backup) or row.standing_at(at)[0] not in LIVE:
            return None
        record_fall(row, at)
        change = Change(at, None)
        row.updated_at = at
        row.backup_owner = row.backup_accepted_at = None
        row.version += 1
        note_gainer(row, change, backup)
        change.event(row, "backup.left", backup_owner=str(backup.pseudonym))
        _pin_owners(row, change)
        fire(row, change, Trigger.OWNER_CHANGED, why=_gone_backup(backup))
        change.touch(row)
        change.write()
    return row


def _gone_backup(backup: User) -> str:
    if backup.is_active:
        return _("Its backup owner, %(person)s, audits now.") % {"person": backup}
    return _("Its backup owner, %(person)s, has left.") % {"person": backup}


_NO_OWNER = _lazy(
    "%(person)s cannot own this: the account is closed or an auditor's, or they approved it or verified a safeguard."
)


def _open_offers(row: ExceptionCase) -> list[OwnershipOffer]:
    return list(
        row.ownership_offers.select_for_update(of=("self",)).filter(answered_at__isnull=True).select_related("to")
    )


def _hand_over(row: ExceptionCase, change: Change, owner: User, heir: User, *, reason: str) -> None:
    """Both count from now on among those who gain, whoever owns it later; a form opened before is stale."""
    row.owner = heir
    row.let_end_at = None  # for whoever answers for it now to say
    row.version += 1
    for gainer in (owner, heir):
        note_gainer(row, change, gainer)
    if row.taken_by_id == heir.pk:
        row.let_go()
    safeguards = list(row.safeguards.all())
    take_back(row, safeguards, change.at)
    change.touch(*safeguards)
    if row.backup_owner == heir:
        row.backup_owner = row.backup_accepted_at = None
    change.event(row, "case.owner_changed", from_owner=people([owner]), to_owner=people([heir]), reason=reason)
    _pin_owners(row, change)
    why = _("%(heir)s owns it now, %(owner)s has left.") if reason == "owner_left" else _("%(heir)s took it over.")
    fire(row, change, Trigger.OWNER_CHANGED, why=why % {"heir": heir, "owner": owner})


def _pin_owners(row: ExceptionCase, change: Change) -> None:
    """Owner and backup are part of what is asked: who has answered while others were named is asked again."""
    if row.state == State.REQUESTED:
        change.touch(row)
        change.write()
        pin_facts(row, change)


def _give_up(row: ExceptionCase, change: Change, owner: User) -> bool:
    """Nobody takes over: it does what it says it does then, and is out of force; answers whether anything was done."""
    why = _("%(owner)s has left, and nobody takes over.") % {"owner": owner}
    fired = fire(row, change, Trigger.OWNER_CHANGED, why=why, cause=f"{owner.pseudonym} left")
    if row.state in RELIED_ON:
        suspend_now(row, change, "owner_left", owner=people([owner]))
        return True
    return fired
