"""What the aside offers to write with one press: a control, all it suggests, a term, the identity's owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from catalog.models import Control, SafeguardKind, Tier
from exceptions_app import limits, terms
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import form as queries
from exceptions_app.queries import lending
from intake import refusals
from portal import words
from portal.exception_form.forms import AskForm
from portal.exception_form.sentences import joined

TERMS = (3, 14, 30, 90)
"""Days offered, as far as the caps allow them."""
TITLE_SHOWN = 48
UNSAID = gettext_lazy("what it does is for you to say")


@dataclass(frozen=True)
class Suggestion:
    """A press: what the form is sent with it, what stands on the button, and a note beside it."""

    value: str
    words: str
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """Presses of which one is meant: those put forward, and the others."""

    first: Sequence[Suggestion] = ()
    others: Sequence[Suggestion] = ()


@dataclass(frozen=True)
class Loan:
    """A press for what an earlier case says, that case, and each field it would fill with what it would say."""

    offer: Suggestion
    case: ExceptionCase
    lines: list[tuple[str, str]]


def controls(case: ExceptionCase, user: User, typed: str) -> Choice:
    """Controls it may be about, where none is named: those that fit what was typed of one, else those near by.

    Of those near a denial of access only the likeliest is put forward.
    """
    if case.control is not None:
        return Choice()
    if typed and (fitting := queries.controls_like(typed)):
        return Choice(_offered(fitting))
    is_denied = refusals.read(case.blocked) is not None
    near = _offered(queries.controls_near(case, user, is_about_access=is_denied))
    return Choice(near[:1], near[1:]) if is_denied else Choice(near)


def _offered(near: Sequence[Control]) -> list[Suggestion]:
    return [
        Suggestion(f"control:{control.code}", control.code, Truncator(control.title).chars(TITLE_SHOWN))
        for control in near
    ]


def loan(draft: limits.Draft, near: Sequence[ExceptionCase]) -> Loan | None:
    """What the granted case most like it would fill in, line for line; None where that is nothing."""
    lender = lending.lender(draft, near)
    if lender is None:
        return None
    lent = {**lender.scores, **lender.prose}
    lines = [
        (str(AskForm.base_fields[name].label), str(value))
        for name, value in lent.items()
        if not getattr(draft.case, name)
    ]
    if not draft.safeguards:
        lines += [(one.get_kind_display(), one.description or str(UNSAID)) for one in lender.safeguards]
    words = _("Fill in as %(reference)s says") % {"reference": lender.case.reference}
    return Loan(Suggestion(f"like:{lender.case.reference}", words), lender.case, lines) if lines else None


def everything(case: ExceptionCase, required: Sequence[SafeguardKind]) -> list[Suggestion]:
    """One press for all the control suggests, where that is more than one thing."""
    if case.control is None:
        return []
    written = case.if_conditions_change or ""
    kinds = [f"“{kind.label}”" for kind in required]
    sections = [AskForm.base_fields[name].label for name in case.control.prefills if not getattr(case, name)]
    conditions = [sentence for sentence in case.control.end_conditions if sentence not in written]
    if len(kinds) + bool(sections) + bool(conditions) < 2:
        return []
    said = [
        ngettext("the safeguard %(kinds)s", "the safeguards %(kinds)s", len(kinds)) % {"kinds": joined(kinds)},
        _("a start for %(sections)s") % {"sections": joined([f"“{label}”" for label in sections])},
        ngettext("%(n)d sentence on when to end it", "%(n)d sentences on when to end it", len(conditions))
        % {"n": len(conditions)},
    ]
    note = joined([text for text, parts in zip(said, (kinds, sections, conditions), strict=True) if parts])
    words = _("Fill in all that %(code)s suggests") % {"code": case.control.code}
    return [Suggestion("everything", words, capfirst(note) + ".")]


def days(case: ExceptionCase, tier: Tier | None, at: datetime) -> list[Suggestion]:
    """Terms within the caps, where none is given."""
    if case.control is None or tier is None or case.term_days or case.end_on:
        return []
    most = case.control.term_cap(tier)
    if case.identity is not None:
        most = min(most, terms.lifetime_left(case, case.control.lifetime_cap(tier), terms.start(case, at)).days)
    return [Suggestion(f"term:{number}", words.days(number)) for number in TERMS if number <= most]


def mended(case: ExceptionCase, at: datetime) -> list[Suggestion]:
    """The day the term is over as the day by which the cause is mended, where none is given."""
    day = case.end_on or (localdate(at) + timedelta(days=case.term_days) if case.term_days else None)
    if day is None or case.remediation_on:
        return []
    words = _("Mended by %(day)s") % {"day": date_format(day, "j F Y")}
    return [Suggestion(f"mended:{day.isoformat()}", words)]


def owner(case: ExceptionCase) -> list[Suggestion]:
    """The identity's own owner, where somebody else is named."""
    theirs = case.identity.owner if case.identity else None
    if theirs is None or not theirs.is_active or theirs == case.owner:
        return []
    note = _("%(owner)s owns the identity, and can be asked to complete the draft.") % {"owner": theirs}
    return [Suggestion("owner", _("Name %(owner)s as owner") % {"owner": theirs}, note)]
