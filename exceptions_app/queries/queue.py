"""What waits for one person's decision, as sets: `judges.seats` asked of every request at once.

A row is a request in which the person has a seat, shown at their first open step, as a decision would fill it. From
what they gain they have none: those requests stand apart, for someone else to decide (promise 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import Absence, ApproverGroup, GroupMembership, User
from exceptions_app.models import AskedGroup, Decision, ExceptionCase, Safeguard, State, Step
from exceptions_app.queries.seats import Asked, asked_of

COUNTED, TRIED = 49, 75
"""The badge on every page counts so far, among so many requests: a longer queue is only said to be longer."""
SHOWN = 100
"""Rows the queue shows at once; the others follow when these are decided."""
GAINERS = ("requester", "owner", "identity__owner", "identity__backup_owner", "editors__person")
"""Roles that gain as they are; a backup owner does once they accepted."""


@dataclass(frozen=True)
class Filters:
    """What a person asked to see. Empty means any."""

    search: str = ""
    tier: int | None = None
    group: int | None = None


@dataclass(frozen=True)
class Row:
    """A request, and this person's place in it. An earlier step decides first unless `is_current`."""

    case: ExceptionCase
    step: Step
    is_current: bool
    by_fallback: bool
    steps: int
    safeguards: int
    verified: int


@dataclass(frozen=True)
class Queue:
    """Requests this person can decide, the one with the least time left first, and those they must not."""

    rows: Sequence[Row]
    found: int
    barred: Sequence[ExceptionCase]


@dataclass(frozen=True)
class Seat:
    """A place of the person, by keys."""

    case: int
    step: int
    group: int
    is_current: bool
    by_fallback: bool


class Offer(NamedTuple):
    """A step of a request, whether its route has an answer yet, and whether the person gains from it."""

    case: int
    step: int
    group: int
    order: int
    decide_by_at: datetime
    is_begun: bool
    gains: bool


def queue(user: User, at: datetime, filters: Filters | None = None) -> Queue:
    """The person's queue at `at`, least time left first.

    Six queries at most, and nine more if a request has been decided in part; never more for more rows.
    """
    wanted = filters or Filters()
    every, gained = _places(user, _groups(user), at)
    matching = set(_matching(wanted, [seat.case for seat in every]))
    found = [seat for seat in every if seat.case in matching and wanted.group in {None, seat.group}]
    barred = ExceptionCase.objects.filter(pk__in=gained).with_names().order_by("decide_by_at", "pk")[:SHOWN]
    return Queue(_rows(found[:SHOWN]), len(found), list(barred) if gained else [])


def groups_of(user: User) -> list[ApproverGroup]:
    """Groups this person belongs to, to filter by."""
    return list(ApproverGroup.objects.filter(memberships__member=user).order_by("name"))


def queue_count(user: User, at: datetime) -> int:
    """How many decisions wait for this person; more than COUNTED only says that there are more.

    Three queries, and nine more if a request has been decided in part. A long queue is counted among the first TRIED
    requests put to the person's groups, unless they gain from too many of those.
    """
    groups = _groups(user)
    if not any(groups.values()):
        open_to_groups = AskedGroup.objects.filter(
            group__in=groups, case__state=State.REQUESTED, case__decide_by_at__gt=at
        )
        some = list(open_to_groups.order_by().values_list("case", flat=True)[: TRIED + 1])
        seats = len(_places(user, groups, at, among=some)[0])
        if len(some) <= TRIED or seats > COUNTED:
            return seats
    return len(_places(user, groups, at)[0])


def gained_by(person: User | OuterRef, at: datetime) -> Q:
    """Cases the person gains from at `at`: `judges.gaining_ids` in SQL."""
    delegate = OuterRef(person) if isinstance(person, OuterRef) else person
    away = Absence.objects.running(at).filter(delegate=delegate).values("person")
    return _is(person) | _is(away, "__in")


def _is(who: Any, lookup: str = "") -> Q:
    """Cases somebody gains from by what they are to it; the lookup says whether `who` is one or several."""
    accepted = Q(**{f"backup_owner{lookup}": who}, backup_accepted_at__isnull=False)
    return reduce(or_, (Q(**{f"{role}{lookup}": who}) for role in GAINERS), accepted)


def _groups(user: User) -> dict[int, bool]:
    """The groups this person decides in, by key, and whether each is the fallback group."""
    if not user.is_active or user.is_auditor:
        return {}
    return dict(GroupMembership.objects.filter(member=user).values_list("group", "group__is_fallback"))


def _places(
    user: User, groups: Mapping[int, bool], at: datetime, among: Sequence[int] | None = None
) -> tuple[list[Seat], list[int]]:
    """The person's place in each request they can answer, least time left first, and the requests they gain from.

    A request whose time to decide has passed is nobody's any more. `among` looks at these cases alone, which wait.
    """
    if not groups:
        return [], []
    fresh: dict[int, Seat] = {}
    times: dict[int, datetime] = {}
    begun, gained = list[int](), list[int]()
    for offer in _offered(groups, user, at, among):
        times[offer.case] = offer.decide_by_at
        if offer.is_begun:
            begun.append(offer.case)
        elif offer.gains:
            gained.append(offer.case)
        else:
            is_current, by_fallback = offer.order == 1, offer.group not in groups
            fresh.setdefault(offer.case, Seat(offer.case, offer.step, offer.group, is_current, by_fallback))
    partly, barred = _among_begun(user, groups, begun, at)
    seats = sorted([*fresh.values(), *partly], key=lambda seat: (times[seat.case], seat.case))
    return seats, [*dict.fromkeys([*gained, *barred])]


def _offered(groups: Mapping[int, bool], user: User, at: datetime, among: Sequence[int] | None) -> Iterator[Offer]:
    """Steps put to these groups, in the order of their routes.

    Where no answer was given all are open, and the fallback group stands in where a group is too small. Where one was,
    every step is handed out that could be this person's.
    """
    waiting = Q(route__case__state=State.REQUESTED, route__case__decide_by_at__gt=at)
    if among is not None:  # they wait: said again, PostgreSQL would look at everything that waits
        waiting = Q(route__case__in=among)
    steps = Step.objects.filter(waiting, route__voided_at__isnull=True)
    begun = Decision.objects.filter(step__route=OuterRef("route"), voided_at__isnull=True)
    steps = steps.annotate(begun=Exists(begun), gains=Exists(_gained(user, OuterRef("route__case"), at)))
    wanted = Q(group__in=groups)
    if any(groups.values()):
        steps = steps.annotate(able=_able(at))
        wanted |= Q(begun=True) | Q(able__lt=F("count"))
    columns = ("route__case", "pk", "group", "order", "route__case__decide_by_at", "begun", "gains")
    for values in steps.filter(wanted).order_by("route__case", "order").values_list(*columns):
        yield Offer(*values)


def _able(at: datetime) -> Combinable:
    """How many members of a step's own group could fill it."""
    members = GroupMembership.objects.filter(group=OuterRef("group"), member__is_active=True, member__is_auditor=False)
    gaining = _gained(OuterRef("member"), OuterRef(OuterRef("route__case")), at)
    return _number(members.filter(~Exists(gaining)), "group")


def _among_begun(
    user: User, groups: Mapping[int, bool], keys: Sequence[int], at: datetime
) -> tuple[list[Seat], list[int]]:
    """Seats in, and requests gained from among, those decided in part: there the digest of today's ask counts."""
    if not keys:
        return [], []
    parents = ("control__owner", "identity__owner", "identity__vendor", "requester", "owner", "backup_owner", "renews")
    cases = list(ExceptionCase.objects.filter(pk__in=keys).select_related(*parents))
    seats, gained = [], []
    for case, asked in asked_of(cases, at).items():
        current = next((one for one in asked if not one.is_met), None)
        mine = next((one for one in asked if one.seats(user)), None)
        if mine:
            step = mine.step
            by_fallback = step.group_id not in groups
            seats.append(Seat(case, step.pk, step.group_id, is_current=mine is current, by_fallback=by_fallback))
        elif any(_would_be_asked(groups, one) and user not in one.people for one in asked if not one.is_met):
            gained.append(case)
    return seats, gained


def _would_be_asked(groups: Mapping[int, bool], asked: Asked) -> bool:
    return asked.step.group_id in groups or (asked.is_short and any(groups.values()))


def _gained(person: User | OuterRef, case: OuterRef, at: datetime) -> QuerySet[ExceptionCase]:
    """The case, if the person gains from it."""
    return ExceptionCase.objects.filter(gained_by(person, at), pk=case)


def _number(
    rows: QuerySet[Decision] | QuerySet[GroupMembership] | QuerySet[Safeguard] | QuerySet[Step], by: str
) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(number=Count("pk")).values("number")), 0)


def _matching(wanted: Filters, keys: Sequence[int]) -> Sequence[int]:
    if not wanted.search and wanted.tier is None:
        return keys
    cases = ExceptionCase.objects.filter(pk__in=keys)
    if wanted.tier is not None:
        cases = cases.filter(risk_tier=wanted.tier)
    for word in wanted.search.split():
        columns = ("reference", "title", "identity__slug", "identity__name", "control__code", "control__title")
        cases = cases.filter(_any_contains(columns, word))
    return list(cases.values_list("pk", flat=True))


def _any_contains(columns: Sequence[str], word: str) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found


def _rows(found: Sequence[Seat]) -> list[Row]:
    """Each seat with what its row shows; one query."""
    safeguards = Safeguard.objects.filter(case=OuterRef("route__case"))
    steps = (
        Step.objects.filter(pk__in=[seat.step for seat in found])
        .select_related("group", "route__case__control", "route__case__identity")
        .select_related("route__case__requester", "route__case__renews")
        .defer("route__document")
        .annotate(
            steps=_number(Step.objects.filter(route=OuterRef("route")), "route"),
            safeguards=_number(safeguards, "case"),
            verified=_number(safeguards.filter(verified_at__isnull=False), "case"),
        )
    )
    by_key = {step.pk: step for step in steps}
    return [_row(seat, by_key[seat.step]) for seat in found]


def _row(seat: Seat, step: Step) -> Row:
    facts = vars(step)
    return Row(
        case=step.route.case,
        step=step,
        is_current=seat.is_current,
        by_fallback=seat.by_fallback,
        steps=facts["steps"],
        safeguards=facts["safeguards"],
        verified=facts["verified"],
    )
