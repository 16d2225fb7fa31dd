"""Which places one person has in the requests that wait: `judges.seats` asked of every request at once.

What nobody has answered yet is told in SQL; what was decided in part, or has come to somebody else, by the law itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts import absences
from accounts.models import Absence, ApproverGroup, GroupMembership, User
from exceptions_app.asking import PARENTS, asked_of
from exceptions_app.models import Decision, ExceptionCase, Grant, Source, State, Step, Verdict
from exceptions_app.models.governed import GovernedQuerySet
from exceptions_app.queries.keys import gathered
from exceptions_app.sources import GROUP_ASKED, PERSON_ASKED, Stand, asks, backs, can_decide, group_of

GAINERS = ("requester", "owner", "identity__owner", "identity__backup_owner", "editors__person")
"""Roles that gain as they are; a backup owner does once they accepted."""


@dataclass(frozen=True)
class Seat:
    """A place of the person, by keys. `group` is the step's own, if it asks one."""

    case: int
    step: int
    group: int | None
    is_current: bool
    stand: Stand
    is_for_another: bool


class Offer(NamedTuple):
    """A step of a request: who it asks by its source, whether its route has an answer yet, and whether they gain."""

    case: int
    step: int
    group: int | None
    order: int
    decide_by_at: datetime
    is_begun: bool
    gains: bool
    asks_me: bool
    asks_another: bool
    total: int = 0


COLUMNS = (
    *("route__case", "pk", "asked_group", "order", "route__case__decide_by_at", "begun", "gains", "asks_me"),
    "asks_another",
)
"""What an offer is read from, but for how many there are."""


@dataclass(frozen=True)
class Places:
    """Seats, least time left first, how many there are in all, and the requests the person gains from, by key."""

    seats: Sequence[Seat]
    number: int
    gained: Sequence[int]


@dataclass(frozen=True)
class Place:
    """What a person has by which they are asked: themselves, and those for whom they stand in now."""

    user: User
    people: Sequence[int]
    has: Mapping[str, set[int]]

    @property
    def is_fallback(self) -> bool:
        return bool(self.has["fallback"])

    @property
    def stands_behind(self) -> bool:
        """Whether they are asked where a source has too few."""
        return bool(self.has["fallback"] or self.has["led"] or self.has["report"])

    @property
    def asked(self) -> Q:
        """Steps that ask one of them."""
        return reduce(or_, map(self.asked_of, self.people))

    def asked_of(self, person: int) -> Q:
        """Steps that ask this one of them."""
        return asks([person], self.has[f"groups of {person}"])

    @property
    def backed(self) -> Q:
        """Steps behind which they stand, where the source has too few."""
        return Q() if self.is_fallback else backs(self.people, self.has["led"])


def place_of(user: User, at: datetime) -> Place | None:
    """None for whoever decides nothing at all."""
    if not can_decide(user):
        return None
    stood_for = absences.principals(user, at)
    has = gathered(("stood for", stood_for, "person"), *_belongings([user.pk]))
    others = sorted(has["stood for"])
    if others:
        for what, keys in gathered(*_belongings(others)).items():
            has[what] |= keys
    return Place(user, [user.pk, *others], has)


def places(place: Place | None, at: datetime, among: Sequence[int] | None = None) -> Places:
    """The person's place in each request they can answer, least time left first, and the requests they gain from.

    A request whose time to decide has passed is nobody's any more. `among` looks at these cases alone, which wait.
    """
    if place is None:
        return Places([], 0, [])
    fresh: dict[int, Seat] = {}
    times: dict[int, datetime] = {}
    by_law, gained = list[int](), list[int]()
    steps = standing(at)
    if among is not None:  # they wait: said again, PostgreSQL would look at everything that waits
        steps = Step.objects.filter(route__case__in=among, route__voided_at__isnull=True)
    put = _put_to(place, at, steps).order_by("route__case", "order")
    for offer in (Offer(*values) for values in put.values_list(*COLUMNS)):
        times[offer.case] = offer.decide_by_at
        if offer.is_begun or not (offer.asks_me or offer.asks_another):
            by_law.append(offer.case)
        elif offer.gains:
            gained.append(offer.case)
        else:
            fresh.setdefault(offer.case, _fresh(offer))
    told, barred = _by_law(place, list(dict.fromkeys(by_law)), at)
    fresh |= {seat.case: seat for seat in told}
    seats = sorted(fresh.values(), key=lambda seat: (times[seat.case], seat.case))
    return Places(seats, len(seats), [case for case in dict.fromkeys([*gained, *barred]) if case not in fresh])


def first_places(place: Place | None, at: datetime, on: Q, most: int) -> Places:
    """The same for the `most` with the least time left, while all are counted: what waits in thousands stays there.

    `on` says of which cases, as conditions on steps. Two queries, and those of what was decided in part.
    """
    if place is None:
        return Places([], 0, [])
    steps = _put_to(place, at, standing(at).filter(on))
    plain = Q(Q(asks_me=True) | Q(asks_another=True), begun=False)
    special = steps.filter(~plain | Q(gains=True)).order_by("route__case__decide_by_at", "route__case")
    by_law, gained = list[int](), list[int]()
    for case, is_plain in special.annotate(plain=_whether(plain)).values_list("route__case", "plain"):
        (gained if is_plain else by_law).append(case)
    told, barred = _by_law(place, list(dict.fromkeys(by_law)), at)
    earlier = Step.objects.filter(place.asked, route=OuterRef("route"), order__lt=OuterRef("order"))
    rows = steps.filter(plain, ~Exists(earlier), Q(gains=False)).exclude(route__case__in=set(by_law))
    rows = rows.annotate(total=Window(Count("pk"))).order_by("route__case__decide_by_at", "route__case")
    offers = [Offer(*values) for values in rows.values_list(*COLUMNS, "total")[:most]]
    times = dict(ExceptionCase.objects.filter(pk__in=by_law).values_list("pk", "decide_by_at")) if told else {}
    times |= {offer.case: offer.decide_by_at for offer in offers}
    seats = sorted([*map(_fresh, offers), *told], key=lambda seat: (times[seat.case], seat.case))[:most]
    number = (offers[0].total if offers else 0) + len(told)
    kept_out = [case for case in dict.fromkeys([*gained, *barred]) if case not in {seat.case for seat in told}]
    return Places(seats, number, kept_out)


def standing(at: datetime) -> GovernedQuerySet[Step]:
    """Steps of the requests that wait."""
    waiting = Q(route__case__state=State.REQUESTED, route__case__decide_by_at__gt=at)
    return Step.objects.filter(waiting, route__voided_at__isnull=True)


def gained_by(person: User | int | OuterRef, at: datetime) -> Q:
    """Cases the person gains from at `at`: `judges.gaining_ids` in SQL."""
    delegate = OuterRef(person) if isinstance(person, OuterRef) else person
    away = Absence.objects.running(at).filter(delegate=delegate).values("person")
    return _is(person) | _is(away, "__in")


def _belongings(people: Sequence[int]) -> Iterator[tuple[str, QuerySet[Any], str]]:
    """What these people have, by key, by which they are asked."""
    memberships = GroupMembership.objects.filter(member__in=people)
    yield from ((f"groups of {one}", memberships.filter(member=one), "group") for one in people)
    yield "fallback", memberships.filter(group__is_fallback=True), "group"
    yield "led", ApproverGroup.objects.filter(lead__in=people), "pk"
    yield "report", User.objects.filter(manager__in=people), "pk"


def _put_to(place: Place, at: datetime, steps: GovernedQuerySet[Step]) -> GovernedQuerySet[Step]:
    """Those of these steps that are put to these people, with what `Offer` tells of each.

    Where no answer was given all are open, and somebody stands behind a source that has too few or too little time.
    Where one was, every step is handed out that could be this person's.
    """
    here = Q(step__route=OuterRef("route")) | Q(step__route__case=OuterRef("route__case"), verdict=Verdict.RECUSE)
    begun = Decision.objects.filter(here, voided_at__isnull=True)
    wanted = place.asked
    steps = steps.annotate(
        begun=Exists(begun),
        gains=Exists(_gained(place.user, OuterRef("route__case"), at)),
        asks_me=_whether(place.asked_of(place.user.pk)),
        asks_another=_whether(_for_another(place, at)),
        asked_group=GROUP_ASKED,
        asked_person=PERSON_ASKED,
    )
    if place.stands_behind:
        steps = steps.annotate(able=_able(at))
        late = Q(route__case__lead_from_at__lte=at)
        wanted |= place.backed & (Q(begun=True) | Q(able__lt=F("count")) | late)
    return steps.filter(wanted)


def _fresh(offer: Offer) -> Seat:
    """The place in a request nobody has answered yet."""
    return Seat(offer.case, offer.step, offer.group, offer.order == 1, Stand.OWN, not offer.asks_me)


def _for_another(place: Place, at: datetime) -> Q:
    """Steps that ask somebody for whom the person stands in and who does not gain."""
    each = (place.asked_of(one) & ~Q(Exists(_gained(one, OuterRef("route__case"), at))) for one in place.people[1:])
    return reduce(or_, each, Q(pk__in=()))


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _able(at: datetime) -> Combinable:
    """How many people of a step's own source could fill it."""
    able = User.objects.filter(is_active=True, is_auditor=False)
    able = able.filter(~Exists(_gained(OuterRef("pk"), OuterRef(OuterRef("route__case")), at)))
    members = GroupMembership.objects.filter(group=OuterRef(OuterRef("asked_group")), member=OuterRef("pk"))
    opened = Grant.objects.filter(case=OuterRef(OuterRef("route__case")), system__owner=OuterRef("pk"))
    owns = Q(Exists(opened)) & Q(Exists(Step.objects.filter(pk=OuterRef(OuterRef("pk")), source=Source.SYSTEM_OWNER)))
    asked = able.filter(Q(Exists(members)) | Q(pk=OuterRef("asked_person")) | owns)
    return Coalesce(Subquery(asked.order_by().values("is_active").annotate(number=Count("pk")).values("number")), 0)


def _by_law(place: Place, keys: Sequence[int], at: datetime) -> tuple[list[Seat], list[int]]:
    """Seats in, and requests gained from among, those decided in part or come to who stands behind their source."""
    if not keys:
        return [], []
    cases = {case.pk: case for case in ExceptionCase.objects.filter(pk__in=keys).select_related(*PARENTS)}
    seats, gained = [], []
    for key, asked in asked_of([*cases.values()], at).items():
        current = next((one for one in asked if not one.is_met), None)
        mine = next((one for one in asked if one.seat(place.user)), None)
        sitter = mine.seat(place.user) if mine else None
        if mine and sitter:
            step, for_another = mine.step, sitter.for_whom is not None
            group = group_of(step, cases[key])
            seats.append(Seat(key, step.pk, group, mine is current, sitter.stand, for_another))
        elif any(not one.is_met and one.is_gained_by(place.user) for one in asked):
            gained.append(key)
    return seats, gained


def _gained(person: User | int | OuterRef, case: OuterRef, at: datetime) -> QuerySet[ExceptionCase]:
    """The case, if the person gains from it."""
    return ExceptionCase.objects.filter(gained_by(person, at), pk=case)


def _is(who: Any, lookup: str = "") -> Q:
    """Cases somebody gains from by what they are to it; the lookup says whether `who` is one or several."""
    accepted = Q(**{f"backup_owner{lookup}": who}, backup_accepted_at__isnull=False)
    return reduce(or_, (Q(**{f"{role}{lookup}": who}) for role in GAINERS), accepted)
