"""Which cases the register is asked for, and how each question is put so that an index answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import ApproverGroup, Team, User
from catalog.models import Control, FrameworkItem, Identity, System, Vendor
from exceptions_app.models import ACTIVATED, ENDED, LIVE, AskedGroup, Grant, RemovalState, Safeguard
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.sight import MANY, each_with, of_cases

DEBTS = 10_000
"""Debts are named by their keys up to so many: they lie far back in the register, behind all that is in force."""
NAMED = 100
"""Rows of the catalog and people are named by their keys up to so many."""
NAMES = ("slug", "name")


@dataclass(frozen=True)
class Filters:
    """What a person asked to see; empty means any. Of two instants the second is no longer part of it."""

    search: str = ""
    states: Sequence[str] = ()
    tiers: Sequence[int] = ()
    kinds: Sequence[str] = ()
    credential_form: str = ""
    control: str = ""
    item: str = ""
    identity: str = ""
    identity_kind: str = ""
    environment: str = ""
    team: str = ""
    vendor: str = ""
    system: str = ""
    owner: str = ""
    requester: str = ""
    group: str = ""
    renewals: tuple[int, int | None] | None = None
    ends: tuple[datetime | None, datetime | None] = (None, None)
    filed: tuple[datetime | None, datetime | None] = (None, None)
    unverified: bool = False
    mine: bool = False
    held: bool = False
    in_force: bool = False
    owed: bool = False
    ending_days: int | None = None


def filtered(cases: CaseQuerySet, user: User, filters: Filters, at: datetime) -> CaseQuerySet:
    """Those of the cases that answer all but the search and the states, which have ways of their own."""
    cases = cases.filter(_own(filters) & _named(filters) & _between(filters))
    if filters.mine:
        cases = cases.filter(Q(requester=user) | Q(owner=user) | Q(backup_owner=user))
    if filters.held:
        cases = cases.filter(answered_for_by(user))
    if filters.in_force:
        cases = cases.in_force(at)
    if filters.ending_days is not None:
        until = at + timedelta(days=filters.ending_days)
        cases = cases.filter(state__in=ACTIVATED, expires_at__gt=at, expires_at__lte=until)
    if filters.unverified:
        cases = cases.filter(each_with(Safeguard.objects.lacking(at)), state__in=LIVE)
    if filters.owed:
        owed = Grant.objects.filter(removal_state=RemovalState.OWED)
        cases = cases.filter(of_cases(owed, most=DEBTS), state__in=ENDED)
    return cases


def answered_for_by(user: User) -> Q:
    """What this person owns, or accepted to back its owner of."""
    return Q(owner=user) | Q(backup_owner=user, backup_accepted_at__isnull=False)


def _own(filters: Filters) -> Q:
    """What the case's own columns tell, and its identity's."""
    asked: dict[str, Any] = {
        "risk_tier__in": filters.tiers,
        "kind__in": filters.kinds,
        "credential_form": filters.credential_form,
        "identity__kind": filters.identity_kind,
        "identity__environment": filters.environment,
    }
    found = Q(**{column: value for column, value in asked.items() if value})
    if filters.renewals:
        least, most = filters.renewals
        found &= Q(renewal_number__gte=least) & (Q() if most is None else Q(renewal_number__lte=most))
    return found


def _named(filters: Filters) -> Q:
    """What was named, looked up first; nothing is about one that does not exist."""
    found = Q()
    if filters.control:
        found &= Q(control__in=_keys(Control.objects.filter(code__iexact=filters.control)))
    if filters.item:
        items = FrameworkItem.objects.called(filters.item).values("pk").order_by()
        found &= Q(control__in=_keys(Control.objects.filter(mappings__item__in=items).distinct()))
    if filters.identity:
        found &= _one_of("identity", _called(Identity.objects.all(), filters.identity, *NAMES))
    if filters.team:
        found &= _of_identities("team", _called(Team.objects.all(), filters.team, "name"))
    if filters.vendor:
        found &= _of_identities("vendor", _called(Vendor.objects.all(), filters.vendor, *NAMES))
    if filters.system:
        found &= of_cases(
            Grant.objects.filter(_one_of("system", _called(System.objects.all(), filters.system, *NAMES)))
        )
    if filters.group:
        groups = _called(ApproverGroup.objects.all(), filters.group, *NAMES)
        found &= of_cases(AskedGroup.objects.filter(_one_of("group", groups)))
    for column, said in (("owner", filters.owner), ("requester", filters.requester)):
        if said:
            found &= _one_of(column, _called(User.objects.all(), said, "email", "name"))
    return found


def _between(filters: Filters) -> Q:
    found = Q()
    for column, (start, end) in (("expires_at", filters.ends), ("created_at", filters.filed)):
        if start:
            found &= Q(**{f"{column}__gte": start})
        if end:
            found &= Q(**{f"{column}__lt": end})
    return found


def _of_identities(column: str, rows: QuerySet[Any]) -> Q:
    """Cases whose identities have one of these rows: named by the identities where they are few."""
    keys = _keys(Identity.objects.filter(_one_of(column, rows))[: MANY + 1])
    return Q(identity__in=keys) if len(keys) <= MANY else _one_of(f"identity__{column}", rows)


def _one_of(column: str, rows: QuerySet[Any]) -> Q:
    """Whether the column names one of the rows, by their keys where they are few."""
    keys = _keys(rows.order_by()[: NAMED + 1])
    return Q(**{f"{column}__in": keys if len(keys) <= NAMED else rows.order_by().values("pk")})


def _called(rows: QuerySet[Any], said: str, *columns: str) -> QuerySet[Any]:
    """The rows of that very handle, else of that name, else those whose name has it in it.

    Handles and addresses are in small letters and have an index; the rest looks at every row.
    """
    for called in (rows.filter(**{columns[0]: said.lower()}), rows.filter(_any(columns, "iexact", said))):
        if called.exists():
            return called
    return rows.filter(_any(columns, "icontains", said))


def _any(columns: Sequence[str], how: str, said: str) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__{how}": said})
    return found


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))
