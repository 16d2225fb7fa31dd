"""A say in a case that one of those who gain gave away lately is not independent of them (promise 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.errors import Sentence
from accounts.independence import giver
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
    givers = {key for root in _roots(step, sitter, case) for key in _along(root, person, climbs, case)}
    if givers and givers & judges.gaining_ids(case, at):
        return _("Somebody who gains from it gave you this say lately, so someone else approves.")
    return None


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
    since = (case.submitted_at or case.created_at) - LATELY
    links = [] if isinstance(root, User) else ["owner"]
    at: Any = root
    givers = []
    for link in [*links, *climbs * ["manager"]]:
        upper = getattr(at, link, None)
        if upper is None:
            return []
        givers.append(giver(type(at).history, at.pk, link, upper.pk, since))
        at = upper
    return givers if at == person else []
