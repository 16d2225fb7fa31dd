"""`visible_to` for pages of many cases: the same cases, asked so that the database finds the few by their indexes.

What a person has (groups, controls, identities, reports, systems) is looked up first, so the question names only
columns of the case. Where it would name more than MANY cases one by one, each case is asked instead: a page of them is
soon full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from accounts.models import GroupMembership, User
from catalog.models import Control, Identity, System
from exceptions_app.models import Editor, ExceptionCase, Grant, State, Step
from exceptions_app.models.querysets import CaseQuerySet

MANY = 1000


@dataclass(frozen=True)
class Sight:
    """All the cases that exist for a person, and those of them that need no look beyond the case's own columns.

    `plain` is None where that is all of them: it saves a count that would ask one case after the other.
    """

    whole: CaseQuerySet
    plain: CaseQuerySet | None = None

    def narrowed(self, by: Callable[[CaseQuerySet], CaseQuerySet]) -> Sight:
        """The same of fewer cases."""
        return Sight(by(self.whole), None if self.plain is None else by(self.plain))


def sight_of(user: User) -> Sight:
    """The cases that exist for this person. Asks the database at most three small questions."""
    cases = ExceptionCase.objects.all()
    if not user.is_active:
        return Sight(cases.none())
    if user.is_auditor or user.is_programme_manager:
        return Sight(cases)
    has = _belongings(user)
    judged = [*_judged(has)]
    plain = [*_involved(user, has), *(branch for branch, is_plain in judged if is_plain)]
    whole = cases.filter(_any([*plain, *(branch for branch, is_plain in judged if not is_plain)]))
    return Sight(whole, None if all(is_plain for _branch, is_plain in judged) else cases.filter(_any(plain)))


def _belongings(user: User) -> dict[str, set[int]]:
    """Keys of what this person has, by kind, in one query."""
    memberships = GroupMembership.objects.filter(member=user)
    fallback = memberships.filter(group__is_fallback=True)
    decided = Control.objects.filter(approver_group__in=memberships.values("group"))
    edited = Editor.objects.filter(person=user, case__requester__isnull=False)
    edited = edited.exclude(case__requester=user).exclude(case__owner=user)
    first, *others = [
        _keys("group", memberships, "group"),
        _keys("fallback", fallback, "group"),
        _keys("decided", decided),
        _keys("edited", edited, "case"),
        _keys("control", Control.objects.filter(owner=user)),
        _keys("identity", Identity.objects.filter(owner=user)),
        _keys("system", System.objects.filter(owner=user)),
        _keys("report", User.objects.filter(manager=user)),
    ]
    found = defaultdict[str, set[int]](set)
    for what, key in first.union(*others, all=True):
        found[what].add(key)
    return found


def _keys(what: str, rows: QuerySet[Any], key: str = "pk") -> QuerySet[Any, tuple[str, int]]:
    named: QuerySet[Any, tuple[str, int]] = (
        rows.order_by().annotate(of=Value(what), key=F(key)).values_list("of", "key")
    )
    return named


def _involved(user: User, has: dict[str, set[int]]) -> Iterable[Q]:
    yield Q(requester=user)
    yield Q(requester__isnull=True)
    yield Q(owner=user)
    yield Q(backup_owner=user)
    yield Q(identity__in=has["identity"])
    yield Q(control__in=has["control"])
    yield Q(owner__in=has["report"])
    yield Q(pk__in=has["edited"])


def _judged(has: dict[str, set[int]]) -> Iterable[tuple[Q, bool]]:
    """What is asked of this person's groups or opens their systems, drafts left out; and whether it is plain."""
    asked = ~Q(state=State.DRAFT)
    if has["fallback"]:
        yield asked, True
    if has["group"]:
        yield asked & Q(control__in=has["decided"]), True
        steps, is_plain = _named(Step.objects.filter(group__in=has["group"]).order_by(), "route__case")
        yield asked & steps, is_plain
    if has["system"]:
        grants, is_plain = _named(Grant.objects.filter(system__in=has["system"]), "case")
        yield asked & grants, is_plain


def _named(rows: QuerySet[Any], case: str) -> tuple[Q, bool]:
    """The cases these rows belong to: plainly by their keys where they are few, else asked case by case."""
    keys = list(rows.values_list(case, flat=True)[: MANY + 1])
    if len(keys) <= MANY:
        return Q(pk__in=set(keys)), True
    return Q(each_with(rows, case)), False


def each_with(rows: QuerySet[Any], case: str = "case") -> Exists:
    """Whether a case has such rows, asked of one case after the other.

    Written as a range: an equality PostgreSQL would answer for all cases at once, before it shows the first.
    """
    return Exists(rows.filter(**{f"{case}__gte": OuterRef("pk"), f"{case}__lte": OuterRef("pk")}))


def _any(branches: Iterable[Q]) -> Q:
    return reduce(or_, branches)
