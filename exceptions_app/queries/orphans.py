"""What is in use without anybody who answers for it: its owner is missing or gone (promise 15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from catalog.models import Control, Identity, System
from exceptions_app.models import ENDED, ExceptionCase, OwnershipOffer
from exceptions_app.queries.searching import searched
from exceptions_app.queries.sight import sight_of
from exceptions_app.queries.tenure import last_owners, ownerless_since
from exceptions_app.succession import GONE, PARENTS, Succession, successions


class Sort(TextChoices):
    """What it is that nobody owns."""

    CASE = "case", _("Exceptions")
    IDENTITY = "identity", _("Identities")
    SYSTEM = "system", _("Systems")
    CONTROL = "control", _("Controls")


MODELS: Mapping[Sort, type[Model]] = {
    Sort.CASE: ExceptionCase,
    Sort.IDENTITY: Identity,
    Sort.SYSTEM: System,
    Sort.CONTROL: Control,
}
_JOINS = {
    Sort.CASE: (*PARENTS, "control", "identity"),
    Sort.IDENTITY: ("owner", "owner_asked"),
    Sort.SYSTEM: ("owner",),
    Sort.CONTROL: ("owner",),
}
_OWNERLESS = Q(owner__isnull=True) | GONE


@dataclass(frozen=True)
class OrphanFilters:
    """What is looked for."""

    search: str = ""
    sort: Sort | None = None


@dataclass(frozen=True)
class Orphan:
    """One thing without an owner since `since_at` (UTC), which is None where nothing tells. `next` is a live case's.

    `asked` has been asked to own it and has not answered.
    """

    sort: Sort
    row: Any
    last_owner: User | None
    since_at: datetime | None
    asked: User | None
    next: Succession | None = None


def concerns(user: User) -> bool:
    """Whether orphans are this person's business: overseers, owners of a control in use, leads of a team."""
    return oversees(user) or concerned().filter(pk=user.pk).exists()


def oversees(user: User) -> bool:
    """Auditors and programme managers."""
    return user.is_active and (user.is_auditor or user.is_programme_manager)


def concerned() -> QuerySet[User]:
    """Owners of a control in use and leads of a team."""
    leads = Team.objects.filter(lead=OuterRef("pk"))
    owns = Control.objects.in_use().filter(owner=OuterRef("pk"))
    return User.objects.active().filter(Exists(leads) | Exists(owns))


def orphans(user: User, filters: OrphanFilters, at: datetime) -> QuerySet[Any, Any]:
    """Sort, key and instant of each thing without an owner that this person may see; the oldest first."""
    parts = [
        ownerless_since(rows.order_by(), MODELS[sort])
        .annotate(sort=Value(sort.value), key=F("pk"))
        .values_list("sort", "key", "since_at")
        for sort, rows in _found(user, filters, at).items()
        if filters.sort in {None, sort}
    ]
    whole: QuerySet[Any, Any] = parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
    return whole.order_by("since_at", "sort", "key")


def numbers(user: User, filters: OrphanFilters, at: datetime) -> dict[Sort, int]:
    """How many there are of each sort, whichever of them is looked for; a query each."""
    return {sort: rows.count() for sort, rows in _found(user, filters, at).items()}


def number(user: User, at: datetime) -> int:
    """How many there are that this person may see."""
    return sum(numbers(user, OrphanFilters(), at).values())


def told(found: Iterable[tuple[str, int, datetime | None]], at: datetime) -> list[Orphan]:
    """These, of `orphans`, with all that is told of them; as many queries for many as for one."""
    places = [(Sort(sort), key, since_at) for sort, key, since_at in found]
    rows = {(sort, row.pk): row for sort in Sort for row in _rows(sort, places)}
    owners = _last_owners(rows)
    cases = [row for (sort, _key), row in rows.items() if sort == Sort.CASE and row.state not in ENDED]
    nexts = {one.case.pk: one for one in successions(cases, at)} if cases else {}
    offers = OwnershipOffer.objects.filter(case__in=cases, answered_at__isnull=True).select_related("to")
    asked = {offer.case_id: offer.to for offer in offers} if cases else {}
    return [
        Orphan(
            sort,
            rows[sort, key],
            owners.get((sort, key)),
            since_at,
            asked.get(key) if sort == Sort.CASE else getattr(rows[sort, key], "owner_asked", None),
            nexts.get(key) if sort == Sort.CASE else None,
        )
        for sort, key, since_at in places
        if (sort, key) in rows
    ]


def _found(user: User, filters: OrphanFilters, at: datetime) -> dict[Sort, QuerySet[Any]]:
    """Of what was imported and nobody has claimed yet nobody is the owner; that waits, and is no orphan."""
    cases = sight_of(user).filter(searched(filters.search)).unsettled(at)
    return {
        Sort.CASE: cases.filter(GONE),
        Sort.IDENTITY: Identity.objects.visible_to(user).search(filters.search).filter(_OWNERLESS, is_active=True),
        Sort.SYSTEM: System.objects.visible_to(user).search(filters.search).filter(_OWNERLESS, is_active=True),
        Sort.CONTROL: Control.objects.visible_to(user).search(filters.search).filter(_OWNERLESS, is_active=True),
    }


def _rows(sort: Sort, found: Iterable[tuple[Sort, int, datetime | None]]) -> Iterable[Any]:
    keys = [key for of, key, _since in found if of == sort]
    rows = MODELS[sort]._default_manager.filter(pk__in=keys)
    return rows.select_related(*_JOINS[sort]) if keys else ()


def _last_owners(rows: Mapping[tuple[Sort, int], Any]) -> dict[tuple[Sort, int], User]:
    """Whose they are, or were last where nobody is named any more."""
    owners: dict[tuple[Sort, int], User] = {at: row.owner for at, row in rows.items() if row.owner is not None}
    former: dict[tuple[Sort, int], int] = {}
    for sort in Sort:
        keys = [key for of, key in rows if of == sort and (of, key) not in owners]
        former |= {(sort, key): owner for key, owner in last_owners(MODELS[sort], keys).items()}
    people = User.objects.in_bulk(former.values()) if former else {}
    return owners | {at: people[owner] for at, owner in former.items() if owner in people}
