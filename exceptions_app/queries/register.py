"""The register: cases a person may see, filtered, searched, sorted, a page at a time by keyset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from catalog.models import Control, Identity
from exceptions_app.models import ACTIVATED, ENDED, ExceptionCase, Grant, RemovalState
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.sight import Sight, sight_of

PAGE = 50
COUNTED = 500
NAMED = 200
"""At most so many controls and identities are matched by a search word before it is too wide to narrow anything."""


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
class Filters:
    """What a person asked to see. Empty means any."""

    search: str = ""
    states: Sequence[str] = ()
    tiers: Sequence[int] = ()
    control: str = ""
    identity: str = ""
    mine: bool = False
    in_force: bool = False
    owed: bool = False
    ending_days: int | None = None


@dataclass(frozen=True)
class Count:
    """A number of cases; not exact means "more than"."""

    number: int
    exact: bool


@dataclass(frozen=True)
class Page:
    """Rows of one page and the cursors that lead on and back; a cursor is "" where there is nothing more."""

    rows: list[ExceptionCase]
    older: str
    newer: str


def found(user: User, filters: Filters, at: datetime) -> Sight:
    """The cases this person may see that answer the filters at `at`, in no order."""
    matching = _matching(filters.search) & _about(filters)
    return sight_of(user).narrowed(lambda cases: _filtered(cases, user, filters, at).filter(matching))


def _filtered(cases: CaseQuerySet, user: User, filters: Filters, at: datetime) -> CaseQuerySet:
    if filters.states:
        cases = cases.standing(filters.states, at)
    if filters.tiers:
        cases = cases.filter(risk_tier__in=filters.tiers)
    if filters.mine:
        cases = cases.filter(Q(requester=user) | Q(owner=user) | Q(backup_owner=user))
    if connection.vendor == "postgresql":
        cases = cases.alias(title_words=SearchVector("title", config="simple"))
    return _by_clock(cases, filters, at)


def page(cases: QuerySet[ExceptionCase], order_name: str, cursor: str) -> Page:
    """One page of the cases in the named order. A cursor that cannot be read starts at the beginning."""
    order = ORDERS.get(order_name, ORDERS[NEWEST])
    place = _Place.read(cursor, order)
    back = place is not None and place.back
    cases = cases.filter(order.only).annotate(sort_key=order.key)
    if place is not None:
        cases = cases.filter(place.beyond(order))
    descending = order.descending != back
    keys = _sorted(cases, descending=descending).values("pk")[: PAGE + 1]  # sorted without the text, which is wide
    whole = ExceptionCase.objects.filter(pk__in=keys).annotate(sort_key=order.key).with_names()
    rows = list(_sorted(whole, descending=descending))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    on = bool(rows) and (more or back)
    returns = bool(rows) and (more if back else place is not None)
    older = _cursor(rows[-1], back=False) if on else ""
    return Page(rows, older, newer=_cursor(rows[0], back=True) if returns else "")


def in_force_of(cases: Sequence[ExceptionCase], at: datetime) -> set[int]:
    """Keys of those cases that may be relied on at `at`, in one query."""
    keys = [case.pk for case in cases]
    return set(ExceptionCase.objects.filter(pk__in=keys).in_force(at).values_list("pk", flat=True))


def counted(found: Sight) -> tuple[CaseQuerySet, Count]:
    """The same cases and how many they are, counted exactly up to COUNTED.

    So few are named by their keys from then on: sorting them costs little, while the planner, which guesses how many a
    search finds, might walk the whole register in order to meet them.
    """
    if found.plain is not None and len(_some_keys(found.plain)) > COUNTED:
        return found.whole, Count(COUNTED, exact=False)
    keys = _some_keys(found.whole)
    if len(keys) > COUNTED:
        return found.whole, Count(COUNTED, exact=False)
    return ExceptionCase.objects.filter(pk__in=keys), Count(len(keys), exact=True)


def _some_keys(cases: CaseQuerySet) -> list[int]:
    return list(cases.order_by().values_list("pk", flat=True)[: COUNTED + 1])


def exported(cases: QuerySet[ExceptionCase]) -> Iterator[ExceptionCase]:
    """All the cases, newest first, a batch at a time."""
    ordered = cases.order_by("-created_at", "-pk").select_related("control", "identity", "owner", "requester")
    return ordered.iterator(chunk_size=PAGE * 10)


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


def _about(filters: Filters) -> Q:
    """The control and the identity asked for, looked up first; nothing is about one that does not exist."""
    about = Q()
    if filters.control:
        about &= Q(control__in=list(Control.objects.filter(code__iexact=filters.control)))
    if filters.identity:
        about &= Q(identity__in=list(Identity.objects.filter(slug=filters.identity)))
    return about


def _by_clock(cases: CaseQuerySet, filters: Filters, at: datetime) -> CaseQuerySet:
    if filters.in_force:
        cases = cases.in_force(at)
    if filters.ending_days is not None:
        until = at + timedelta(days=filters.ending_days)
        cases = cases.filter(state__in=ACTIVATED, expires_at__gt=at, expires_at__lte=until)
    if filters.owed:
        owed = Grant.objects.filter(case=OuterRef("pk"), removal_state=RemovalState.OWED)
        cases = cases.filter(Exists(owed), state__in=ENDED)
    return cases


def _matching(words: str) -> Q:
    """Reference, title words, identity or control. Names are looked up first, so that every branch has an index."""
    words = words.strip()
    if not words:
        return Q()
    named = _named(words)
    matched = Q(reference__startswith=words.upper()) | _in_title(words)
    return matched | Q(identity__in=named["identity"]) | Q(control__in=named["control"])


def _named(words: str) -> dict[str, list[int]]:
    """Keys of the identities and controls that the words name."""
    by_name = Identity.objects.filter(Q(name__icontains=words) | Q(slug__icontains=words)).order_by()
    by_code = Control.objects.filter(Q(code__icontains=words) | Q(title__icontains=words)).order_by()
    rows = by_code.annotate(of=Value("control")).values_list("of", "pk")
    named: dict[str, list[int]] = {"identity": [], "control": []}
    for of, key in rows.union(by_name.annotate(of=Value("identity")).values_list("of", "pk"), all=True)[:NAMED]:
        named[of].append(key)
    return named


def _in_title(words: str) -> Q:
    """Words in the title: whole or begun ones, by the index case_title_words on PostgreSQL; anywhere on SQLite.

    A word goes there in quotes, so that PostgreSQL takes “svc-erp” or “kv/prod” apart as it did in the title.
    """
    terms = [_quoted(term) for term in words.split() if any(map(str.isalnum, term))]
    if connection.vendor != "postgresql" or not terms:
        return Q(title__icontains=words)
    # A word is also asked for whole: it changes nothing found, but the planner knows how frequent whole words are
    query = " & ".join(f"({term} | {term}:*)" for term in terms)
    return Q(title_words=SearchQuery(query, search_type="raw", config="simple"))


def _quoted(term: str) -> str:
    doubled = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
