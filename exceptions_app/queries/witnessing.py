"""What a person may bear witness of: that safeguards work, that access is gone; as filters of cases."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import GroupMembership, User
from exceptions_app import judges
from exceptions_app.models import Decision, ExceptionCase, Grant, Source, Step
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.seating import gained_by
from exceptions_app.sources import asks


def witnessed(user: User, at: datetime) -> CaseQuerySet:
    """Cases whose control, system or standing step is this person's: `rules.witnesses` as a filter."""
    if user.is_auditor:
        return ExceptionCase.objects.none()
    systems = Grant.objects.filter(case=OuterRef("pk"), system__owner=user)
    return impartial(ExceptionCase.objects.filter(approves(user) | Q(Exists(systems))), user, at)


def approves(user: User) -> Q:
    """Of cases: those whose control or standing step is this person's, whoever gains; `rules.judges_it` as a filter."""
    groups = GroupMembership.objects.filter(member=user).values("group")
    steps = Step.objects.filter(asks([user.pk], groups), route__case=OuterRef("pk"), route__voided_at__isnull=True)
    return Q(control__owner=user) | Q(control__approver_group__in=groups) | Q(Exists(steps))


def witnesses_of(case: ExceptionCase, at: datetime) -> list[User]:
    """The same people of one case: those first who verified something of it last, then by name. Four queries or so."""
    return _able(case, at, Q(pk__in=case.grants.values("system__owner")))


def approvers_of(case: ExceptionCase, at: datetime) -> list[User]:
    """Those of them who do so as an approver or the control's owner, in the same order."""
    return _able(case, at, Q())


def _able(case: ExceptionCase, at: datetime, besides: Q) -> list[User]:
    control, identity = case.control, case.identity
    if control is None:
        return []
    steps = list(Step.objects.filter(route__case=case, route__voided_at__isnull=True))
    sources, groups = {step.source for step in steps}, {control.approver_group_id, *(step.group_id for step in steps)}
    keys = {control.owner_id, *(step.person_id for step in steps)}
    if Source.CONTROL_LEAD in sources and control.owner is not None:
        keys.add(control.owner.manager_id)
    if Source.OWNER_MANAGER in sources and identity is not None and identity.owner is not None:
        keys.add(identity.owner.manager_id)
    members = GroupMembership.objects.filter(group__in=groups - {None})
    named = Q(pk__in=keys - {None}) | Q(pk__in=members.values("member")) | besides
    people = User.objects.active().filter(named, is_auditor=False)
    able = people.exclude(pk__in=judges.barred_ids(case, at)).order_by("name", "pk")
    before = set(case.safeguards.values_list("verified_by", flat=True))
    return sorted(able, key=lambda person: person.pk not in before)


def impartial(cases: CaseQuerySet, user: User, at: datetime) -> CaseQuerySet:
    """Leave out what this person gains from or stepped aside from: `judges.barred_ids` as a filter."""
    aside = Decision.objects.recusals().filter(person=user, voided_at__isnull=True, step__route__case=OuterRef("pk"))
    gained = ExceptionCase.objects.filter(gained_by(user, at), pk=OuterRef("pk"))
    return cases.exclude(Exists(gained)).exclude(Exists(aside))
