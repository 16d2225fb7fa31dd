"""What an earlier exception lends to a request like it, and what of a request an earlier one said word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from exceptions_app import limits
from exceptions_app.models import EndReason, ExceptionCase, Grant, Safeguard, State
from exceptions_app.queries.sight import sight_of

SCORES = ("likelihood", "impact")
PROSE = ("normal_path", "exit_plan", "if_conditions_change")
"""Sentences that may hold again for the same access. Why it is needed is said anew each time."""
NEVER_GRANTED = (State.DRAFT, State.REQUESTED, State.REJECTED, State.WITHDRAWN)


@dataclass(frozen=True)
class Lender:
    """A granted case like a request, and how far what it says can hold for it.

    Its risk and the kinds of its safeguards are worth a look always; what a safeguard does, and other sentences, only
    for the same access: an action both ask for, on a system both name.
    """

    case: ExceptionCase
    has_same_access: bool

    @property
    def scores(self) -> dict[str, int]:
        return {name: value for name in SCORES if (value := getattr(self.case, name))}

    @property
    def prose(self) -> dict[str, str]:
        return {name: text for name in PROSE if (text := getattr(self.case, name))} if self.has_same_access else {}

    @property
    def safeguards(self) -> list[Safeguard]:
        """Unsaved copies, without what each does where that cannot hold."""
        return [
            Safeguard(kind=one.kind, description=one.description if self.has_same_access else "", required=one.required)
            for one in self.case.safeguards.order_by("pk")
        ]


@dataclass(frozen=True)
class Repeated:
    """A field whose text an earlier case says word for word."""

    field: str
    case: ExceptionCase


def lender(draft: limits.Draft, near: Sequence[ExceptionCase]) -> Lender | None:
    """Of these cases the granted one that is most like the draft: same access first, then the order given."""
    granted = [one for one in near if one.state not in NEVER_GRANTED and one.end_reason != EndReason.LAPSED]
    if not granted:
        return None
    same = _same_access(draft, granted)
    best = min(granted, key=lambda one: one.pk not in same)
    return Lender(best, best.pk in same)


def lender_called(reference: str, draft: limits.Draft, user: User) -> Lender | None:
    """The case of this reference, if it was granted from the same control and this person may see it."""
    if draft.case.control is None:
        return None
    found = sight_of(user).filter(reference=reference, control=draft.case.control).exclude(pk=draft.case.pk)
    return lender(draft, list(found))


def repeated(case: ExceptionCase, near: Sequence[ExceptionCase]) -> list[Repeated]:
    """What of the case's sentences one of these says as well, letter for letter; the first that says it is named."""
    found = []
    for field in PROSE:
        text = getattr(case, field).strip()
        before = next((one for one in near if text and text == getattr(one, field).strip()), None)
        if before is not None:
            found.append(Repeated(field, before))
    return found


def _same_access(draft: limits.Draft, cases: Sequence[ExceptionCase]) -> set[int]:
    """Keys of those with a grant of an action on a system that the draft asks for as well."""
    asked = {(grant.system_id, action.casefold()) for grant in draft.grants for action in grant.actions}
    opened: QuerySet[Grant] = Grant.objects.filter(case__in=cases, system__in={system for system, _act in asked})
    return {
        grant.case_id
        for grant in opened.only("case_id", "system_id", "actions")
        if any((grant.system_id, action.casefold()) in asked for action in grant.actions)
    }
