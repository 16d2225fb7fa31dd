"""Which places one person has in the requests that wait: `judges.seats` asked of every request at once.

SQL tells, by the digest pinned with a case; where it cannot (`seating.How.LAW`), the law itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from exceptions_app.asking import PARENTS, Asked, asked_of
from exceptions_app.models import ExceptionCase, Step
from exceptions_app.queries.seating import How, Offer, Place, offers, standing
from exceptions_app.sources import group_of


@dataclass(frozen=True)
class Places:
    """Seats, least time left first, and the requests the person gains from, by key."""

    seats: Sequence[Offer]
    gained: Sequence[int]


def places(place: Place | None, at: datetime, on: Q | None = None, among: Sequence[int] | None = None) -> Places:
    """The person's first place in each request they can answer, least time left first, and what they gain from.

    A request whose time to decide has passed is nobody's any more. `on` says of which cases, as conditions on steps;
    `among` looks at these cases alone, which wait. One query, and those of the law where it is asked.
    """
    if place is None:
        return Places([], [])
    steps = standing(at)
    if among is not None:  # they wait: said again, PostgreSQL would look at everything that waits
        steps = Step.objects.filter(route__case__in=among, route__voided_at__isnull=True)
    first: dict[int, Offer | None] = {}
    for offer in offers(place, at, steps.filter(on or Q())):
        first.setdefault(offer.case, offer)
    first |= _by_law(place, [case for case, offer in first.items() if offer and offer.how == How.LAW], at)
    found = [offer for offer in first.values() if offer is not None]
    gained = [offer.case for offer in found if offer.how == How.GAINED]
    return Places([offer for offer in found if offer.how < How.GAINED], gained)


def _by_law(place: Place, keys: Sequence[int], at: datetime) -> dict[int, Offer | None]:
    """The person's first place in each of these requests by `judges.seats`, or that they gain from it."""
    if not keys:
        return {}
    cases = {case.pk: case for case in ExceptionCase.objects.filter(pk__in=keys).select_related(*PARENTS)}
    return {key: _told(place, cases[key], steps) for key, steps in asked_of([*cases.values()], at).items()}


def _told(place: Place, case: ExceptionCase, steps: Sequence[Asked]) -> Offer | None:
    waiting = [one for one in steps if not one.is_met]
    for one in waiting:
        if sitter := one.seat(place.user):
            how = How.seat(sitter.stand, for_another=sitter.for_whom is not None)
            return Offer(case.pk, one.step.pk, group_of(one.step, case), how, one is waiting[0])
    gains = next((one for one in waiting if one.is_gained_by(place.user)), None)
    return Offer(case.pk, gains.step.pk, group_of(gains.step, case), How.GAINED) if gains else None
