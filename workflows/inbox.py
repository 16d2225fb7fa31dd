"""The inbox: all that a person was told, whether its mail was wanted, or waits for the morning.

Whether an entry is read is its reader's own affair: neither a version nor an event is kept of it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from exceptions_app.models import ExceptionCase
from exceptions_app.queries.queue import COUNTED
from workflows.effects import LEASE
from workflows.models import Notice


def entries(user: User, *, unread: bool) -> QuerySet[Notice]:
    """What this person was told, newest first; all of it, or what is unread."""
    rows = Notice.objects.unread() if unread else Notice.objects.told()
    return rows.filter(person=user).select_related("effect").order_by("-pk")


def unread_count(user: User, at: datetime) -> int:
    """How many are unread; one more than COUNTED stands for every larger number."""
    return Notice.objects.unread().filter(person=user)[: COUNTED + 1].count()


def read(*, notice: Notice, at: datetime) -> None:
    """Mark one as read, once."""
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=at)


def answered(*, user: User, case: ExceptionCase, reaction: str, at: datetime) -> None:
    """Mark as read what asked this person for what they have answered now, wherever they did."""
    asking = Notice.objects.unread().filter(person=user, case=case, effect__reaction=reaction)
    asking.update(read_at=at)


def read_shown(*, user: User, shown: Collection[int], at: datetime) -> None:
    """Mark as read the entries with these keys, and older ones on further pages; nothing that came since.

    Keys are given before their transaction ends, so of those that are not named only the old ones are older.
    """
    older = Q(pk__lt=min(shown, default=0), told_at__lt=at - LEASE)
    Notice.objects.unread().filter(Q(pk__in=shown) | older, person=user).update(read_at=at)
