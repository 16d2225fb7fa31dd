"""`visible_to` for pages of many cases: the same cases, asked so that the database finds the few by their indexes.

What a person has (groups, controls, identities, reports, systems) is looked up first, so the question names only
columns of the case. Where it would name more than MANY cases one by one, each case is asked instead: a page of them is
soon full.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from accounts.models import ApproverGroup, GroupMembership, User
from catalog.models import Control, Identity, System
from exceptions_app.models import AskedGroup, Editor, ExceptionCase, Grant, OwnershipOffer, State, Step
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.keys import among, gathered

MANY = 1000


def sight_of(user: User) -> CaseQuerySet:
    """The cases that exist for this person. Asks the database at most three small questions."""
    cases = ExceptionCase.objects.all()
    if not user.is_active:
        return cases.none()
    if user.is_auditor or user.is_programme_manager:
        return cases
    has = _belongings(user)
    return cases.filter(_any([*_involved(user, has), *_judged(has)]))


def _belongings(user: User) -> dict[str, set[int]]:
    """Keys of what this person has, by kind, in one query."""
    memberships = GroupMembership.objects.filter(member=user)
    fallback = memberships.filter(group__is_fallback=True)
    groups = ApproverGroup.objects.filter(Q(memberships__member=user) | Q(lead=user))
    answerable = User.objects.filter(Q(pk=user.pk) | Q(manager=user)).values("pk")
    decided = Control.objects.filter(Q(approver_group__in=groups.values("pk")) | Q(owner__in=answerable))
    named = Step.objects.filter(Q(person__in=answerable) | Q(decisions__person=user))
    edited = Editor.objects.filter(person=user, case__requester__isnull=False)
    edited = edited.exclude(case__requester=user).exclude(case__owner=user)
    return gathered(
        ("group", groups, "pk"),
        ("fallback", fallback, "group"),
        ("decided", decided, "pk"),
        ("edited", edited, "case"),
        ("offered", OwnershipOffer.objects.filter(to=user, answered_at__isnull=True), "case"),
        ("control", Control.objects.filter(owner=user), "pk"),
        ("identity", Identity.objects.filter(owner=user), "pk"),
        ("led", Identity.objects.filter(Q(owner__manager__in=answerable) | Q(team__lead=user)), "pk"),
        ("named", named, "route__case"),
        ("system", System.objects.filter(owner__in=answerable), "pk"),
        ("report", User.objects.filter(manager=user), "pk"),
    )


def _involved(user: User, has: dict[str, set[int]]) -> Iterable[Q]:
    yield Q(requester=user)
    yield Q(requester__isnull=True)
    yield Q(owner=user)
    yield Q(backup_owner=user)
    yield Q(identity__in=has["identity"])
    yield Q(control__in=has["control"])
    yield Q(owner__in=has["report"])
    yield among(has["edited"] | has["offered"])


def _judged(has: dict[str, set[int]]) -> Iterable[Q]:
    """What a step asks or asked of this person or their groups; drafts left out, what says so itself."""
    yield among(has["named"])
    if has["group"]:
        yield of_cases(AskedGroup.objects.filter(group__in=has["group"]))
    asked = ~Q(state=State.DRAFT)
    if has["fallback"]:
        yield asked
    yield asked & Q(control__in=has["decided"])
    yield asked & Q(identity__in=has["led"])
    if has["system"]:
        yield asked & of_cases(Grant.objects.filter(system__in=has["system"]))


def of_cases(rows: QuerySet[Any], most: int | None = None) -> Q:
    """The cases these rows belong to: by their keys where they are at most `most`, else asked case by case."""
    most = MANY if most is None else most
    keys = list(rows.order_by().values_list("case", flat=True)[: most + 1])
    return among(set(keys)) if len(keys) <= most else each_with(rows)


def each_with(rows: QuerySet[Any]) -> Q:
    """Whether a case has such rows, asked of one case after the other.

    Written as a value that is there: EXISTS PostgreSQL would answer for all cases at once, before it shows the first.
    """
    one = rows.filter(case=OuterRef("pk")).order_by().values("case")[:1]
    return Q(IsNull(Subquery(one), False))


def _any(branches: Iterable[Q]) -> Q:
    return reduce(or_, branches)
