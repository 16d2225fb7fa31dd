"""Drafts that come from files: nobody's until a person claims them, and never more than drafts (promises 2 and 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.rules import demand_changes_things
from audit.actors import SYSTEM
from catalog.models import Control, System, Tier
from exceptions_app import door, terms
from exceptions_app.models import Editor, ExceptionCase, Grant
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import acting
from exceptions_app.services.content import (
    FIELDS,
    DraftContent,
    GrantContent,
    SafeguardContent,
    grant_contents,
)
from exceptions_app.services.drafts import note_editor, write_content
from exceptions_app.services.references import next_references

FROM_FILES = ("title", "blocked", "justification", "end_on", "end_zone", "ticket_ref")
"""What a file may fill in. Control, identity, owner and every judgement are a person's to give."""


@dataclass(frozen=True)
class DraftImport:
    """One draft as a file tells it, and the facts of its source for the record."""

    content: DraftContent
    source: Mapping[str, Any]

    def __post_init__(self) -> None:
        if set(self.content.fields) - set(FROM_FILES) or self.content.safeguards:
            raise ValueError("A file fills in words, an end and what is opened; all else is a person's to give.")


@dataclass(frozen=True)
class Filling:
    """What a claim fills in where the draft has nothing: fields, the system of its grants, one safeguard."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    system: System | None = None
    safeguard: SafeguardContent | None = None


@transaction.atomic
def import_drafts(*, drafts: Sequence[DraftImport], actor: User | None, at: datetime) -> list[ExceptionCase]:
    """New drafts without requester, owner, control and identity. `actor` None is the system: the command line.

    Whoever imports counts as having written them, since nobody can tell whose words a file holds.
    """
    if actor is not None:
        demand_changes_things(actor)
    change, cases = Change(at, actor, machine=SYSTEM), []
    for reference, draft in zip(next_references(at, len(drafts)), drafts, strict=True):
        case = ExceptionCase(reference=reference, created_at=at, updated_at=at)
        for name, value in draft.content.fields.items():
            setattr(case, name, value)
        change.add(case, *([Editor(case=case, person=actor, first_at=at)] if actor else []))
        change.add(*(_grant(case, content) for content in draft.content.grants or ()))
        change.event(case, "case.imported", reference=reference, **draft.source)
        cases.append(case)
    with door.opened():
        change.write()
    return cases


@transaction.atomic
def reimport_drafts(*, drafts: Mapping[int, DraftImport], actor: User | None, at: datetime) -> list[ExceptionCase]:
    """Bring unclaimed drafts, by key, to what their files say now; answers those that changed.

    What somebody has claimed meanwhile is theirs and stays as it is.
    """
    if actor is not None:
        demand_changes_things(actor)
    change, changed_cases = Change(at, actor, machine=SYSTEM), []
    rows = ExceptionCase.objects.unclaimed().filter(pk__in=drafts).order_by("pk")
    with door.opened():
        for row in rows.select_for_update(of=("self",)):
            changed = write_content(row, change, drafts[row.pk].content)
            if not changed:
                continue
            row.updated_at = at
            note_editor(row, change)
            change.touch(row)
            change.event(row, "case.reimported", version=row.version, changed=changed, **drafts[row.pk].source)
            changed_cases.append(row)
        change.write()
    return changed_cases


def claim(*, case: ExceptionCase, actor: User, at: datetime, filling: Filling | None = None) -> ExceptionCase:
    """Become the requester of an imported draft, its owner too unless another is named, and fill in what is missing.

    Nothing that stands in the draft is overwritten but an end that is past, or further away than the control allows.
    Raises NotAllowed if it is claimed.
    """
    with acting("claim", case=case, actor=actor, at=at) as (row, change):
        row.requester = actor
        changed = write_content(row, change, _filled(row, filling or Filling(), actor, at))
        note_editor(row, change)
        change.event(
            row,
            "case.claimed",
            version=row.version,
            changed=changed,
            requester=people([actor]),
            owner=people([row.owner]),
        )
    return row


def _grant(case: ExceptionCase, content: GrantContent) -> Grant:
    return Grant(
        case=case, actions=list(content.actions), resource=content.resource.strip(), conditions=content.conditions
    )


def _filled(row: ExceptionCase, filling: Filling, actor: User, at: datetime) -> DraftContent:
    given = {name: value for name, value in filling.fields.items() if name in FIELDS and value not in {"", None}}
    fields = {name: value for name, value in given.items() if getattr(row, name) in {"", None}}
    for name in ("term_days", "end_on", "end_zone"):
        fields.pop(name, None)
    fields |= _end(row, given, fields.get("control", row.control), at)
    fields["owner"] = given.get("owner", actor)
    identity = fields.get("identity", row.identity)
    if identity is not None and not fields.get("credential_form", row.credential_form):
        fields["credential_form"] = identity.credential_form
    return DraftContent(fields, _grants(row, filling), _safeguards(row, filling))


def _end(row: ExceptionCase, given: Mapping[str, Any], control: Control | None, at: datetime) -> dict[str, Any]:
    """The end that is given, where the draft has none that is still to come and near enough to be asked for."""
    longest = timedelta(days=control.term_cap(Tier.LOW)) if control else terms.FAR_AWAY
    stands = row.term_days or (row.end_on is not None and at.date() <= row.end_on <= at.date() + longest)
    if stands or not (given.get("term_days") or given.get("end_on")):
        return {}
    if given.get("term_days"):
        return {"term_days": given["term_days"], "end_on": None, "end_zone": ""}
    return {"term_days": None, "end_on": given["end_on"], "end_zone": given.get("end_zone", "UTC")}


def _grants(row: ExceptionCase, filling: Filling) -> list[GrantContent] | None:
    if filling.system is None:
        return None
    return [
        GrantContent(one.system or filling.system, one.actions, one.resource, one.networks, one.conditions)
        for one in grant_contents(row)
    ]


def _safeguards(row: ExceptionCase, filling: Filling) -> list[SafeguardContent] | None:
    if filling.safeguard is None or row.safeguards.exists():
        return None
    return [filling.safeguard]
