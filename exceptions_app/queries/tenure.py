"""Since when somebody owns a row, and since when an account is closed, as the history tells; as annotations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from accounts.models import User

BEFORE, NOBODY = 0, 0
"""The key of no version, since what was always so began with the first; and of no person."""


def ownerless_since(rows: QuerySet[Any], model: type[Model]) -> QuerySet[Any]:
    """The rows, whose owner is missing or gone, with `since_at`: when the account closed or they came to have it.

    The later of both; None where history tells neither. Who audits is gone as if the account were closed.
    """
    mine, theirs = _versions(model), _versions(User)
    others = mine.filter(id=OuterRef("pk")).alias(whose=Coalesce("owner_id", NOBODY))
    others = others.exclude(whose=Coalesce(OuterRef("owner_id"), NOBODY))
    open_ = theirs.filter(id=OuterRef("owner"), is_active=True, is_auditor=False)
    came = mine.filter(id=OuterRef("pk"), history_id__gt=Coalesce(OuterRef("last_other"), BEFORE))
    closed = theirs.filter(id=OuterRef("owner"), history_id__gt=Coalesce(OuterRef("last_open"), BEFORE))
    rows = rows.annotate(last_other=_last(others), last_open=_last(open_))
    rows = rows.annotate(came_at=_first(came), closed_at=_first(closed))
    later = Greatest(Coalesce("came_at", "closed_at"), Coalesce("closed_at", "came_at"))
    found: QuerySet[Any] = rows.annotate(since_at=later)
    return found


def given_up(model: type[Model], person: User) -> QuerySet[Any]:
    """Rows this person owned once and does not own now, with `given_up_at`, when they last ceased to."""
    versions = _versions(model)
    own = versions.filter(owner=person)
    later = versions.filter(id=OuterRef("pk"), history_id__gt=OuterRef("last_own"))
    rows: QuerySet[Any] = model._default_manager.filter(pk__in=own.values("id")).exclude(owner=person)
    last_own = _last(own.filter(id=OuterRef("pk")))
    gone: QuerySet[Any] = rows.annotate(last_own=last_own).annotate(given_up_at=_first(later))
    return gone


def last_owners(model: type[Model], keys: list[int]) -> dict[int, int]:
    """Keys of who owned these rows last, by the rows' keys; one query."""
    versions = _versions(model).filter(id__in=keys, owner__isnull=False).order_by("history_id")
    return dict(versions.values_list("id", "owner")) if keys else {}


def closed_at(person: User) -> datetime | None:
    """When the account was closed last (UTC); None where it is open, or history does not tell. One query."""
    theirs = _versions(User).filter(id=person.pk)
    last_open = theirs.filter(is_active=True).order_by("-history_id").values("history_id")[:1]
    since = theirs.filter(history_id__gt=Coalesce(Subquery(last_open), BEFORE)).order_by("history_id")
    return None if person.is_active else since.values_list("history_date", flat=True).first()


def _versions(model: type[Model]) -> QuerySet[Any]:
    history: Any = vars(model)["history"].__get__(None, model)
    versions: QuerySet[Any] = history.model._default_manager.order_by()
    return versions


def _last(versions: QuerySet[Any]) -> Subquery:
    return Subquery(versions.order_by("-history_id").values("history_id")[:1])


def _first(versions: QuerySet[Any]) -> Subquery:
    return Subquery(versions.order_by("history_id").values("history_date")[:1], output_field=DateTimeField())
