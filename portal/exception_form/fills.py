"""One press that writes into the form: a required safeguard, an end condition, prefilled sections, a pasted refusal.

Nothing is saved by it, and nothing that was written is overwritten: what comes is added, or fills what is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.models import Control, Identity, SafeguardKind, System
from intake import refusals, secrets_in
from intake.refusals import Refusal
from portal.exception_form.choosing import Offers
from portal.http import number

REFUSAL = "refusal"
MOST_SAID = 1500


@dataclass(frozen=True)
class Filled:
    """The form with what was pressed written into it, and a sentence about that."""

    data: QueryDict
    said: str


def pressed(posted: QueryDict, control: Control | None, offers: Offers) -> Filled:
    """What the pressed button writes; the form as it was where the button fits nothing any more."""
    verb, _colon, rest = posted.get("fill", "").partition(":")
    data = posted.copy()
    if verb == REFUSAL:
        masked = _mask(data)
        filled = _from_refusal(data, offers)
        return Filled(filled.data, f"{filled.said} {masked}".strip())
    if verb == "resource":
        return _narrow(data, rest)
    if verb == "safeguard" and rest in SafeguardKind.values:
        return _safeguard(data, SafeguardKind(rest))
    if verb == "condition" and control is not None:
        return _condition(data, control, number(rest))
    if verb == "sections" and control is not None:
        return _sections(data, control)
    return Filled(data, "")


def _safeguard(data: QueryDict, kind: SafeguardKind) -> Filled:
    """A row of this kind that must be verified before the start; in the row that has the kind, if one does."""
    rows = range(_count(data, "safeguards"))
    alike = [row for row in rows if data.get(f"safeguards-{row}-kind") == kind and not _is_struck(data, row)]
    row = alike[0] if alike else _free_row(data, "safeguards", ("kind", "description"))
    data[f"safeguards-{row}-kind"] = kind.value
    data[f"safeguards-{row}-required"] = "on"
    said = _("Added: %(kind)s. Say what it does, and how someone can see that it works.")
    return Filled(data, said % {"kind": kind.label})


def _condition(data: QueryDict, control: Control, place: int | None) -> Filled:
    if place is None or place >= len(control.end_conditions):
        return Filled(data, "")
    sentence, written = control.end_conditions[place], data.get("if_conditions_change", "").strip()
    if sentence not in written:
        data["if_conditions_change"] = f"{written}\n{sentence}".strip()
    return Filled(data, _("Added to “If conditions change”."))


def _sections(data: QueryDict, control: Control) -> Filled:
    for name, text in control.prefills.items():
        if not data.get(name, "").strip():
            data[name] = text
    return Filled(data, _("The empty sections are filled in. Make them say what holds in your case."))


def _narrow(data: QueryDict, rest: str) -> Filled:
    row, _colon, pattern = rest.partition(":")
    if number(row) is None or not pattern:
        return Filled(data, "")
    data[f"grants-{row}-resource"] = pattern
    return Filled(data, _("The grant is narrower now."))


def _mask(data: QueryDict) -> str:
    """Take the secrets out of the pasted message, before anything of it is kept; a sentence about what they were."""
    masked = secrets_in.mask(data.get(REFUSAL, "")[: refusals.LONGEST])
    data[REFUSAL] = masked.text
    return masked.said


def _from_refusal(data: QueryDict, offers: Offers) -> Filled:
    """Identity, actions, resource and system of a pasted message; the message itself is what was blocked."""
    text = data.get(REFUSAL, "").strip()
    if not text:
        return Filled(data, _("Paste the message that refused you first."))
    found = refusals.read(text)
    if not data.get("blocked", "").strip():
        data["blocked"] = text[:MOST_SAID]
    if found is None:
        return Filled(data, _("Nothing in it was recognised, so it stands as what was blocked. Fill in the rest."))
    known, unknown = _take_over(data, found, offers)
    said = _("Recognised as %(source)s. Filled in: %(known)s.") if known else _("Recognised as %(source)s.")
    words = said % {"source": found.source, "known": ", ".join(known)}
    return Filled(data, " ".join([words, *unknown]))


def _take_over(data: QueryDict, found: Refusal, offers: Offers) -> tuple[list[str], list[str]]:
    """Names of what was filled in; and the sentences about what no row of ours is called."""
    known, unknown = [], []
    if identity := _identity(found.identities):
        _put(data, "identity", offers.identity.label(identity))
        _put(data, "credential_form", identity.credential_form)
        known.append(_("identity"))
    elif found.identities:
        unknown.append(_("No identity goes by %(name)s: choose one.") % {"name": found.identities[0]})
    row = _free_row(data, "grants", ("system", "actions", "resource"))
    for name, value in (("actions", ", ".join(found.actions)), ("resource", found.resource)):
        if value:
            data[f"grants-{row}-{name}"] = value
            known.append({"actions": _("actions"), "resource": _("resource")}[name])
    if system := _system(found.systems):
        data[f"grants-{row}-system"] = offers.system.label(system)
        known.append(_("system"))
    else:
        unknown.append(_("Choose the system."))
    if found.policy:
        unknown.append(_("“%(policy)s” said no: choose the control it enforces.") % {"policy": found.policy})
    return known, unknown


def _identity(names: Sequence[str]) -> Identity | None:
    """The only identity in use that goes by one of the names, the most exact name first."""
    for name in names:
        rows = list(Identity.objects.in_use().select_related("owner").called(name)[:2])
        if len(rows) == 1:
            return rows[0]
    return None


def _system(words: Sequence[str]) -> System | None:
    """The only system in use that is called, or tagged, by one of the words."""
    for word in words:
        called = Q(slug__iexact=word) | Q(name__iexact=word) | Q(tagged__tag=word.lower())
        rows = list(System.objects.in_use().filter(called).distinct()[:2])
        if len(rows) == 1:
            return rows[0]
    return None


def _put(data: QueryDict, name: str, value: str) -> None:
    if value and not data.get(name, "").strip():
        data[name] = value


def _free_row(data: QueryDict, prefix: str, meaning: Sequence[str]) -> int:
    """The first row in which nothing is written; a new one where there is none."""
    count = _count(data, prefix)
    for row in range(count):
        is_empty = not any(data.get(f"{prefix}-{row}-{name}", "").strip() for name in meaning)
        if is_empty and not _is_struck(data, row, prefix):
            return row
    data[f"{prefix}-TOTAL_FORMS"] = str(count + 1)
    data.setdefault(f"{prefix}-INITIAL_FORMS", "0")
    return count


def _is_struck(data: QueryDict, row: int, prefix: str = "safeguards") -> bool:
    return bool(data.get(f"{prefix}-{row}-DELETE"))


def _count(data: QueryDict, prefix: str) -> int:
    return number(data.get(f"{prefix}-TOTAL_FORMS") or "") or 0
