"""Out of office: naming who stands in, their answer, and an early end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible, Sentence
from accounts.models import Absence, User
from accounts.recording import Happening
from accounts.services.guards import demand_active
from accounts.texts import says

MOST = timedelta(days=60)
"""Both ends of an absence lie within this from the day it is entered."""


@transaction.atomic
def announce_absence(
    *, user: User, actor: User, delegate: User, from_at: datetime, until_at: datetime, reason: str, at: datetime
) -> Absence:
    """Be away, and ask somebody to stand in. Raises NotAllowed, NotPossible."""
    _demand_self(user, actor, _("Only you say when you are away."))
    user, delegate = _both(user, delegate)
    demand_active(delegate, "delegate")
    if delegate.is_auditor:
        raise _wrong("delegate", _("Auditors change nothing. Name somebody else to stand in for you."))
    if not says(reason):
        raise _wrong("reason", _("Say why, such as “Parental leave”."))
    if until_at <= at:
        raise _wrong("until_on", _("That is over already. Choose a day to come."))
    if until_at <= from_at:
        raise _wrong("until_on", _("The last day is before the first."))
    if until_at > at + MOST:
        raise _wrong("until_on", _("Choose days within the next 60. For longer, give what you own another owner."))
    mine = Absence.objects.standing(at).filter(person=user)
    if mine.filter(from_at__lt=until_at, until_at__gt=from_at).exists():
        raise _wrong("from_on", _("You are away then already. End that absence first."))
    theirs = Absence.objects.standing(at).filter(person=delegate, accepted_at__isnull=False)
    if theirs.filter(from_at__lt=until_at, until_at__gt=from_at).exists():
        raise _wrong("delegate", _("%(name)s is away then too. Name somebody else.") % {"name": delegate})
    absence = Absence(
        person=user, delegate=delegate, from_at=from_at, until_at=until_at, reason=reason.strip(), asked_at=at
    )
    _keep(absence, _happening(absence, "absence.announced", actor, at))
    return absence


@transaction.atomic
def accept_delegation(*, absence: Absence, actor: User, at: datetime) -> Absence:
    """Stand in, from now or from when the absence begins, until it ends. Raises NotAllowed, NotPossible."""
    absence = _asked(absence, actor, at)
    if actor.is_auditor:
        raise NotPossible(_("Auditors change nothing, so decline."))
    absence.accepted_at = at
    _keep(absence, _happening(absence, "delegation.accepted", actor, at))
    return absence


@transaction.atomic
def decline_delegation(*, absence: Absence, actor: User, at: datetime) -> Absence:
    """Not stand in. Raises NotAllowed, NotPossible."""
    absence = _asked(absence, actor, at)
    absence.declined_at = at
    _keep(absence, _happening(absence, "delegation.declined", actor, at))
    return absence


@transaction.atomic
def end_absence(*, absence: Absence, actor: User, at: datetime) -> Absence:
    """Be back, or not stand in any longer: either of the two ends it. Raises NotAllowed, NotPossible."""
    absence = recording.locked(absence)
    if actor.pk not in {absence.person_id, absence.delegate_id} or not actor.is_active:
        raise NotAllowed(_("Only who is away, or who stands in, ends this."))
    if absence.ended_at or absence.declined_at or absence.until_at <= at:
        raise NotPossible(_("This is over already."))
    absence.ended_at = at
    _keep(absence, _happening(absence, "absence.ended", actor, at))
    return absence


def _asked(absence: Absence, actor: User, at: datetime) -> Absence:
    """The row, locked, for the one person who may answer it."""
    absence = recording.locked(absence)
    if actor.pk != absence.delegate_id or not actor.is_active:
        raise NotAllowed(_("Only who was asked to stand in answers this."))
    if not absence.is_waiting or absence.until_at <= at:
        raise NotPossible(_("This was answered already, or is over."))
    return absence


def _both(user: User, delegate: User) -> tuple[User, User]:
    """Both rows, locked in key order: two who name each other at once do not wait for ever."""
    rows = User.objects.select_for_update(of=("self",)).filter(pk__in=[user.pk, delegate.pk]).order_by("pk")
    held = {row.pk: row for row in rows}
    return held[user.pk], held[delegate.pk]


def _demand_self(user: User, actor: User, sentence: Sentence) -> None:
    if actor.pk != user.pk or not actor.is_active:
        raise NotAllowed(sentence)


def _wrong(field: str, sentence: Sentence) -> NotPossible:
    return NotPossible(sentence, fields={field: [sentence]})


def _keep(absence: Absence, happening: Happening) -> None:
    body: dict[str, Any] = recording.facts(absence, ("person", "delegate", "from_at", "until_at", "reason"))
    recording.keep(absence, happening=happening, body=body)


def _happening(absence: Absence, kind: str, actor: User, at: datetime) -> Happening:
    return Happening(stream=absence.person.stream, kind=kind, by=actor, at=at)
