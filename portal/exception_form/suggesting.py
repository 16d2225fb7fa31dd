"""What the aside offers to write with one press: a control, all it suggests, a term, the identity's owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import SafeguardKind, Tier
from exceptions_app import limits, terms
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import form as queries
from intake import refusals
from portal import words

TERMS = (3, 14, 30, 90)
"""Days offered, as far as the caps allow them."""
TITLE_SHOWN = 48


@dataclass(frozen=True)
class Suggestion:
    """A press: what the form is sent with it, what stands on the button, and a note beside it."""

    value: str
    words: str
    note: str = ""


def controls(case: ExceptionCase, user: User, typed: str) -> list[Suggestion]:
    """Controls it may be about, where none is named: those that fit what was typed of one, else those near by."""
    if case.control is not None:
        return []
    near = queries.controls_like(typed) if typed else []
    if not near:
        near = queries.controls_near(case, user, is_about_access=refusals.read(case.blocked) is not None)
    return [
        Suggestion(f"control:{control.code}", control.code, Truncator(control.title).chars(TITLE_SHOWN))
        for control in near
    ]


def like(draft: limits.Draft, near: Sequence[ExceptionCase]) -> list[Suggestion]:
    """The latest granted case like it, where something it says is not written yet."""
    systems = [grant.system for grant in draft.grants if grant.system is not None]
    empty = not draft.safeguards or any(not getattr(draft.case, name) for name in queries.TAKEN)
    return [
        Suggestion(
            f"like:{one.reference}",
            _("Fill in as %(reference)s says") % {"reference": one.reference},
            _("“%(title)s”: its safeguards, risk, reasons and way out, where nothing is written yet.")
            % {"title": one.title},
        )
        for one in queries.lenders(near, systems)[:1]
        if empty
    ]


def everything(case: ExceptionCase, required: Sequence[SafeguardKind]) -> list[Suggestion]:
    """One press for all the control suggests, where that is more than one thing."""
    if case.control is None:
        return []
    written = case.if_conditions_change or ""
    open_sections = any(not getattr(case, name) for name in case.control.prefills)
    open_conditions = any(sentence not in written for sentence in case.control.end_conditions)
    if len(required) + open_sections + open_conditions < 2:
        return []
    return [Suggestion("everything", _("Fill in all that %(code)s suggests") % {"code": case.control.code})]


def days(case: ExceptionCase, tier: Tier | None, at: datetime) -> list[Suggestion]:
    """Terms within the caps, where none is given."""
    if case.control is None or tier is None or case.term_days or case.end_on:
        return []
    most = case.control.term_cap(tier)
    if case.identity is not None:
        most = min(most, terms.lifetime_left(case, case.control.lifetime_cap(tier), terms.start(case, at)).days)
    return [Suggestion(f"term:{number}", words.days(number)) for number in TERMS if number <= most]


def owner(case: ExceptionCase) -> list[Suggestion]:
    """The identity's own owner, where somebody else is named."""
    theirs = case.identity.owner if case.identity else None
    if theirs is None or not theirs.is_active or theirs == case.owner:
        return []
    note = _("%(owner)s owns the identity, and can be asked to complete the draft.") % {"owner": theirs}
    return [Suggestion("owner", _("Name %(owner)s as owner") % {"owner": theirs}, note)]
