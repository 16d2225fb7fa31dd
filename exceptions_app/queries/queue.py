"""What waits for one person's decision, as sets: `judges.seats` asked of every request at once.

A row is a request in which the person has a seat, shown at their first open step, as a decision would fill it. From
what they gain they have none: those requests stand apart, for someone else to decide (promise 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import ApproverGroup, User
from catalog.models import Control, System
from exceptions_app.models import ExceptionCase, Safeguard, Step
from exceptions_app.queries import places, seating
from exceptions_app.queries.seating import Offer, Place
from exceptions_app.sources import Stand

COUNTED, TRIED = 49, 75
"""The badge on every page counts so far, among so many requests: a longer queue is only said to be longer."""
SHOWN = 50
"""Rows the queue shows at once; the others follow when these are decided."""


@dataclass(frozen=True)
class Filters:
    """What a person asked to see. Empty means any; `show` is one of SHOWS."""

    search: str = ""
    tier: int | None = None
    group: int | None = None
    show: str = ""


@dataclass(frozen=True)
class Row:
    """A request, and this person's place in it. An earlier step decides first unless `is_current`."""

    case: ExceptionCase
    step: Step
    is_current: bool
    stand: Stand
    is_for_another: bool
    steps: int
    safeguards: int
    verified: int

    @property
    def in_bulk(self) -> bool:
        """Whether it may be approved among many, now."""
        return self.is_current and self.step.in_bulk


@dataclass(frozen=True)
class Queue:
    """Requests this person can decide, the one with the least time left first, and those they must not.

    `place` is by what they are asked, for `count_at`.
    """

    rows: Sequence[Row]
    found: int
    barred: Sequence[ExceptionCase]
    place: Place | None


def queue(user: User, at: datetime, filters: Filters | None = None) -> Queue:
    """The person's queue at `at`, least time left first.

    Three queries, and ten more where facts changed since an answer or a source has too few; never more for more rows.
    """
    wanted = filters or Filters()
    place = seating.place_of(user, at)
    found = places.places(place, at, _conditions(wanted, user, at))
    is_shown = SEATS.get(wanted.show, _any)
    seats = [seat for seat in found.seats if wanted.group in {None, seat.group} and is_shown(seat)]
    return Queue(_rows(seats[:SHOWN], at), len(seats), _barred(found.gained), place)


def groups_of(user: User) -> list[ApproverGroup]:
    """Groups this person belongs to, to filter by."""
    return list(ApproverGroup.objects.filter(memberships__member=user).order_by("name"))


def askable() -> QuerySet[User]:
    """Whom a step could ask: by a group, as an owner or a manager, by name, or in place of another."""
    asked = Q(memberships__isnull=False) | Q(groups_led__isnull=False) | Q(delegations__isnull=False)
    owns = (Q(Exists(model.objects.filter(owner=OuterRef("pk")))) for model in (Control, System))
    stands = Q(Exists(User.objects.filter(manager=OuterRef("pk")))) | Q(
        Exists(Step.objects.filter(person=OuterRef("pk")))
    )
    return User.objects.active().filter(reduce(or_, owns, asked | stands), is_auditor=False)


def queue_count(user: User, at: datetime) -> int:
    """How many decisions wait for this person; more than COUNTED only says that there are more.

    Four queries at most, and more where the law is asked.
    """
    return count_at(seating.place_of(user, at), at)


def count_at(place: Place | None, at: datetime) -> int:
    """`queue_count` of the person of this place.

    A long queue is counted among the first TRIED steps put to the person, unless they gain from too many of those.
    """
    if place is None:
        return 0
    put = seating.standing(at).filter(place.asked).order_by()
    some = list(put.values_list("route__case", flat=True)[: TRIED + 1])
    if len(some) > TRIED or not place.stands_behind:
        seats = len(places.places(place, at, among=some).seats) if some else 0
        if seats > COUNTED or len(some) <= TRIED:
            return seats
    return len(places.places(place, at).seats)


def _any(seat: Offer) -> bool:
    return True


SEATS: Mapping[str, Callable[[Offer], bool]] = {
    "mine": lambda seat: seat.group is None and not seat.is_for_another,
    "groups": lambda seat: seat.group is not None and seat.stand == Stand.OWN and not seat.is_for_another,
    "delegated": lambda seat: seat.is_for_another,
    "behind": lambda seat: seat.stand != Stand.OWN,
}
CASES: Mapping[str, Callable[[User, datetime], Q]] = {
    "taken": lambda user, at: Q(taken_by=user, taken_until_at__gt=at),
    "free": lambda user, at: Q(taken_by=None) | Q(taken_until_at__lte=at) | Q(taken_by=user),
    "late": lambda user, at: Q(lead_from_at__lte=at),
}
SHOWS = (*SEATS, *CASES)
"""What a queue is narrowed to, by how one comes to be asked or by how the request stands."""


def _conditions(wanted: Filters, user: User, at: datetime) -> Q:
    """What was asked to see of the cases themselves, as conditions on their steps."""
    cases = ExceptionCase.objects.all()
    if wanted.show in CASES:
        cases = cases.filter(CASES[wanted.show](user, at))
    if wanted.tier is not None:
        cases = cases.filter(risk_tier=wanted.tier)
    for word in wanted.search.split():
        columns = ("reference", "title", "identity__slug", "identity__name", "control__code", "control__title")
        cases = cases.filter(_any_contains(columns, word))
    return Q(route__case__in=cases) if cases.query.where else Q()


def _barred(gained: Sequence[int]) -> list[ExceptionCase]:
    if not gained:
        return []
    rows = ExceptionCase.objects.filter(pk__in=gained[:SHOWN]).with_names()
    return list(rows.order_by("decide_by_at", "pk"))


def _any_contains(columns: Sequence[str], word: str) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found


def _rows(found: Sequence[Offer], at: datetime) -> list[Row]:
    """Each seat with what its row shows; one query."""
    safeguards = Safeguard.objects.filter(case=OuterRef("route__case"))
    steps = (
        Step.objects.filter(pk__in=[seat.step for seat in found])
        .select_related("group", "route__case__control", "route__case__identity")
        .select_related("route__case__requester", "route__case__renews", "route__case__taken_by")
        .defer("route__document")
        .annotate(
            steps=seating.number_of(Step.objects.filter(route=OuterRef("route")), "route"),
            safeguards=seating.number_of(safeguards, "case"),
            verified=seating.number_of(safeguards.verified(at), "case"),
            is_turn=seating.is_turn(),
        )
    )
    by_key = {step.pk: step for step in steps}
    return [_row(seat, by_key[seat.step]) for seat in found]


def _row(seat: Offer, step: Step) -> Row:
    facts = vars(step)
    return Row(
        case=step.route.case,
        step=step,
        is_current=facts["is_turn"] if seat.is_current is None else seat.is_current,
        stand=seat.stand,
        is_for_another=seat.is_for_another,
        steps=facts["steps"],
        safeguards=facts["safeguards"],
        verified=facts["verified"],
    )
