"""One press that writes into the form: a control, what it requires and suggests, a term, a pasted refusal.

Nothing is saved by it, and nothing that was written is overwritten: what comes is added, or fills what is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from catalog.models import Control, Identity, SafeguardKind, System
from intake import refusals, secrets_in
from intake.refusals import Refusal
from portal import words
from portal.exception_form.choosing import Offers
from portal.exception_form.forms import LONGEST_TERM, LONGEST_TITLE, MOST_SENT
from portal.http import number

REFUSAL = "refusal"
MOST_SAID = 1500
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})")
"""How JSON writes what no database takes: NUL, and halves of letters."""


@dataclass(frozen=True)
class Filled:
    """The form with what was pressed written into it, and a sentence about that."""

    data: QueryDict
    said: str


@dataclass(frozen=True)
class Press:
    """The form as it was sent, what of it names rows of ours, and when."""

    data: QueryDict
    rest: str
    control: Control | None
    identity: Identity | None
    offers: Offers
    at: datetime


def pressed(
    posted: QueryDict, verb: str, *, control: Control | None, identity: Identity | None, offers: Offers, at: datetime
) -> Filled:
    """What the pressed button writes; the form as it was where the button fits nothing any more."""
    name, _colon, rest = verb.partition(":")
    press = Press(posted.copy(), rest, control, identity, offers, at)
    write = VERBS.get(name)
    return write(press) if write else Filled(press.data, "")


def _control(press: Press) -> Filled:
    found = Control.objects.in_use().filter(code=press.rest).first()
    if found is None:
        return Filled(press.data, "")
    press.data["control"] = press.offers.control.label(found)
    return Filled(press.data, _("The control is %(code)s.") % {"code": found.code})


def _owner(press: Press) -> Filled:
    owner = press.identity.owner if press.identity else None
    if owner is None:
        return Filled(press.data, "")
    press.data["owner"] = press.offers.person.label(owner)
    said = _("%(owner)s is named as owner. Save the draft, then you can ask them to complete it.")
    return Filled(press.data, said % {"owner": owner})


def _term(press: Press) -> Filled:
    """So many days from the start; where no day is given by which the cause is mended, the day they are over."""
    days = number(press.rest)
    if not days or days > LONGEST_TERM:
        return Filled(press.data, "")
    press.data["term_days"], press.data["end_on"] = str(days), ""
    if press.data.get("remediation_on", "").strip():
        return Filled(press.data, _("It ends after %(days)s.") % {"days": words.days(days)})
    mended = localdate(press.at) + timedelta(days=days)
    press.data["remediation_on"] = mended.isoformat()
    said = _("It ends after %(days)s, and its cause is to be mended by %(day)s: change the day if that is not so.")
    return Filled(press.data, said % {"days": words.days(days), "day": date_format(mended)})


def _everything(press: Press) -> Filled:
    """All the control suggests: required safeguards (named in the press), empty sections, end conditions."""
    if press.control is None:
        return Filled(press.data, "")
    for kind in press.rest.split(","):
        if kind in SafeguardKind.values:
            _add_safeguard(press.data, SafeguardKind(kind))
    _fill_sections(press.data, press.control)
    for sentence in press.control.end_conditions:
        _add_condition(press.data, sentence)
    said = _("Filled in as %(code)s suggests. Make it say what holds in your case.")
    return Filled(press.data, said % {"code": press.control.code})


def _safeguard(press: Press) -> Filled:
    if press.rest not in SafeguardKind.values:
        return Filled(press.data, "")
    kind = SafeguardKind(press.rest)
    _add_safeguard(press.data, kind)
    said = _("Added: %(kind)s. Say what it does, and how someone can see that it works.")
    return Filled(press.data, said % {"kind": kind.label})


def _add_safeguard(data: QueryDict, kind: SafeguardKind) -> None:
    """A row of this kind that must be verified before the start; in the row that has the kind, if one does."""
    rows = range(_count(data, "safeguards"))
    alike = [row for row in rows if data.get(f"safeguards-{row}-kind") == kind and not _is_struck(data, row)]
    row = alike[0] if alike else _free_row(data, "safeguards", ("kind", "description"))
    data[f"safeguards-{row}-kind"] = kind.value
    data[f"safeguards-{row}-required"] = "on"


def _condition(press: Press) -> Filled:
    conditions, place = press.control.end_conditions if press.control else [], number(press.rest)
    if place is None or place >= len(conditions):
        return Filled(press.data, "")
    _add_condition(press.data, conditions[place])
    return Filled(press.data, _("Added to “If conditions change”."))


def _add_condition(data: QueryDict, sentence: str) -> None:
    written = data.get("if_conditions_change", "").strip()
    if sentence not in written:
        data["if_conditions_change"] = f"{written}\n{sentence}".strip()


def _sections(press: Press) -> Filled:
    if press.control is None:
        return Filled(press.data, "")
    _fill_sections(press.data, press.control)
    return Filled(press.data, _("The empty sections are filled in. Make them say what holds in your case."))


def _fill_sections(data: QueryDict, control: Control) -> None:
    for name, text in control.prefills.items():
        _put(data, name, text)


def _narrow(press: Press) -> Filled:
    row, _colon, pattern = press.rest.partition(":")
    if number(row) is None or not pattern:
        return Filled(press.data, "")
    press.data[f"grants-{row}-resource"] = pattern
    return Filled(press.data, _("The grant is narrower now."))


def _mask(data: QueryDict) -> str:
    """Take the secrets out of the pasted message, before anything of it is kept; a sentence about what they were."""
    masked = secrets_in.mask(data.get(REFUSAL, "")[: refusals.LONGEST])
    data[REFUSAL] = masked.text
    return masked.said


def _refusal(press: Press) -> Filled:
    masked = _mask(press.data)
    filled = _from_refusal(press)
    return Filled(filled.data, f"{filled.said} {masked}".strip())


def _from_refusal(press: Press) -> Filled:
    """Identity, actions, resource and system of a pasted message; the message itself is what was blocked."""
    data, text = press.data, press.data.get(REFUSAL, "").strip()
    if not text:
        return Filled(data, _("Paste the message that refused you first."))
    found = refusals.read(_UNSTORABLE.sub("", text))
    _add_blocked(data, text[:MOST_SAID])
    if found is None:
        return Filled(data, _("Nothing in it was recognised, so it stands as what was blocked. Fill in the rest."))
    known, unknown = _take_over(data, found, press.offers)
    said = _("Recognised as %(source)s. Filled in: %(known)s.") if known else _("Recognised as %(source)s.")
    words = said % {"source": found.source, "known": ", ".join(known)}
    return Filled(data, " ".join([words, *unknown]))


def _take_over(data: QueryDict, found: Refusal, offers: Offers) -> tuple[list[str], list[str]]:
    """Names of what was filled in; and the sentences about what no row of ours is called."""
    known, unknown = [], []
    identity = _identity(found.identities)
    written = data.get("identity", "").strip()
    if identity and written not in {"", offers.identity.label(identity)}:
        unknown.append(_("The message is about %(name)s: the form names another identity.") % {"name": identity.slug})
    elif identity:
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
    if not data.get("title", "").strip() and (title := _title(found, identity)):
        data["title"] = title
        known.append(_("title"))
    if system := _system(found.systems):
        data[f"grants-{row}-system"] = offers.system.label(system)
        known.append(_("system"))
    else:
        unknown.append(_("Choose the system."))
    if found.policy:
        unknown.append(_("“%(policy)s” said no: choose the control it enforces.") % {"policy": found.policy})
    return known, unknown


def _title(found: Refusal, identity: Identity | None) -> str:
    """“erp-sync needs read on kv/prod/erp”, as far as the message says it."""
    who = identity.slug if identity else next(iter(found.identities), "")
    if not (who and found.actions and found.resource):
        return ""
    said = {"who": who, "what": ", ".join(found.actions), "thing": found.resource}
    return Truncator(_("%(who)s needs %(what)s on %(thing)s") % said).chars(LONGEST_TITLE)


def _add_blocked(data: QueryDict, text: str) -> None:
    written = data.get("blocked", "").strip()
    if text not in written:
        data["blocked"] = f"{written}\n\n{text}".strip()


def _identity(names: Sequence[str]) -> Identity | None:
    """The only identity in use that goes by one of the names, the most exact name first."""
    for name in names:
        rows = list(Identity.objects.in_use().select_related("owner").called(name)[:2])
        if len(rows) == 1:
            return rows[0]
    return None


def _system(names: Sequence[str]) -> System | None:
    """The only system in use that is called, or tagged, by one of the names."""
    for word in names:
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
    return min(number(data.get(f"{prefix}-TOTAL_FORMS") or "") or 0, MOST_SENT)


VERBS: dict[str, Callable[[Press], Filled]] = {
    "control": _control,
    "owner": _owner,
    "term": _term,
    "everything": _everything,
    "safeguard": _safeguard,
    "condition": _condition,
    "sections": _sections,
    "resource": _narrow,
    REFUSAL: _refusal,
}
"""What a press is called in the form, with what it writes. Another press is an entry here."""
