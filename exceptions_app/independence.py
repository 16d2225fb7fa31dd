"""A say in a case that one of those who gain gave away lately is not independent of them (promise 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.errors import Sentence
from accounts.independence import giver, makers, openers
from accounts.models import User
from catalog.models import Control, Identity, System
from exceptions_app import judges
from exceptions_app.models import ExceptionCase, Source, Step
from exceptions_app.sources import Sitter, Stand

LATELY = timedelta(days=30)
"""Before the request was submitted, and since. Whoever keeps the catalog has named most owners some day."""

_LEADS = (Source.CONTROL_LEAD, Source.OWNER_MANAGER)
"""Sources that ask the manager of the owner."""

_Root = Control | Identity | System | User


def why_not(step: Step, sitter: Sitter, case: ExceptionCase, at: datetime) -> Sentence | None:
    """Why who fills the step so may not approve: somebody who gains made them what it asks for; None where they may."""
    person = sitter.for_whom or sitter.user
    climbs = (step.source in _LEADS) + (sitter.stand == Stand.LEAD)
    found = {key for root in _roots(step, sitter, case) for key in _along(root, person, climbs, case)}
    givers = {key for key in found if key is not None}
    opened = set().union(*(openers(user.pk, _since(case)) for user in {person, sitter.user}))
    if not givers and not opened:
        return None
    gaining = judges.gaining_ids(case, at)
    if (givers | makers(givers)) & gaining:
        return _("Somebody who gains from it gave you this say lately, so someone else approves.")
    if (opened | makers(opened)) & gaining:
        return _("Somebody who gains from it lately opened your account or set its address, so someone else approves.")
    return None


def _since(case: ExceptionCase) -> datetime:
    return (case.submitted_at or case.created_at) - LATELY


def _roots(step: Step, sitter: Sitter, case: ExceptionCase) -> list[_Root | None]:
    """Where a say begins: what has the owner the step asks, or the person it names; groups change by two people."""
    if sitter.stand == Stand.FALLBACK:
        return []
    match step.source:
        case Source.CONTROL_OWNER | Source.CONTROL_LEAD:
            return [case.control]
        case Source.OWNER_MANAGER:
            return [case.identity]
        case Source.SYSTEM_OWNER:
            return list(System.objects.filter(grants__case=case).select_related("owner__manager").distinct())
        case _:
            return [step.person]


def _along(root: _Root | None, person: User, climbs: int, case: ExceptionCase) -> list[int | None]:
    """Keys of those who lately made each link from the root up to this person; none where it ends at another's."""
    since = _since(case)
    links = [] if isinstance(root, User) else ["owner"]
    at: Any = root
    givers = []
    for link in [*links, *climbs * ["manager"]]:
        upper = getattr(at, link, None)
        if upper is None:
            return []
        givers.append(_giver(at, link, upper.pk, since))
        at = upper
    return givers if at == person else []


def _giver(row: Any, link: str, value: int, since: datetime) -> int | None:
    """Who lately gave the row this value; who said yes to owning it was chosen by whoever asked them."""
    by = giver(row.history, row.pk, link, value, since)
    if by != value or not isinstance(row, Identity):
        return by
    asked = row.history.filter(owner_asked=value).order_by("-history_id").values_list("history_user", flat=True)[:1]
    return asked[0] if asked else by
