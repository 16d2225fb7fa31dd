"""What a control, an identity and a system have in common when they are created and changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, Stale
from accounts.models import User
from accounts.recording import Happening
from accounts.rules import may_run_catalog
from accounts.services.guards import demand_active
from catalog.models import Control, Identity, System

Entry = TypeVar("Entry", Control, Identity, System)
SLUG_LENGTH = 60
OWNERS = frozenset({"owner", "backup_owner"})


@dataclass(frozen=True, kw_only=True)
class Verb:
    """Who does what, when; `kind` is the event's kind without what it happens to."""

    kind: str
    actor: User | None
    at: datetime


def create(entry: Entry, *, verb: Verb, body: Iterable[str]) -> Entry:
    """Save a new entry; the event's body carries the named fields."""
    demand_programme_manager(verb.actor)
    for field in OWNERS:
        owner = getattr(entry, field, None)
        _demand_other(verb.actor, entry, before=None, after=owner)
        demand_active(owner, field)
    recording.keep(entry, happening=_happening(entry, verb), body=recording.facts(entry, body))
    return entry


def change(entry: Entry, *, version: int, values: Mapping[str, Any], verb: Verb) -> Entry:
    """Save what differs, provided nobody changed the entry since `version` was read; nothing differing is no change."""
    demand_programme_manager(verb.actor)
    current = recording.locked(entry)
    if current.version != version:
        raise Stale(_("Somebody else changed this in the meantime. Compare, then save again."), current=current)
    values = recording.trimmed(values)
    for field in OWNERS & values.keys():
        _demand_other(verb.actor, current, before=getattr(current, field), after=values[field])
    if changes := recording.amend(current, values):
        for field in OWNERS & changes.keys():
            demand_active(values[field], field)
        current.version += 1
        body = {"version": current.version, "changes": changes}
        recording.keep(current, happening=_happening(current, verb), body=body)
    return current


def handle(name: str) -> str:
    """The handle a name suggests; empty when it has no Latin letters or digits."""
    return slugify(name)[:SLUG_LENGTH].strip("-")


def demand_programme_manager(actor: User | None) -> None:
    if actor is not None and not may_run_catalog(actor):
        raise NotAllowed(_("Only programme managers change the catalog."))


def _demand_other(actor: User | None, entry: Control | Identity | System, *, before: Any, after: Any) -> None:
    """Nobody makes themselves a judge, or frees themselves to be one (promise 4).

    Owning a control or a system lets a person judge; owning an identity keeps them from it.
    """
    its_power = before if isinstance(entry, Identity) else after
    if actor is not None and before != after and its_power == actor:
        raise NotAllowed(_("This changes what you may judge, so somebody else names the owner."))


def _happening(entry: Control | Identity | System, verb: Verb) -> Happening:
    place, key = _place(entry)
    kind = f"{entry._meta.model_name}.{verb.kind}"
    return Happening(stream=f"catalog/{place}/{key}", kind=kind, by=verb.actor, at=verb.at)


def _place(entry: Control | Identity | System) -> tuple[str, str]:
    match entry:
        case Control():
            return "controls", entry.code
        case Identity():
            return "identities", entry.slug
        case System():
            return "systems", entry.slug
