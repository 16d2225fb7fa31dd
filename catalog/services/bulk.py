"""Many entries at once, all or none: what an import creates and changes, each with its history and its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import get_history_manager_for_model

from accounts import recording
from accounts.errors import NotPossible, Stale
from accounts.models import User
from accounts.services.guards import demand_active
from audit import services as ledger
from audit.actors import SYSTEM
from catalog.models import Control, ExternalId, Identity, System, SystemTag, Vendor
from catalog.services import entries, identities, systems, vendors
from catalog.services.entries import OWNERS, Verb

Row = Control | Identity | System | Vendor
Of = TypeVar("Of", bound=models.Model)
FACTS: Mapping[type[Row], Sequence[str]] = {  # controls are saved one by one: their limits take two people
    Identity: (*identities.FACTS, "owner_asked"),
    System: systems.FACTS,
    Vendor: vendors.FACTS,
}
BATCH = 500


@dataclass(frozen=True)
class Planned(Generic[Of]):
    """A row as it would be. `upon` is the version it was planned upon, 0 for a new one; no changes: nothing to do."""

    row: Of
    upon: int
    changes: Mapping[str, Any] = field(default_factory=dict)


def planned(row: Row, values: Mapping[str, Any], actor: User, at: datetime) -> Planned[Row]:
    """The row with these values: a new one, or a copy of one that stands. Nothing is saved, and nothing asked.

    Raises NotPossible and NotAllowed as the single verbs do, but for what only other rows can tell.
    """
    wanted, is_new = copy(row), row.pk is None
    if isinstance(row, Identity) and not is_new and values.get("owner") == row.owner:
        values = {name: value for name, value in values.items() if name != "owner"}  # whoever is asked stays asked
    settled = identities.settled(wanted, values, actor) if isinstance(wanted, Identity) else dict(values)
    for name in OWNERS & values.keys():
        before = None if is_new else getattr(row, name)
        entries.demand_other(actor, row, before=before, after=values[name])
    changes = recording.amend(wanted, recording.trimmed(settled))
    for name in (OWNERS | {"owner_asked"}) & changes.keys():
        demand_active(settled[name], "owner" if name == "owner_asked" else name)
    if "last_rotated_on" in changes:
        identities.demand_past(settled["last_rotated_on"], at)
    if is_new:
        entries.demand_handle(wanted)
    if changes or is_new:
        _demand_valid(wanted)
    return Planned(wanted, 0 if is_new else row.version, changes)


@transaction.atomic
def save_all(rows: Sequence[Planned[Row]], *, actor: User, at: datetime, also: Mapping[str, Any]) -> None:
    """Save every row that is new or changes, of one kind. `also` goes into every event.

    Raises Stale where one was changed or created meanwhile: then none is saved.
    """
    entries.demand_programme_manager(actor)
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        new = [one.row for one in some if not one.upon]
        old = [one for one in some if one.upon and one.changes]
        if new:
            _create(new, Verb(kind="created", actor=actor, at=at, also=also))
        if old:
            _change(old, Verb(kind="changed", actor=actor, at=at, also=also))


def _create(rows: Sequence[Row], verb: Verb) -> None:
    model, manager = type(rows[0]), _manager(rows[0])
    taken = manager.filter(slug__in=[row.slug for row in rows if not isinstance(row, Control)]).first()
    if taken is not None:
        raise Stale(_("%(entry)s is in the catalog meanwhile.") % {"entry": taken}, current=taken)
    manager.bulk_create(rows)
    _follow(rows)
    _record(rows, [recording.facts(row, FACTS[model]) for row in rows], verb)


def _change(planned_rows: Sequence[Planned[Row]], verb: Verb) -> None:
    rows = [one.row for one in planned_rows]
    manager = _manager(rows[0])
    locked = manager.select_for_update(of=("self",)).order_by("pk").in_bulk([row.pk for row in rows])
    for one in planned_rows:
        current = locked.get(one.row.pk)
        if current is None or current.version != one.upon:
            raise Stale(_("%(entry)s was changed meanwhile.") % {"entry": one.row}, current=one.row)
        one.row.version = one.upon + 1
    names = {name for one in planned_rows for name in one.changes} | {"version"}
    manager.bulk_update(rows, sorted(names), batch_size=BATCH // 5)
    _follow(rows)
    bodies = [{"version": one.row.version, "changes": dict(one.changes)} for one in planned_rows]
    _record(rows, bodies, verb)


def _manager(row: Row) -> Any:
    return type(row)._default_manager


def _follow(rows: Sequence[Row]) -> None:
    """Bring external ids and tags to what the rows say."""
    if isinstance(rows[0], Identity):
        wanted = {(row.pk, one) for row in rows if isinstance(row, Identity) for one in row.external_ids}
        _bring(ExternalId, "identity_id", "value", rows, wanted)
    elif isinstance(rows[0], System):
        tags = {(row.pk, one) for row in rows if isinstance(row, System) for one in row.tags}
        _bring(SystemTag, "system_id", "tag", rows, tags)


def _bring(model: type[models.Model], of: str, column: str, rows: Sequence[Row], wanted: set[tuple[int, str]]) -> None:
    present = model._default_manager.filter(**{f"{of}__in": [row.pk for row in rows]})
    there = {(key, value): pk for pk, key, value in present.values_list("pk", of, column)}
    model._default_manager.filter(pk__in=[pk for pair, pk in there.items() if pair not in wanted]).delete()
    missing = sorted(wanted - there.keys())
    model._default_manager.bulk_create(model(**{of: key, column: value}) for key, value in missing)


def _record(rows: Sequence[Row], bodies: Iterable[Mapping[str, Any]], verb: Verb) -> None:
    happenings = [entries.happening(row, verb) for row in rows]
    history: Any = get_history_manager_for_model(type(rows[0]))
    versions = history.bulk_history_create(
        rows,
        batch_size=BATCH,
        update=verb.kind != "created",
        default_user=verb.actor,
        default_change_reason=happenings[0].kind,
        default_date=verb.at,
    )
    actor = verb.actor.actor if verb.actor else SYSTEM
    ledger.record_many(
        [
            ledger.Entry(
                stream=happening.stream,
                kind=happening.kind,
                actor=actor,
                at=verb.at,
                body={**body, **verb.also},
                history=(version,),
            )
            for happening, body, version in zip(happenings, bodies, versions, strict=True)
        ]
    )


def _demand_valid(row: Row) -> None:
    recording.validate_alone(row)
    if isinstance(row, Identity) and row.backup_owner_id and row.backup_owner_id in {row.owner_id, row.owner_asked_id}:
        message = _("The backup owner must be somebody else than the owner.")
        raise NotPossible(message, fields={"backup_owner": [message]})
