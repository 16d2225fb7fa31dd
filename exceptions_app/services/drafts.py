"""Drafts: opened, saved, duplicated, and the backup owner's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from accounts.rules import demand_changes_things
from exceptions_app import door, judges, limits, rules, safeguard_kinds
from exceptions_app.models import ACTIVATED, SINCE, Answer, Editor, ExceptionCase, Grant, Safeguard
from exceptions_app.models.governed import Governed
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import acting, check_version, lock
from exceptions_app.services.content import (
    FIELDS,
    DraftContent,
    GrantContent,
    SafeguardContent,
    grant_contents,
    safeguard_contents,
)
from exceptions_app.services.references import next_references
from exceptions_app.succession import has_owner

LONGEST_NOTE = 1000
_SAID_ANEW = frozenset({"planned_start_at", "end_on", "owner", *SINCE})
"""What a copy does not take over."""


@transaction.atomic
def open_draft(*, actor: User, at: datetime, content: DraftContent | None = None) -> ExceptionCase:
    """A new draft with a reference of its own. Raises NotAllowed for auditors and people who left."""
    demand_changes_things(actor)
    case = ExceptionCase(
        reference=next_references(at)[0], requester=actor, owner=actor, created_at=at, updated_at=at, end_zone=""
    )
    return _open(case, actor, at, content or DraftContent())


def save_draft(*, case: ExceptionCase, actor: User, at: datetime, version: int, content: DraftContent) -> ExceptionCase:
    """Save what was written. Raises Stale (with the row as it stands) if someone saved after `version` was read."""
    with acting("edit", case=case, actor=actor, at=at) as (row, change):
        check_version(row, version)
        changed = write_content(row, change, content)
        note_editor(row, change)
        change.event(row, "case.edited", version=row.version, changed=changed)
    return row


@transaction.atomic
def duplicate(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """A new draft with the same content, and so the same writers; who duplicates is its requester and owner."""
    case = lock(case.pk)
    rules.require(actor, "duplicate", case, at)
    return _copy(case, actor, at, renews=None)


@transaction.atomic
def renew(*, case: ExceptionCase, actor: User, at: datetime, changed: Mapping[str, Any] | None = None) -> ExceptionCase:
    """A draft that renews this case: same content and so the same writers, its term starts where this one ends.

    `changed` are fields that say something else, such as what a renewal answers. Raises NotAllowed, also more than 30
    days before the end, and for what was never in force.
    """
    case = lock(case.pk)
    rules.require(actor, "renew", case, at)
    if case.let_end_at is not None:
        _take_up_again(case, actor, at)
    return _copy(case, actor, at, renews=case, changed=changed)


def _take_up_again(row: ExceptionCase, actor: User, at: datetime) -> None:
    """It is not let end any more."""
    with door.opened():
        change = Change(at, actor)
        row.let_end_at, row.updated_at = None, at
        change.event(row, "case.let_end", taken_back=True)
        change.touch(row)
        change.write()


def share_draft(*, case: ExceptionCase, actor: User, at: datetime, note: str = "") -> ExceptionCase:
    """Ask the owner to complete the draft: they find it on Home, and a mail says so. `note` goes with it."""
    with acting("share", case=case, actor=actor, at=at) as (row, change):
        change.event(row, "case.shared", owner=people([row.owner]), reason=note.strip()[:LONGEST_NOTE])
    return row


def write_content(row: ExceptionCase, change: Change, content: DraftContent) -> list[str]:
    """Put the content into the row and its parts; answers the names of what changed. The caller holds the row."""
    unknown = set(content.fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"not a draft's fields: {sorted(unknown)}")
    owner, backup = row.owner_id, row.backup_owner_id
    for name, value in content.fields.items():
        setattr(row, name, value)
    _demand_two_owners(row)
    if row.owner_id != owner:
        withdraw_offers(row, change)
    if row.backup_owner_id != backup:
        row.backup_accepted_at = change.at if row.backup_owner == change.actor and change.actor else None
    changed = row.changed()
    safeguards = list(row.safeguards.order_by("pk"))
    take_back(row, safeguards, change.at)
    if content.safeguards is None:
        change.touch(*safeguards)
    changed += _replace(row, change, list(row.grants.order_by("pk")), content.grants, Grant, "grants")
    changed += _replace(row, change, safeguards, content.safeguards, Safeguard, "safeguards")
    row.version += 1
    row.risk_tier = as_written(row, content).tier
    return changed


def as_written(row: ExceptionCase, content: DraftContent) -> limits.Draft:
    """The row with the parts the content gives it, unsaved; where it gives none, with copies of those it has."""
    grants, safeguards = content.grants, content.safeguards
    if grants is None:
        grants = grant_contents(row) if row.pk else ()
    if safeguards is None:
        safeguards = safeguard_contents(row) if row.pk else ()
    return limits.Draft(
        row,
        [Grant(case=row, **_values(item)) for item in grants],
        [Safeguard(case=row, **_values(item)) for item in safeguards],
    )


def take_back(row: ExceptionCase, safeguards: Iterable[Safeguard], at: datetime) -> None:
    """Clear, still unwritten, what someone verified who gains from the case as it now stands (promise 4).

    Not once it is relied on: that person did not gain when they looked, and their word runs out.
    """
    if row.state in ACTIVATED:
        return
    gaining = judges.gaining_ids(row, at)
    for safeguard in safeguards:
        if safeguard.verified_by_id in gaining:
            _clear(safeguard)


def note_editor(row: ExceptionCase, change: Change) -> None:
    """Remember the actor as someone who wrote part of the ask, or put it forward."""
    if change.actor is not None:
        note_gainer(row, change, change.actor)


def note_gainer(row: ExceptionCase, change: Change, person: User) -> None:
    """Remember a person as someone who gains, whatever they are to the case later."""
    if not row.editors.filter(person=person).exists():
        change.add(Editor(case=row, person=person, first_at=change.at))


def withdraw_offers(row: ExceptionCase, change: Change) -> None:
    """Nobody accepts any more what an owner offered who owns it no more, or offers to somebody else."""
    offers = row.ownership_offers.select_for_update(of=("self",)).filter(answered_at__isnull=True)
    for offer in offers.select_related("to"):
        offer.answer, offer.answered_at = Answer.REPLACED, change.at
        change.touch(offer)
        change.event(row, "ownership.withdrawn", to_owner=people([offer.to]))
        change.write()  # before a new one: only one of a case may be open


def _open(
    case: ExceptionCase, actor: User, at: datetime, content: DraftContent, writers: Iterable[Editor] = ()
) -> ExceptionCase:
    change = Change(at, actor)
    with door.opened():
        for name, value in content.fields.items():
            if name not in FIELDS:
                raise ValueError(f"not a draft's field: {name}")
            setattr(case, name, value)
        _demand_two_owners(case)
        draft = as_written(case, content)
        case.risk_tier = draft.tier
        if case.backup_owner == actor:
            case.backup_accepted_at = at
        editors = [Editor(case=case, person=one.person, first_at=one.first_at) for one in writers]
        change.add(case, Editor(case=case, person=actor, first_at=at), *editors, *draft.grants, *draft.safeguards)
        change.event(case, "case.drafted", reference=case.reference, requester=people([actor]))
        change.write()
    return case


def _demand_two_owners(row: ExceptionCase) -> None:
    if row.owner is not None and row.owner == row.backup_owner:
        sentence = _("The backup owner is someone other than the owner.")
        raise NotPossible(sentence, fields={"backup_owner": [sentence]})


def _copy(
    case: ExceptionCase,
    actor: User,
    at: datetime,
    *,
    renews: ExceptionCase | None,
    changed: Mapping[str, Any] | None = None,
) -> ExceptionCase:
    fields = {name: getattr(case, name) for name in FIELDS if name not in _SAID_ANEW}
    fields["owner"] = case.owner if renews and has_owner(case) else actor
    if fields["backup_owner"] == fields["owner"]:
        fields["backup_owner"] = None
    if case.remediation_on and case.remediation_on < at.date():
        fields["remediation_on"] = None
    fields |= changed or {}
    copy = ExceptionCase(reference=next_references(at)[0], requester=actor, renews=renews, created_at=at, updated_at=at)
    copy.least_tier = case.least_tier  # or withdrawing and asking anew would lower what somebody raised
    writers = case.editors.exclude(person=actor).select_related("person")
    return _open(copy, actor, at, DraftContent(fields, grant_contents(case), safeguard_contents(case)), writers)


def _replace(
    row: ExceptionCase,
    change: Change,
    present: Sequence[Governed],
    wanted: Sequence[GrantContent] | Sequence[SafeguardContent] | None,
    model: type[Grant] | type[Safeguard],
    name: str,
) -> list[str]:
    """Bring the stored parts to the wanted ones, row by row, so that history shows what really changed."""
    if wanted is None:
        return []
    before = len(present)
    moved = before != len(wanted)
    present = _beside_their_like(present, wanted)
    pairs: Iterable[tuple[Governed | None, GrantContent | SafeguardContent | None]] = zip_longest(present, wanted)
    for old, new in pairs:
        if new is None:
            change.remove(*[old] if old else [])
        elif old is None:
            change.add(model(case=row, **_values(new)))
        else:
            for attribute, value in _values(new).items():
                setattr(old, attribute, value)
            moved = moved or bool(old.changed())
            _unverify(old)
            change.touch(old)
    return [name] if moved else []


def _beside_their_like(
    present: Sequence[Governed], wanted: Sequence[GrantContent] | Sequence[SafeguardContent]
) -> Sequence[Governed]:
    """Stored safeguards in the places of what is wanted and says the same, so that each keeps what is known of it."""
    left = [part for part in present if isinstance(part, Safeguard)]
    if len(left) != len(present) or len(wanted) > len(left):
        return present
    placed: list[Safeguard | None] = []
    for item in wanted:
        like = next((one for one in left if one.description == getattr(item, "description", "").strip()), None)
        placed.append(like)
        left = [one for one in left if one is not like]
    rest = iter(left)
    return [*(one if one is not None else next(rest) for one in placed), *rest]


def _unverify(part: Governed) -> None:
    """A safeguard whose words changed has not been verified."""
    if isinstance(part, Safeguard) and part.changed() and part.verified_at:
        _clear(part)


def _clear(safeguard: Safeguard) -> None:
    """Nobody has said that it works; that it fails stays said until somebody finds that it works."""
    safeguard.verified_at = safeguard.verified_by = safeguard.evidence = None
    safeguard.fresh_until_at = safeguard.due_from_at = None
    safeguard.statement = safeguard.verified_how = ""


def _values(item: GrantContent | SafeguardContent) -> dict[str, Any]:
    if isinstance(item, GrantContent):
        return {
            "system": item.system,
            "actions": list(item.actions),
            "resource": item.resource.strip(),
            "networks": list(item.networks),
            "conditions": item.conditions.strip(),
        }
    details = safeguard_kinds.kept(item.kind, item.details)
    return {"kind": item.kind, "description": item.description.strip(), "details": details, "required": item.required}
