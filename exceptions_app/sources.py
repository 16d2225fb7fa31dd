"""Who may fill a step: its source, the lead behind it, the fallback group; resolved at the moment of asking.

For many steps of many cases at once, in a number of queries that does not grow (promises 4, 6 and 7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from accounts import absences
from accounts.models import ApproverGroup, GroupMembership, User
from exceptions_app.models import ExceptionCase, Grant, Source, Step


class Stand(IntEnum):
    """How somebody comes to fill a step: of its source, or because that has too few who may decide (promise 6)."""

    OWN = 0
    LEAD = 1
    FALLBACK = 2


@dataclass(frozen=True)
class Sitter:
    """Somebody who may fill a step; `for_whom` is away, and this is their delegate."""

    user: User
    stand: Stand
    for_whom: User | None = None


@dataclass(frozen=True)
class Sitting:
    """Who may fill a step, and everyone it asks, by key, those who may not among them."""

    sitters: list[Sitter]
    asked: dict[int, User]


@dataclass(frozen=True)
class Bench:
    """Those who can decide at all, at an instant: active, no auditors.

    Members and leads are by their group, delegates by the absent.
    """

    members: Mapping[int, Mapping[int, User]]
    leads: Mapping[int, User]
    owners: Mapping[int | None, Mapping[int, User]]
    delegates: Mapping[int, User]
    fallback: int
    at: datetime

    def sitting(
        self, step: Step, case: ExceptionCase, *, barred: set[int], given: int, reached: Stand = Stand.OWN
    ) -> Sitting:
        """Who may fill the step, those of its source first.

        `barred` may not: they gain, stepped aside, or have spoken elsewhere. The lead, then the fallback group, stand
        behind where those who may and those whose answers were `given` are fewer than the step needs, or where its
        time has `reached` them.
        """
        found, asked, heard = dict[int, Sitter](), dict[int, User](), given
        for stand in Stand:
            people = self.rank(step, case, stand)
            standing_in = [self.delegates[key] for key in people if key in self.delegates]
            asked |= {**people, **{user.pk: user for user in standing_in}}
            able = {key: user for key, user in people.items() if key not in barred}
            fresh = {key: Sitter(user, stand) for key, user in able.items() if key not in found}
            heard += len(fresh)
            found |= fresh
            for key, absent in able.items():  # one who stands in below may be away as what they are here
                stands_in = self.delegates.get(key)
                if stands_in is not None and stands_in.pk not in barred:
                    found.setdefault(stands_in.pk, Sitter(stands_in, stand, absent))
            if heard >= step.count and stand >= reached:
                break
        return Sitting(list(found.values()), asked)

    def rank(self, step: Step, case: ExceptionCase, stand: Stand) -> Mapping[int, User]:
        """The people who fill the step in this way, by key."""
        group = group_of(step, case)
        if stand == Stand.FALLBACK:
            return self.members.get(self.fallback, {})
        if stand == Stand.OWN and group is not None:
            return self.members.get(group, {})
        if stand == Stand.OWN:
            people = self._named(step, case)
        elif group is not None:
            people = [self.leads[group]] if group in self.leads else []
        else:
            people = [user.manager for user in self._named(step, case) if user.manager is not None]
        return {user.pk: user for user in people if can_decide(user)}

    def _named(self, step: Step, case: ExceptionCase) -> list[User]:
        """The people a source other than a group names, those who left among them."""
        match step.source:
            case Source.CONTROL_OWNER:
                found = [case.control.owner if case.control else None]
            case Source.CONTROL_LEAD:
                found = [case.control.owner.manager if case.control and case.control.owner else None]
            case Source.OWNER_MANAGER:
                found = [case.identity.owner.manager if case.identity and case.identity.owner else None]
            case Source.SYSTEM_OWNER:
                found = [*self.owners.get(case.pk, {}).values()]
            case _:
                found = [step.person]
        return [user for user in found if user is not None]


def group_of(step: Step, case: ExceptionCase) -> int | None:
    """Key of the group the step asks today; None where it asks people."""
    if step.source == Source.CONTROL_GROUP:
        return case.control.approver_group_id if case.control else None
    return step.group_id


GROUP_ASKED = Case(
    When(source=Source.CONTROL_GROUP, then=F("route__case__control__approver_group")), default=F("group")
)
PERSON_ASKED = Case(
    When(source=Source.CONTROL_OWNER, then=F("route__case__control__owner")),
    When(source=Source.CONTROL_LEAD, then=F("route__case__control__owner__manager")),
    When(source=Source.OWNER_MANAGER, then=F("route__case__identity__owner__manager")),
    default=F("person"),
)
"""`group_of` a step, and the one person it asks, in SQL."""


def asks(people: Sequence[int], groups: Collection[int] | QuerySet[Any, Any]) -> Q:
    """Steps whose source is one of these people, by key, or one of these groups, whoever gains."""
    return _sources(people, groups, "")


def backs(people: Sequence[int], groups: Collection[int]) -> Q:
    """Steps behind whose source one of these people stands as lead: of those who are named, or of these groups."""
    return _sources(people, groups, "__manager")


def _sources(people: Sequence[int], groups: Collection[int] | QuerySet[Any, Any], of: str) -> Q:
    owned = Grant.objects.filter(case=OuterRef("route__case"), **{f"system__owner{of}__in": people})
    named = {
        Source.CONTROL_OWNER: "route__case__control__owner",
        Source.CONTROL_LEAD: "route__case__control__owner__manager",
        Source.OWNER_MANAGER: "route__case__identity__owner__manager",
        Source.PERSON: "person",
    }
    found = Q(source=Source.GROUP, group__in=groups)
    found |= Q(source=Source.CONTROL_GROUP, route__case__control__approver_group__in=groups)
    for source, path in named.items():
        found |= Q(("source", source), (f"{path}{of}__in", people))
    return found | Q(source=Source.SYSTEM_OWNER) & Q(Exists(owned))


def can_decide(user: User) -> bool:
    return user.is_active and not user.is_auditor


def bench(
    steps: Iterable[Step], cases: Sequence[ExceptionCase], at: datetime, *, grants: Sequence[Grant] | None = None
) -> Bench:
    """Everyone these steps could ask at `at` (UTC), whatever their cases; four queries at most.

    The cases come with their controls and identities, and these with their owners. `grants` are those of a case that is
    not stored.
    """
    steps = list(steps)
    groups = {step.group_id for step in steps if step.group_id}
    groups |= {case.control.approver_group_id for case in cases if case.control}
    members = _members(groups)
    rows = ApproverGroup.objects.filter(Q(pk__in=groups) | Q(is_fallback=True)).select_related("lead")
    fallback, leads = 0, dict[int, User]()
    for row in rows:
        fallback = row.pk if row.is_fallback else fallback
        if row.lead is not None:
            leads[row.pk] = row.lead
    owners: Mapping[int | None, Mapping[int, User]] = {}
    if any(step.source == Source.SYSTEM_OWNER for step in steps):
        owners = _system_owners(_grants_of(cases) if grants is None else grants)
    return Bench(members, leads, owners, absences.standing_in(at), fallback, at)


def reached(case: ExceptionCase, at: datetime) -> Stand:
    """To whom time has opened the step whose turn it is by `at` (UTC): to its lead, then to the fallback group."""
    if case.fallback_from_at is not None and case.fallback_from_at <= at:
        return Stand.FALLBACK
    return Stand.LEAD if case.lead_from_at is not None and case.lead_from_at <= at else Stand.OWN


def _members(groups: set[int]) -> dict[int, dict[int, User]]:
    wanted = Q(group__in=groups) | Q(group__is_fallback=True)
    rows = GroupMembership.objects.filter(wanted, member__is_active=True, member__is_auditor=False)
    members: dict[int, dict[int, User]] = defaultdict(dict)
    for row in rows.select_related("member").order_by("member__name", "member__email"):
        members[row.group_id][row.member_id] = row.member
    return members


def _grants_of(cases: Sequence[ExceptionCase]) -> Iterable[Grant]:
    rows = Grant.objects.filter(case__in=cases, system__owner__isnull=False)
    return rows.select_related("system__owner__manager").order_by("system__owner__name", "pk")


def _system_owners(grants: Iterable[Grant]) -> dict[int | None, dict[int, User]]:
    """The owners of the systems each case opens, by the case's key."""
    found: dict[int | None, dict[int, User]] = defaultdict(dict)
    for grant in grants:
        if grant.system is not None and grant.system.owner is not None:
            found[grant.case_id][grant.system.owner.pk] = grant.system.owner
    return found
