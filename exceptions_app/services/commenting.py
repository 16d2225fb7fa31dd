"""Questions and comments on a case: in its history, mailed to whom they are for, never part of what is approved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app.models import Comment, ExceptionCase
from exceptions_app.recording import people
from exceptions_app.services.acting import acting, demand

LONGEST = 4000
MOST_TOLD = 20


def comment(*, case: ExceptionCase, actor: User, at: datetime, text: str, to: Collection[User] = ()) -> Comment:
    """Say something about the case; those named in `to` are told by mail.

    Raises NotPossible for an empty or endless text, for too many people, and for naming somebody for whom the case does
    not exist.
    """
    text, told = demand(text, _("Write what you want to say.")), [person for person in to if person != actor]
    if len(text) > LONGEST:
        raise NotPossible(_("Write at most %(n)d characters.") % {"n": LONGEST})
    if len(told) > MOST_TOLD:
        raise NotPossible(_("Name at most %(n)d people.") % {"n": MOST_TOLD})
    with acting("comment", case=case, actor=actor, at=at) as (row, change):
        for person in told:
            if not ExceptionCase.objects.visible_to(person, at).filter(pk=row.pk).exists():
                raise NotPossible(_("%(name)s may not see this exception.") % {"name": person.name})
        said = Comment(case=row, author=actor, text=text, told=people(told), said_at=at)
        change.add(said)
        change.event(row, "comment.added", text=text, told=people(told))
    return said
