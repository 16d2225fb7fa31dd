"""Safeguards of what is approved or in use: how each stands, whose they are to verify, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from exceptions_app.freshness import Freshness
from exceptions_app.models import ACTIVATED, Safeguard, State
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.searching import searched
from exceptions_app.queries.sight import sight_of
from exceptions_app.queries.witnessing import witnessed

RANK = list(Freshness)
COUNTING = (State.APPROVED, *ACTIVATED)


@dataclass(frozen=True)
class GuardFilters:
    """What is looked for. `whose` is "mine" for a person's own exceptions, "verify" for what they may verify."""

    search: str = ""
    whose: str = ""
    freshness: Freshness | None = None


def guards(user: User, filters: GuardFilters, at: datetime) -> QuerySet[Safeguard]:
    """Safeguards this person may see of what is approved or in use at `at`; the most pressing first."""
    found = _found(user, filters, at).annotate(rank=_rank(at), by_at=_by_at())
    if filters.freshness:
        found = found.filter(rank=RANK.index(filters.freshness))
    rows = found.select_related("case__identity", "case__control", "case__owner", "verified_by")
    return rows.order_by("rank", F("by_at").asc(nulls_last=True), "pk")


def numbers(user: User, filters: GuardFilters, at: datetime) -> dict[Freshness, int]:
    """How many there are of each kind, whichever of them is looked for; one query."""
    ranked = _found(user, filters, at).order_by().annotate(rank=_rank(at)).values("rank")
    found = {RANK[rank]: number for rank, number in ranked.annotate(number=Count("pk")).values_list("rank", "number")}
    return {freshness: found.get(freshness, 0) for freshness in RANK}


def _found(user: User, filters: GuardFilters, at: datetime) -> QuerySet[Safeguard]:
    cases = sight_of(user).filter(searched(filters.search)).standing(COUNTING, at)
    if filters.whose == "mine":
        cases = cases.filter(Q(requester=user) | Q(owner=user) | Q(backup_owner=user))
    elif filters.whose == "verify":
        cases = cases.filter(pk__in=witnessed(user, at).standing(COUNTING, at).values("pk"))
    return Safeguard.objects.filter(case__in=cases.values("pk"))


def unfresh(cases: CaseQuerySet, at: datetime) -> CaseQuerySet:
    """Those of the cases of which a safeguard is to be verified, by now or soon."""
    return cases.filter(pk__in=Safeguard.objects.wanting(at).values("case"))


def _rank(at: datetime) -> Case:
    told = (
        (Q(failed_at__isnull=False), Freshness.FAILED),
        (Q(verified_at__isnull=True), Freshness.UNVERIFIED),
        (Q(fresh_until_at__isnull=True) | Q(fresh_until_at__lte=at), Freshness.STALE),
        (Q(due_from_at__lte=at), Freshness.DUE),
    )
    whens = [When(condition, then=Value(RANK.index(found))) for condition, found in told]
    return Case(*whens, default=Value(RANK.index(Freshness.FRESH)), output_field=IntegerField())


def _by_at() -> Coalesce:
    """Until when something has to be done: the exception falls out of force, or does not start."""
    return Coalesce("case__relied_until_at", "case__activate_by_at")
