"""One press that writes into the form: a control, what it requires and suggests, a term, a pasted refusal.

Nothing is saved by it, and nothing that was written is overwritten: what comes is added, or fills what is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Control, CredentialForm, SafeguardKind
from exceptions_app import limits
from exceptions_app.queries import lending
from portal import words
from portal.exception_form import refused
from portal.exception_form.choosing import Offers
from portal.exception_form.forms import LONGEST_TERM, AskForm
from portal.exception_form.writing import count, free_row, is_struck, put
from portal.http import number


@dataclass(frozen=True)
class Press:
    """A pressed button: the form as it was sent, what of the button stands behind its verb, the draft it would make."""

    data: QueryDict
    rest: str
    draft: limits.Draft
    offers: Offers
    user: User
    at: datetime

    @property
    def control(self) -> Control | None:
        return self.draft.case.control


@dataclass(frozen=True)
class Filled:
    """The form with what was pressed written into it, and a sentence about that."""

    data: QueryDict
    said: str


def pressed(posted: QueryDict, verb: str, draft: limits.Draft, offers: Offers, user: User, at: datetime) -> Filled:
    """What the pressed button writes; the form as it was where the button fits nothing any more."""
    name, _colon, rest = verb.partition(":")
    press = Press(posted.copy(), rest, draft, offers, user, at)
    write = VERBS.get(name)
    return Filled(press.data, write(press) if write else "")


def _control(press: Press) -> str:
    found = Control.objects.in_use().filter(code=press.rest).first()
    if found is None:
        return ""
    press.data["control"] = press.offers.control.label(found)
    return _("The control is %(code)s.") % {"code": found.code}


def _owner(press: Press) -> str:
    identity = press.draft.case.identity
    if identity is None or identity.owner is None:
        return ""
    press.data["owner"] = press.offers.person.label(identity.owner)
    said = _("%(owner)s is named as owner. Save the draft, then you can ask them to complete it.")
    return said % {"owner": identity.owner}


def _term(press: Press) -> str:
    """So many days from the start; where no day is given by which the cause is mended, the day they are over."""
    days = number(press.rest)
    if not days or days > LONGEST_TERM:
        return ""
    press.data["term_days"], press.data["end_on"] = str(days), ""
    if press.data.get("remediation_on", "").strip():
        return _("It ends after %(days)s.") % {"days": words.days(days)}
    mended = localdate(press.at) + timedelta(days=days)
    press.data["remediation_on"] = mended.isoformat()
    said = _("%(days)s, its cause mended by %(day)s.")
    return said % {"days": words.days(days), "day": date_format(mended, "j F Y")}


def _credential(press: Press) -> str:
    if press.rest not in CredentialForm.values:
        return ""
    put(press.data, "credential_form", press.rest)
    return _("The credential is a %(form)s.") % {"form": CredentialForm(press.rest).label}


def _mended(press: Press) -> str:
    try:
        day = date.fromisoformat(press.rest)
    except ValueError:
        return ""
    put(press.data, "remediation_on", day.isoformat())
    return _("Its cause is to be mended by %(day)s.") % {"day": date_format(day, "j F Y")}


def _like(press: Press) -> str:
    """What a granted case like it lends, where nothing is written: risk, safeguards, and for the same access prose."""
    lender = lending.lender_called(press.rest, press.draft, press.user)
    if lender is None:
        return ""
    lent = {**lender.prose, **{name: str(value) for name, value in lender.scores.items()}}
    taken = [name for name in lent if not press.data.get(name, "").strip()]
    for name in taken:
        put(press.data, name, lent[name])
    labels = [str(AskForm.base_fields[name].label).lower() for name in taken]
    if not press.draft.safeguards:
        for safeguard in lender.safeguards:
            row = free_row(press.data, "safeguards", ("kind", "description"))
            press.data[f"safeguards-{row}-kind"] = safeguard.kind
            press.data[f"safeguards-{row}-description"] = safeguard.description
            press.data[f"safeguards-{row}-required"] = "on" if safeguard.required else ""
        labels.append(_("safeguards"))
    said = _("Taken from %(reference)s, for you to read since you ask with it now: %(fields)s.")
    return said % {"reference": lender.case.reference, "fields": ", ".join(labels)}


def _safeguard(press: Press) -> str:
    if press.rest not in SafeguardKind.values:
        return ""
    kind = SafeguardKind(press.rest)
    _add_safeguard(press.data, kind)
    return _("Added: %(kind)s. Say what it does, and how someone can see that it works.") % {"kind": kind.label}


def _add_safeguard(data: QueryDict, kind: SafeguardKind) -> None:
    """A row of this kind that must be verified before the start; in the row that has the kind, if one does."""
    rows = [row for row in range(count(data, "safeguards")) if not is_struck(data, "safeguards", row)]
    alike = [row for row in rows if data.get(f"safeguards-{row}-kind") == kind]
    row = alike[0] if alike else free_row(data, "safeguards", ("kind", "description"))
    data[f"safeguards-{row}-kind"] = kind.value
    data[f"safeguards-{row}-required"] = "on"


def _condition(press: Press) -> str:
    conditions, place = press.control.end_conditions if press.control else [], number(press.rest)
    if place is None or place >= len(conditions):
        return ""
    _add_condition(press.data, conditions[place])
    return _("Added to what must happen if something changes.")


def _add_condition(data: QueryDict, sentence: str) -> None:
    written = data.get("if_conditions_change", "").strip()
    if sentence not in written:
        data["if_conditions_change"] = f"{written}\n{sentence}".strip()


def _section(press: Press) -> str:
    """The start of one text, as the control gives it."""
    text = press.control.prefills.get(press.rest, "") if press.control else ""
    if press.control is None or not text:
        return ""
    put(press.data, press.rest, text)
    return _("Filled in as %(code)s suggests. Make it say what holds in your case.") % {"code": press.control.code}


def _narrow(press: Press) -> str:
    row, _colon, pattern = press.rest.partition(":")
    if number(row) is None or not pattern:
        return ""
    press.data[f"grants-{row}-resource"] = pattern
    return _("The grant is narrower now.")


def _refusal(press: Press) -> str:
    return refused.take_over(press.data, press.offers)


VERBS: dict[str, Callable[[Press], str]] = {
    "control": _control,
    "owner": _owner,
    "credential": _credential,
    "term": _term,
    "mended": _mended,
    "like": _like,
    "safeguard": _safeguard,
    "condition": _condition,
    "section": _section,
    "resource": _narrow,
    refused.FIELD: _refusal,
}
"""What a press is called in the form, with what it writes and says. Another press is an entry here."""
