"""Makes and revokes the secret link of a person's calendar."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import CalendarLink, User
from accounts.queries import calendar_digest
from accounts.recording import Happening

BYTES = 32


@transaction.atomic
def make_calendar(*, user: User, actor: User, at: datetime) -> str:
    """A new secret, told this once; the one before it ends. Raises NotAllowed."""
    user = _own(user, actor)
    replaced = _end(user, at)
    secret = secrets.token_urlsafe(BYTES)
    CalendarLink.objects.create(person=user, digest=calendar_digest(secret), made_at=at)
    body = {"person": user.pseudonym, "replaced": replaced}
    recording.tell(_happening("user.calendar_made", user, actor, at), body)
    return secret


@transaction.atomic
def revoke_calendar(*, user: User, actor: User, at: datetime) -> None:
    """End the link; nobody reads the calendar with it any more. Raises NotAllowed, NotPossible."""
    user = _own(user, actor)
    if not _end(user, at):
        raise NotPossible(_("There is no calendar link to revoke."))
    recording.tell(_happening("user.calendar_revoked", user, actor, at), {"person": user.pseudonym})


def end_calendar(*, user: User, actor: User | None, at: datetime) -> None:
    """With the account its link ends, and does not come back with it. In the caller's transaction."""
    if _end(user, at):
        recording.tell(_happening("user.calendar_revoked", user, actor, at), {"person": user.pseudonym})


def note_calendar_use(*, link: CalendarLink, on: date) -> None:
    """Remember on which day (UTC) it was read last; no event, since it changes nothing."""
    if link.last_used_on != on:
        CalendarLink.objects.filter(pk=link.pk).update(last_used_on=on)


def _own(user: User, actor: User) -> User:
    """The person's row, locked, so that two links made at once are one after the other."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if actor.pk != user.pk or not user.is_active:
        raise NotAllowed(_("Only you make and revoke the link of your calendar."))
    return user


def _end(user: User, at: datetime) -> bool:
    return bool(CalendarLink.objects.filter(person=user, revoked_at__isnull=True).update(revoked_at=at))


def _happening(kind: str, user: User, actor: User | None, at: datetime) -> Happening:
    return Happening(stream=user.stream, kind=kind, by=actor, at=at)
