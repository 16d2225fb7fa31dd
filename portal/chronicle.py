"""What changed on a catalog entry, a person or a group: its ledger stream in words, with before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, ForeignObjectRel, Model
from django.utils.translation import gettext as _

from accounts.models import ApproverGroup, GroupProposal, Team, User
from audit import queries as ledger
from audit.models import Event
from catalog.labels import label_of
from catalog.models import Control, ControlProposal
from exceptions_app.queries.case import people_in, people_of
from portal import words
from portal.case.telling import actor
from portal.catalog.things import told
from portal.verbs import VERBS

AnyField = Field[Any, Any] | ForeignObjectRel | GenericForeignKey
Tell: TypeAlias = "Callable[[Mapping[str, Mapping[str, Any]]], list[Change]]"
SHOWN = 50
_PSEUDONYM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One line of components/timeline.html."""

    at: datetime
    title: str
    who: User | str
    tone: str
    icon: str
    said: str = ""
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Names:
    """What the facts in events stand for."""

    people: Mapping[UUID, User]
    groups: Mapping[str, str]


def chronicle(stream: str, model: type[Model], tell: Tell | None = None) -> list[Entry]:
    """The stream's latest SHOWN events, newest first, told of a row of that model; three queries.

    `tell` puts changes into words where the model's columns alone do not.
    """
    events = ledger.page(ledger.Filter(stream=stream), size=SHOWN).events
    names = Names(people_of(events), dict(ApproverGroup.objects.values_list("slug", "name")) if events else {})
    return [_entry(event, model, names, tell) for event in events]


def names_in(changes: Iterable[Mapping[str, Any]]) -> Names:
    """What the facts of these changes stand for; two queries."""
    words = {str(fact) for change in changes for fact in (change["before"], change["after"]) if fact}
    pseudonyms = {UUID(word) for word in words if _PSEUDONYM.fullmatch(word)}
    people = {person.pseudonym: person for person in User.objects.filter(pseudonym__in=pseudonyms)}
    return Names(people, dict(ApproverGroup.objects.values_list("slug", "name")))


def proposed_changes(proposal: ControlProposal) -> list[Change]:
    """What a proposal would change, in words; one query."""
    names = Names({}, dict(ApproverGroup.objects.values_list("slug", "name")))
    both = {name: {"before": proposal.before[name], "after": fact} for name, fact in proposal.after.items()}
    return list(changes_of(both, Control, names))


def group_changes(proposal: GroupProposal) -> list[Change]:
    """Who would join and leave a group, and what else would change of who decides, in words; one query."""
    return _told_of_group(proposal.before, proposal.after, people_in([proposal.before, proposal.after]))


def _told_of_group(before: Mapping[str, Any], after: Mapping[str, Any], people: Mapping[UUID, User]) -> list[Change]:
    were, would = set(before.get("members", ())), set(after.get("members", ()))
    names = {str(key): str(person) for key, person in people.items()}
    found = [Change(_("Joins"), "", name) for name in sorted(names[key] for key in would - were)]
    found += [Change(_("Leaves"), name, "") for name in sorted(names[key] for key in were - would)]
    if "lead" in after:
        found.append(Change(_("Lead"), names.get(before["lead"], ""), names.get(after["lead"], "")))
    if "is_fallback" in after:
        found.append(Change(_("Fallback"), shown_bool(before["is_fallback"]), shown_bool(after["is_fallback"])))
    return found


def shown(column: AnyField, value: Any, names: Names | None = None) -> str:
    """A field's value, or the fact an event keeps of it, as a reader would say it."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return shown_bool(value)
    if isinstance(value, dict):
        return told(value)
    if isinstance(value, list):
        return ", ".join(_code(one) if column.name == "answers_to" else str(one) for one in value)
    if isinstance(column, Field) and column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if names is not None and isinstance(column, ForeignKey):
        return _named(column, value, names)
    return words.days(value) if "_cap_" in column.name or "_days_" in column.name else str(value)


def shown_bool(value: bool) -> str:
    return _("yes") if value else _("no")


def _entry(event: Event, model: type[Model], names: Names, tell: Tell | None) -> Entry:
    body, verb = event.body, VERBS.get(event.kind.partition(".")[2])
    said = body or {}
    changes = said.get("changes", {}) if verb is None or not verb.tells_all else {}
    return Entry(
        at=event.at,
        title=str(verb.title if verb else event.kind) % {"name": _person(said.get("person"), names)}
        + _which(said, model),
        who=actor(event, names.people, is_erased=body is None),
        tone=verb.tone if verb else "grey",
        icon=verb.icon if verb else "dot",
        said="" if body is not None else _("What was written here has been erased."),
        changes=tell(changes) if tell and changes else _told(changes, model, names),
    )


def _told(changes: Mapping[str, Mapping[str, Any]], model: type[Model], names: Names) -> list[Change]:
    if model is not ApproverGroup or "members" not in changes:
        return list(changes_of(changes, model, names))
    before, after = ({name: facts[key] for name, facts in changes.items()} for key in ("before", "after"))
    return _told_of_group(before, after, names.people)


def _which(told: Mapping[str, Any], model: type[Model]) -> str:
    """The row an event speaks of, where a stream speaks of many: all teams share one."""
    return f": {told['team']}" if model is Team and "team" in told else ""


def changes_of(changes: Mapping[str, Mapping[str, Any]], model: type[Model], names: Names) -> Iterable[Change]:
    """Facts before and after, as a reader would say them."""
    for name, values in changes.items():
        try:
            column, label = model._meta.get_field(name), label_of(model, name)
        except FieldDoesNotExist:
            continue
        before, after = (shown(column, values[key], names) for key in ("before", "after"))
        yield Change(label, before, after)


def _named(column: ForeignKey[Any, Any], fact: Any, names: Names) -> str:
    if column.related_model is User:
        return _person(fact, names)
    return str(names.groups.get(fact, fact)) if column.related_model is ApproverGroup else str(fact)


def _person(pseudonym: str | None, names: Names) -> str:
    return str(names.people.get(UUID(pseudonym), _("someone unknown"))) if pseudonym else _("someone unknown")


def _code(reference: str) -> str:
    """The code in a reference to a framework's item; the handle before it says the same to nobody."""
    return reference.partition(":")[2] or reference
