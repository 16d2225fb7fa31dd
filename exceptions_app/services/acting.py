"""What every verb does alike: lock, ask the law, collect the change, write it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotPossible, Stale
from accounts.models import User
from accounts.texts import says
from catalog.models import Identity
from exceptions_app import door, rules
from exceptions_app.models import ExceptionCase
from exceptions_app.recording import Change

_PARENTS = ("control", "identity", "requester", "owner", "backup_owner", "renews")
_PARTS = ("periods", "grants", "safeguards")


@contextmanager
def acting(action: str, *, case: ExceptionCase, actor: User, at: datetime) -> Iterator[tuple[ExceptionCase, Change]]:
    """Hold the case's row, after checking that the person may act now; write the change when the block ends well.

    Yields a freshly loaded row, never the caller's. Raises NotAllowed or NotPossible.
    """
    with transaction.atomic(), door.opened():
        row = lock(case.pk)
        rules.require(actor, action, row, at)
        change = Change(at, actor)
        row.updated_at = at
        yield row, change
        change.touch(row)
        change.write()


@contextmanager
def sweeping(
    keys: Iterable[int], at: datetime, *, parents: Sequence[str] = _PARENTS, parts: Sequence[str] = _PARTS
) -> Iterator[tuple[list[ExceptionCase], Change]]:
    """Hold the rows nobody else holds, in key order; what the block changes on them is written when it ends well.

    The actor is the clock. A verb for thousands of cases names the few parents and parts it reads.
    """
    with transaction.atomic(), door.opened():
        rows, change = lock_many(keys, parents=parents, parts=parts), Change(at, None)
        yield rows, change
        for row in rows:
            if row.changed():
                row.updated_at = at
        change.touch(*rows)
        change.write()


def lock(key: int) -> ExceptionCase:
    """The case's row, held until the transaction ends.

    What it renews is held before it: ending that asks for both rows, and in this order nobody waits in a ring.
    """
    before = ExceptionCase.objects.values_list("renews", flat=True).get(pk=key)
    rows = ExceptionCase.objects.select_for_update(of=("self",)).select_related(*_PARENTS)
    held = {row.pk: row for row in rows.filter(pk__in={key, before or key}).order_by("pk")}
    return held[key]


def lock_many(keys: Iterable[int], *, parents: Sequence[str], parts: Sequence[str]) -> list[ExceptionCase]:
    """The cases' rows in key order, with these parts; rows that someone else holds are left for the next sweep."""
    rows = ExceptionCase.objects.select_for_update(of=("self",), skip_locked=True).prefetch_related(*parts)
    rows = rows.select_related(*parents) if parents else rows
    return list(rows.filter(pk__in=list(keys)).order_by("pk"))


def hold_identities(rows: Iterable[ExceptionCase]) -> None:
    """Hold the rows' identities, in key order: who adds to an identity's time in force must not miss another's."""
    wanted = {row.identity_id for row in rows if row.identity_id}
    list(Identity.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))


def check_version(row: ExceptionCase, version: int) -> None:
    """Raise Stale, with the row as it stands, if someone saved after `version` was read."""
    if row.version != version:
        raise Stale(
            _("Someone saved this exception after you opened it. Your text is kept below, beside theirs."),
            current=row,
        )


def demand(text: str, sentence: str) -> str:
    """The text without outer space or null characters; raises NotPossible with the sentence if it says nothing."""
    if not says(text):
        raise NotPossible(sentence)
    return text.replace("\0", "").strip()
