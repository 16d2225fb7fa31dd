"""What the entries of the catalog have in common when they are created and changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible, Stale
from accounts.models import User
from accounts.recording import Happening
from accounts.rules import may_run_catalog
from accounts.services.guards import demand_active
from catalog.models import Control, Identity, System, Vendor

Entry = TypeVar("Entry", Control, Identity, System, Vendor)
AnyEntry = Control | Identity | System | Vendor
SLUG_LENGTH = 60
RESERVED = frozenset({"new", "ownership"})
"""Handles that would hide an address of the catalog."""
OWNERS = frozenset({"owner", "backup_owner"})


@dataclass(frozen=True, kw_only=True)
class Verb:
    """Who does what, when; `kind` is the event's kind without what it happens to, `also` more for its body."""

    kind: str
    actor: User | None
    at: datetime
    also: Mapping[str, Any] = field(default_factory=dict)


def create(entry: Entry, *, verb: Verb, body: Iterable[str]) -> Entry:
    """Save a new entry; the event's body carries the named fields."""
    demand_programme_manager(verb.actor)
    demand_handle(entry)
    for name in OWNERS:
        owner = getattr(entry, name, None)
        demand_other(verb.actor, entry, before=None, after=owner)
        demand_active(owner, name)
    recording.keep(entry, happening=happening(entry, verb), body={**recording.facts(entry, body), **verb.also})
    return entry


def change(entry: Entry, *, version: int, values: Mapping[str, Any], verb: Verb) -> Entry:
    """Save what differs, provided nobody changed the entry since `version` was read; nothing differing is no change."""
    demand_programme_manager(verb.actor)
    return amend(locked(entry, version), values=values, verb=verb)


def locked(entry: Entry, version: int) -> Entry:
    """The entry as it stands, locked. Raises Stale where somebody changed it since `version` was read."""
    current = recording.locked(entry)
    if current.version != version:
        raise Stale(_("Somebody else changed this in the meantime. Compare, then save again."), current=current)
    return current


def amend(current: Entry, *, values: Mapping[str, Any], verb: Verb) -> Entry:
    """Save what differs from the row, which the caller has locked."""
    values = recording.trimmed(values)
    for name in OWNERS & values.keys():
        demand_other(verb.actor, current, before=getattr(current, name), after=values[name])
    if changes := recording.amend(current, values):
        for name in OWNERS & changes.keys():
            demand_active(values[name], name)
        current.version += 1
        body = {"version": current.version, "changes": changes, **verb.also}
        recording.keep(current, happening=happening(current, verb), body=body)
    return current


def follow(rows: QuerySet[Any], column: str, wanted: Iterable[Any], **of: Any) -> None:
    """Bring the rows that queries go by to what the entry says: one for each value of the column."""
    wanted = list(wanted)
    rows.exclude(**{f"{column}__in": wanted}).delete()
    there = set(rows.values_list(column, flat=True))
    rows.model._default_manager.bulk_create(rows.model(**of, **{column: one}) for one in wanted if one not in there)


def handle(name: str) -> str:
    """The handle a name suggests; empty when it has no Latin letters or digits."""
    return slugify(name)[:SLUG_LENGTH].strip("-")


def demand_handle(entry: AnyEntry) -> None:
    """Raises NotPossible for a new entry whose handle is an address of the catalog."""
    if not isinstance(entry, Control) and entry.slug in RESERVED:
        message = _("“%(slug)s” is taken: an address of the catalog ends in it.") % {"slug": entry.slug}
        raise NotPossible(message, fields={"slug": [message]})


def demand_programme_manager(actor: User | None) -> None:
    if actor is not None and not may_run_catalog(actor):
        raise NotAllowed(_("Only programme managers change the catalog."))


def demand_other(actor: User | None, entry: AnyEntry, *, before: Any, after: Any) -> None:
    """Nobody makes themselves a judge, or frees themselves to be one (promise 4).

    Owning a control or a system lets a person judge; owning an identity keeps them from it.
    """
    its_power = before if isinstance(entry, Identity) else after
    if actor is not None and before != after and its_power == actor:
        raise NotAllowed(_("This changes what you may judge, so somebody else names the owner."))


def happening(entry: AnyEntry, verb: Verb) -> Happening:
    kind = f"{entry._meta.model_name}.{verb.kind}"
    return Happening(stream=stream(entry), kind=kind, by=verb.actor, at=verb.at)


def stream(entry: AnyEntry) -> str:
    """Name of the ledger stream that holds this entry's events."""
    return "catalog/{}/{}".format(*_place(entry))


def _place(entry: AnyEntry) -> tuple[str, str]:
    match entry:
        case Control():
            return "controls", entry.code
        case Identity():
            return "identities", entry.slug
        case System():
            return "systems", entry.slug
        case Vendor():
            return "vendors", entry.slug
