"""The register: cases a person may see, filtered, searched, sorted, a page at a time by keyset."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_
from random import Random

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import User
from exceptions_app.models import ExceptionCase, Grant, Review, Safeguard, found_to_work
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.filtering import Filters, filtered
from exceptions_app.queries.keys import among
from exceptions_app.queries.searching import searched
from exceptions_app.queries.sight import MANY, sight_of
from exceptions_app.reliance import fall

PAGE = 50
COUNTED = 10_000
PICKED = 20_000
"""Up to COUNTED cases are counted; of more the number is estimated from so many."""


@dataclass(frozen=True)
class Order:
    """A sort by an indexed expression, ties broken by key. `only` leaves out rows the sort says nothing about."""

    key: F | Coalesce
    descending: bool
    only: Q = field(default_factory=Q)


NEWEST = "-filed"
ORDERS = {
    "filed": Order(F("created_at"), descending=False),
    NEWEST: Order(F("created_at"), descending=True),
    "ends": Order(F("expires_at"), descending=False, only=Q(expires_at__isnull=False)),
    "-ends": Order(F("expires_at"), descending=True, only=Q(expires_at__isnull=False)),
    "risk": Order(Coalesce("risk_tier", 0), descending=False),
    "-risk": Order(Coalesce("risk_tier", 0), descending=True),
}


@dataclass(frozen=True)
class Found:
    """Cases in parts that have none in common: each part is found, and sorted, by an index of its own."""

    parts: Sequence[CaseQuerySet]

    @property
    def whole(self) -> CaseQuerySet:
        """All of them at once, in no order."""
        return reduce(or_, self.parts)


@dataclass(frozen=True)
class Number:
    """A number of cases; not exact means "about"."""

    number: int
    exact: bool


@dataclass(frozen=True)
class Page:
    """Rows of one page and the cursors that lead on and back; a cursor is "" where there is nothing more."""

    rows: list[ExceptionCase]
    older: str
    newer: str


def found(user: User, filters: Filters, at: datetime) -> Found:
    """The cases this person may see that answer the filters at `at`."""
    cases = sight_of(user).filter(searched(filters.search))
    return _standing(filtered(cases, user, filters, at), filters.states, at)


def _standing(cases: CaseQuerySet, states: Sequence[str], at: datetime) -> Found:
    """`standing`, by the state alone, which has an index in order; what the clock has yet to record is named apart."""
    if not states:
        return Found([cases])
    late = list(ExceptionCase.objects.overdue(at).values_list("pk", flat=True)[: MANY + 1])
    if len(late) > MANY:
        return Found([cases.standing(states, at)])
    in_time = cases.filter(state=states[0]) if len(states) == 1 else cases.filter(state__in=states)
    in_time = in_time.exclude(among(late))
    overdue = [cases.filter(among(late)).standing(states, at)] if late else []
    return Found([in_time, *overdue])


def page(found: Found, order_name: str, cursor: str, joins: Sequence[str] = ()) -> Page:
    """One page of the cases in the named order, with these parents beside those every list shows.

    A cursor that cannot be read starts at the beginning.
    """
    order = ORDERS.get(order_name, ORDERS[NEWEST])
    place = _Place.read(cursor, order)
    back = place is not None and place.back
    rows = _first(found, order, place, joins)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    on = bool(rows) and (more or back)
    returns = bool(rows) and (more if back else place is not None)
    older = _cursor(rows[-1], back=False) if on else ""
    return Page(rows, older, newer=_cursor(rows[0], back=True) if returns else "")


def _first(found: Found, order: Order, place: _Place | None, joins: Sequence[str]) -> list[ExceptionCase]:
    """The first rows beyond the place, and one more.

    Their keys come first, in a query of their own: sorted without the text, which is wide, and before the many joins
    that show a row, for which PostgreSQL would give up looking for an order of its own.
    """
    descending = order.descending != (place is not None and place.back)
    keys = [key for cases in found.parts for key in _keys(cases, order, place, descending=descending)]
    whole = ExceptionCase.objects.filter(pk__in=keys).annotate(sort_key=order.key)
    whole = whole.with_names().select_related(*joins) if joins else whole.with_names()
    return list(_sorted(whole, descending=descending)[: PAGE + 1])


def _keys(cases: CaseQuerySet, order: Order, place: _Place | None, *, descending: bool) -> list[int]:
    cases = cases.filter(order.only).annotate(sort_key=order.key)
    if place is not None:
        cases = cases.filter(place.beyond(order))
    return list(_sorted(cases, descending=descending).values_list("pk", flat=True)[: PAGE + 1])


def in_force_of(cases: Sequence[ExceptionCase], at: datetime) -> set[int]:
    """Keys of those cases that may be relied on at `at`, in one query."""
    keys = [case.pk for case in cases]
    return set(ExceptionCase.objects.filter(pk__in=keys).in_force(at).values_list("pk", flat=True))


def falls_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, datetime]:
    """From when those of the cases fall out of force before their end unless somebody does what waits, by key.

    Two queries, none where no case is bound by more than its end.
    """
    bound = [case for case in cases if case.relied_until_at and case.relied_until_at != case.expires_at]
    if not bound:
        return {}
    safeguards, reviews = defaultdict[int, list[Safeguard]](list), defaultdict[int, list[Review]](list)
    for safeguard in Safeguard.objects.filter(case__in=bound):
        safeguards[safeguard.case_id].append(safeguard)
    for review in Review.objects.open(at).filter(case__in=bound):
        reviews[review.case_id].append(review)
    falls = {case.pk: fall(case, safeguards[case.pk], reviews[case.pk], at) for case in bound}
    return {key: found.at for key, found in falls.items() if found}


def systems_of(cases: Sequence[ExceptionCase]) -> dict[int, list[str]]:
    """Names of the systems each case opens, by its key, in one query."""
    opened: dict[int, list[str]] = defaultdict(list)
    grants = Grant.objects.filter(case__in=cases, system__isnull=False).order_by("system__name")
    for key, name in grants.values_list("case", "system__name").distinct():
        opened[key].append(name)
    return opened


def safeguards_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, tuple[int, int]]:
    """How many safeguards of each case are verified at `at`, of how many, by its key, in one query."""
    told = Safeguard.objects.filter(case__in=cases).order_by().values("case")
    verified = Count("pk", filter=found_to_work(at))
    rows = told.annotate(verified=verified, every=Count("pk")).values_list("case", "verified", "every")
    return {key: (verified, every) for key, verified, every in rows}


def ends_by_day(found: Found, start: datetime, end: datetime) -> dict[date, int]:
    """How many of the cases have their end on each day from `start` up to `end`, days in the zone of `start`."""
    days: dict[date, int] = defaultdict(int)
    for cases in found.parts:
        inside = cases.order_by().filter(expires_at__gte=start, expires_at__lt=end)
        told = inside.annotate(day=TruncDate("expires_at", tzinfo=start.tzinfo)).values("day")
        for day, number in told.annotate(number=Count("pk")).values_list("day", "number"):
            days[day] += number
    return days


def more_than(found: Found, number: int) -> bool:
    """Whether there are more cases than this."""
    return sum(cases.order_by()[: number + 1].count() for cases in found.parts) > number


def counted(found: Found) -> Number:
    """How many they are: exactly up to COUNTED, above that by their share among some picked from all."""
    number = sum(cases.order_by()[: COUNTED + 1].count() for cases in found.parts)
    if number <= COUNTED:
        return Number(number, exact=True)
    keys = ExceptionCase.objects.aggregate(first=Min("pk"), last=Max("pk"))
    every = range(keys["first"], keys["last"] + 1)
    some = Random(len(every)).sample(every, min(PICKED, len(every)))  # noqa: S311 - the same ones as long as none is added
    picked = sum(cases.filter(among(some)).count() for cases in found.parts)
    return Number(max(COUNTED + 1, round(picked * len(every) / len(some))), exact=False)


def exported(found: Found, joins: Sequence[str] = ()) -> Iterator[ExceptionCase]:
    """All the cases, newest first, a batch at a time."""
    ordered = found.whole.order_by("-created_at", "-pk").with_names()
    return (ordered.select_related(*joins) if joins else ordered).iterator(chunk_size=PAGE * 10)


@dataclass(frozen=True)
class _Place:
    """Where a page begins: after (or, going back, before) the row with this sort key and primary key."""

    key: datetime | int
    pk: int
    back: bool

    @classmethod
    def read(cls, cursor: str, order: Order) -> _Place | None:
        """The place a cursor of this order names; None for one that nobody was given."""
        try:
            key, pk, back = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            read = int(key) if isinstance(order.key, Coalesce) else datetime.fromisoformat(key).astimezone(UTC)
            return cls(read, int(pk), bool(back))
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
            return None

    def beyond(self, order: Order) -> Q:
        """Rows on the far side of the place; the bound on the key alone lets the index start there."""
        side = "lt" if order.descending != self.back else "gt"
        tie = Q(sort_key=self.key, **{f"pk__{side}": self.pk})
        return Q(**{f"sort_key__{side}e": self.key}) & (Q(**{f"sort_key__{side}": self.key}) | tie)


def _cursor(row: ExceptionCase, *, back: bool) -> str:
    key = row.sort_key  # type: ignore[attr-defined]
    written = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(json.dumps([written, row.pk, back]).encode()).decode()


def _sorted(cases: QuerySet[ExceptionCase], *, descending: bool) -> QuerySet[ExceptionCase]:
    key = F("sort_key")
    return cases.order_by(key.desc() if descending else key.asc(), "-pk" if descending else "pk")
