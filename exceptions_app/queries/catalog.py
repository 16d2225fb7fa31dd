"""What the pages of the catalog show of exceptions: how many are in force, which there are, what they open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Case, Count, F, IntegerField, Value, When

from accounts.models import User
from catalog.models import Control, FrameworkItem, Identity, System, Vendor
from exceptions_app import terms
from exceptions_app.models import LIVE, ExceptionCase, Grant, Period
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.register import in_force_of

SHOWN = 25
By = Literal["control", "identity", "identity__vendor", "grants__system"]


@dataclass(frozen=True)
class Listed:
    """The first few exceptions or grants, each with whether it is in force, and how many there are."""

    rows: Sequence[tuple[ExceptionCase, bool]] | Sequence[tuple[Grant, bool]]
    count: int

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


def in_force_counts(user: User, at: datetime, *, by: By, keys: Sequence[int]) -> dict[int, int]:
    """How many exceptions this person may see are in force at `at` for each of these rows; one query."""
    cases = ExceptionCase.objects.visible_to(user).in_force(at).filter(**{f"{by}__in": keys})
    counted = cases.order_by().values(by).annotate(n=Count("pk", distinct=True))
    return {row[by]: row["n"] for row in counted}


def cases_of(user: User, at: datetime, entry: Control | Identity | Vendor) -> Listed:
    """Exceptions to a control, for an identity or for a vendor's, that this person may see: live ones first."""
    cases = ExceptionCase.objects.visible_to(user)
    match entry:
        case Control():
            return _listed(cases.filter(control=entry), at)
        case Identity():
            return _listed(cases.filter(identity=entry), at)
        case Vendor():
            its = Identity.objects.filter(vendor=entry).values("pk").order_by()
            return _listed(cases.filter(identity__in=its), at)


def cases_answering(user: User, at: datetime, item: FrameworkItem) -> Listed:
    """Exceptions this person may see to the controls that answer to a framework item, in the same order."""
    controls = Control.objects.filter(mappings__item=item).values("pk").order_by()
    return _listed(ExceptionCase.objects.visible_to(user).filter(control__in=controls), at)


def _listed(found: CaseQuerySet, at: datetime) -> Listed:
    rows = list(found.with_names().order_by(_live_first("state"), "-created_at", "-pk")[:SHOWN])
    in_force = in_force_of(rows, at)
    return Listed([(case, case.pk in in_force) for case in rows], found.count())


def grants_in_force(user: User, at: datetime, identity: Identity) -> list[Grant]:
    """What the identity may do at `at` by the exceptions this person may see, the soonest end first."""
    cases = ExceptionCase.objects.visible_to(user).filter(identity=identity).in_force(at)
    grants = Grant.objects.filter(case__in=cases.values("pk").order_by()).select_related("case", "system")
    return [grant for grant in grants.order_by("case__expires_at", "case", "pk") if grant.opens is not None]


@dataclass(frozen=True)
class Spent:
    """How long exceptions to one control were in force for an identity up to now, and how many they were."""

    control: Control
    time: timedelta
    count: int


def time_in_force(user: User, at: datetime, identity: Identity) -> list[Spent]:
    """By control, the longest first, of the exceptions this person may see; time that overlaps counts once."""
    cases = ExceptionCase.objects.visible_to(user).filter(identity=identity).values("pk").order_by()
    begun = Period.objects.filter(case__in=cases, from_at__lt=at).exclude(until_at=F("from_at"))
    periods = begun.select_related("case__control")
    by_control = dict[Control, list[Period]]()
    for period in periods.order_by("from_at"):
        if period.case.control is not None:
            by_control.setdefault(period.case.control, []).append(period)
    spent = [
        Spent(control, terms.time_in_force(_until(at, own)), len({period.case_id for period in own}))
        for control, own in by_control.items()
    ]
    return sorted(spent, key=lambda one: one.time, reverse=True)


def _until(at: datetime, periods: Sequence[Period]) -> list[Period]:
    return [Period(case=one.case, from_at=one.from_at, until_at=min(one.until_at, at)) for one in periods]


def grants_on(user: User, at: datetime, system: System) -> Listed:
    """What the exceptions this person may see open on a system: live ones first, then the newest."""
    found = Grant.objects.filter(system=system, case__in=ExceptionCase.objects.visible_to(user).values("pk"))
    ordered = found.order_by(_live_first("case__state"), "-case__created_at", "pk")
    rows = list(ordered.select_related("case__control", "case__identity", "case__owner")[:SHOWN])
    in_force = in_force_of([grant.case for grant in rows], at)
    return Listed([(grant, grant.case_id in in_force) for grant in rows], found.count())


def _live_first(state: str) -> Case:
    return Case(When(**{f"{state}__in": LIVE}, then=Value(0)), default=Value(1), output_field=IntegerField())
