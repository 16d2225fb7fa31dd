"""What an edit changed: the versions its event vouches for, each beside the one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import User
from audit.models import Event
from catalog.models import Control, Identity, System
from exceptions_app.models import ExceptionCase, Grant, Safeguard

EDITS = {"case.edited", "case.amended", "case.owner_changed"}
_GOVERNED = {model.history.model._meta.label_lower: model for model in (ExceptionCase, Grant, Safeguard)}


@dataclass(frozen=True)
class Pair:
    """A row before and after one change; `before` is None for a new row, `after` for one taken out."""

    model: type[ExceptionCase] | type[Grant] | type[Safeguard]
    before: Any
    after: Any


@dataclass(frozen=True)
class Names:
    """What keys in versions stand for."""

    people: dict[int, User]
    controls: dict[int, Control]
    identities: dict[int, Identity]
    systems: dict[int, System]


def edits(events: Sequence[Event]) -> dict[int, list[Pair]]:
    """The pairs of each edit among these events, by the event's key; at most two queries a model."""
    places: dict[str, dict[int, int]] = defaultdict(dict)
    for event in events:
        if event.kind in EDITS:
            for reference in event.history:
                places[reference["model"]][int(reference["id"])] = event.pk
    found: dict[int, list[Pair]] = defaultdict(list)
    for label, model in _GOVERNED.items():
        for pair, version in _pairs(model, list(places[label])):
            found[places[label][version]].append(pair)
    return found


def names(pairs: Iterable[Pair]) -> Names:
    """The rows these versions point to; at most four queries."""
    keys: dict[str, set[int]] = defaultdict(set)
    for pair in pairs:
        for version in (pair.before, pair.after):
            for field in ("control", "identity", "system", "owner", "backup_owner"):
                key = getattr(version, f"{field}_id", None)
                if key is not None:
                    keys["people" if field.endswith("owner") else field].add(key)
    return Names(
        people=User.objects.in_bulk(keys["people"]),
        controls=Control.objects.in_bulk(keys["control"]),
        identities=Identity.objects.in_bulk(keys["identity"]),
        systems=System.objects.in_bulk(keys["system"]),
    )


def _pairs(model: type[ExceptionCase] | type[Grant] | type[Safeguard], keys: list[int]) -> Iterable[tuple[Pair, int]]:
    """Each version with its predecessor; a row's first version and its last, when removed, stand alone."""
    if not keys:
        return
    versions = model.history.model.objects
    earlier = versions.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    rows = list(
        versions.filter(history_id__in=keys)
        .annotate(before_id=Subquery(earlier.values("history_id")[:1]))
        .order_by("history_id")
    )
    before = versions.in_bulk([row.before_id for row in rows if row.before_id])
    for row in rows:
        if row.history_type == "-":
            yield Pair(model, row, None), row.history_id
        else:
            yield Pair(model, before.get(row.before_id), row), row.history_id
