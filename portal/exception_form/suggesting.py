"""What the form offers to write with one press, each beside the field it fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Control, CredentialForm, SafeguardKind
from exceptions_app import limits, terms
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import form as queries
from exceptions_app.queries import lending
from exceptions_app.safeguard_kinds import MEANT, USUAL
from intake import refusals
from portal import words
from portal.exception_form.forms import AskForm

TERMS = (3, 14, 30, 90)
"""Days offered, as far as the caps allow them."""
TITLE_SHOWN = 48
UNSAID = gettext_lazy("what it does is for you to say")


@dataclass(frozen=True)
class Suggestion:
    """A press: what the form is sent with it, what stands on the button, and what is read beside it.

    `lines` are the fields it would fill with what it would say, `case` the exception that says so. One that is `folded`
    stands behind "Another one".
    """

    value: str
    words: str
    icon: str
    note: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    case: ExceptionCase | None = None
    folded: bool = False


@dataclass(frozen=True)
class Sight:
    """What suggestions are made from: the draft, what was typed of a control, and of a credential, cases like it."""

    draft: limits.Draft
    typed: str
    has_credential: bool
    near: Sequence[ExceptionCase]
    user: User
    at: datetime

    @property
    def case(self) -> ExceptionCase:
        return self.draft.case


def beside(sight: Sight) -> dict[str, list[Suggestion]]:
    """The presses by the place they stand in: a field, the safeguards, the term."""
    return {
        "control": _controls(sight),
        "blocked": _section(sight, "blocked"),
        "normal_path": _section(sight, "normal_path"),
        "justification": _section(sight, "justification"),
        "credential_form": [] if sight.has_credential else _credential(sight.case),
        "owner": _owner(sight.case),
        "safeguards": [*_loan(sight), *_required(sight), *_usual(sight)],
        "time": _terms(sight),
        "exit_plan": _section(sight, "exit_plan"),
        "remediation_on": _mended(sight),
        "if_conditions_change": [*_conditions(sight), *_section(sight, "if_conditions_change")],
    }


def _controls(sight: Sight) -> list[Suggestion]:
    """Controls it may be about, where none is named: those that fit what was typed of one, else those near by.

    Of those near a denial of access only the likeliest is put forward.
    """
    if sight.case.control is not None:
        return []
    if sight.typed and (fitting := queries.controls_like(sight.typed)):
        return [_offered(control) for control in fitting]
    is_denied = refusals.read(sight.case.blocked) is not None
    near = queries.controls_near(sight.case, sight.user, is_about_access=is_denied)
    return [_offered(control, folded=is_denied and place > 0) for place, control in enumerate(near)]


def _offered(control: Control, *, folded: bool = False) -> Suggestion:
    title = Truncator(control.title).chars(TITLE_SHOWN)
    return Suggestion(f"control:{control.code}", control.code, "shield", title, folded=folded)


def _section(sight: Sight, name: str) -> list[Suggestion]:
    """The start of a text its control gives, where nothing is written."""
    control = sight.case.control
    text = control.prefills.get(name, "") if control else ""
    if control is None or not text or getattr(sight.case, name).strip():
        return []
    words = _("Start from what %(code)s suggests") % {"code": control.code}
    return [Suggestion(f"section:{name}", words, "pencil", f"“{text}”")]


def _credential(case: ExceptionCase) -> list[Suggestion]:
    """The credential of a session, where a session was refused and the catalog knows a long-lived secret."""
    known = case.identity.credential_form if case.identity else ""
    refused = refusals.read(case.blocked)
    if known != CredentialForm.LONG_LIVED_SECRET or not (refused and refused.is_by_session):
        return []
    note = _("A temporary session was refused; the catalog knows a long-lived secret.")
    form = CredentialForm.JIT_CREDENTIAL
    return [Suggestion(f"credential:{form.value}", str(capfirst(form.label)), "key", note)]


def _owner(case: ExceptionCase) -> list[Suggestion]:
    """The identity's own owner, where somebody else is named."""
    theirs = case.identity.owner if case.identity else None
    if theirs is None or not theirs.is_active or theirs == case.owner:
        return []
    note = _("%(owner)s owns the identity, and can be asked to complete the draft.") % {"owner": theirs}
    return [Suggestion("owner", _("Name %(owner)s as owner") % {"owner": theirs}, "people", note)]


def _loan(sight: Sight) -> list[Suggestion]:
    """What the granted case most like it would fill in, line for line; nothing where that is nothing."""
    draft, lender = sight.draft, lending.lender(sight.draft, sight.near)
    if lender is None:
        return []
    lent = {**lender.scores, **lender.prose}
    lines = [(_label(name), _said(name, value)) for name, value in lent.items() if not getattr(draft.case, name)]
    if not draft.safeguards:
        lines += [(one.get_kind_display(), one.description or str(UNSAID)) for one in lender.safeguards]
    if not lines:
        return []
    words = _("Fill in as %(reference)s says") % {"reference": lender.case.reference}
    return [Suggestion(f"like:{lender.case.reference}", words, "copy", lines=tuple(lines), case=lender.case)]


def _label(name: str) -> str:
    return str(AskForm.base_fields[name].label)


def _said(name: str, value: Any) -> str:
    """A field's value in the words the form has for it."""
    return str(dict(getattr(AskForm.base_fields[name], "choices", ())).get(value, value))


def _usual(sight: Sight) -> list[Suggestion]:
    """What a credential of this form asks for by default, where no safeguard is of that kind yet."""
    case = sight.case
    form = case.credential_form or (case.identity.credential_form if case.identity else "")
    given = {safeguard.kind for safeguard in sight.draft.safeguards} | set(limits.kinds_missing(sight.draft))
    note = _("Usual for: %(form)s") % {"form": dict(CredentialForm.choices).get(form, "")}
    return [
        Suggestion(
            f"safeguard:{kind.value}", _("Add: %(kind)s") % {"kind": kind.label}, "shield", _noted(note, form, kind)
        )
        for kind in USUAL.get(form, ())
        if kind not in given
    ]


def _noted(note: str, form: str, kind: SafeguardKind) -> str:
    meant = MEANT.get((form, kind.value))
    return f"{note}: {meant}" if meant else note


def _required(sight: Sight) -> list[Suggestion]:
    return [
        Suggestion(f"safeguard:{kind.value}", _("Add required: %(kind)s") % {"kind": kind.label}, "shield")
        for kind in limits.kinds_missing(sight.draft)
    ]


def _terms(sight: Sight) -> list[Suggestion]:
    """Terms within the caps, where none is given."""
    case, tier = sight.case, sight.draft.tier
    if case.control is None or tier is None or case.term_days or case.end_on:
        return []
    most = case.control.term_cap(tier)
    if case.identity is not None:
        most = min(most, terms.lifetime_left(case, case.control.lifetime_cap(tier), terms.start(case, sight.at)).days)
    return [Suggestion(f"term:{days}", words.days(days), "clock") for days in TERMS if days <= most]


def _mended(sight: Sight) -> list[Suggestion]:
    """The day the term is over as the day by which the cause is mended, where none is given."""
    case = sight.case
    day = case.end_on or (localdate(sight.at) + timedelta(days=case.term_days) if case.term_days else None)
    if day is None or case.remediation_on:
        return []
    return [Suggestion(f"mended:{day.isoformat()}", date_format(day, "j F Y"), "clock")]


def _conditions(sight: Sight) -> list[Suggestion]:
    """End conditions its control offers and the text does not have yet."""
    case = sight.case
    offered = enumerate(case.control.end_conditions) if case.control else ()
    return [
        Suggestion(f"condition:{place}", text, "plus")
        for place, text in offered
        if text not in case.if_conditions_change
    ]
