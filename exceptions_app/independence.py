"""A say in a case that one of those who gain gave away lately is not independent of them (promise 4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.errors import Sentence
from accounts.independence import giver
from accounts.models import User
from catalog.models import Control, System
from exceptions_app import judges
from exceptions_app.models import ExceptionCase, Source
from exceptions_app.sources import Stand

LATELY = timedelta(days=30)
"""Before the request was submitted, and since. Whoever keeps the catalog has named most owners some day."""


def why_not(seat: judges.Seat, case: ExceptionCase, at: datetime) -> Sentence | None:
    """Why who fills this seat may not approve: somebody who gains made them what the step asks for; else None."""
    givers = {key for key in _givers(seat, case) if key is not None}
    if givers and givers & judges.gaining_ids(case, at):
        return _("Somebody who gains from it gave you this say lately, so someone else approves.")
    return None


def _givers(seat: judges.Seat, case: ExceptionCase) -> Iterator[int | None]:
    """Keys of those who named, lately, the owners and managers on whom the seat rests."""
    since = (case.submitted_at or case.created_at) - LATELY
    source, person = seat.step.source, seat.sitter.for_whom or seat.sitter.user
    if seat.sitter.stand == Stand.FALLBACK or source in {Source.GROUP, Source.CONTROL_GROUP}:
        return
    control, systems = case.control, System.objects.filter(grants__case=case).select_related("owner").distinct()
    if source in {Source.CONTROL_OWNER, Source.CONTROL_LEAD} and control is not None and control.owner_id is not None:
        yield giver(Control.history, control.pk, "owner", control.owner_id, since)
    for system in systems if source == Source.SYSTEM_OWNER else ():
        if system.owner is not None and person.pk in {system.owner_id, system.owner.manager_id}:
            yield giver(System.history, system.pk, "owner", system.owner.pk, since)
    named = [control.owner if control else None, case.identity.owner if case.identity else None, seat.step.person]
    for one in {*named, *(system.owner for system in systems)}:
        if one is not None and one.manager_id == person.pk:
            yield giver(User.history, one.pk, "manager", person.pk, since)
