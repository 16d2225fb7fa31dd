"""What a person may bear witness of: that safeguards work, that access is gone; as filters of cases."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import GroupMembership, User
from exceptions_app.models import Decision, ExceptionCase, Grant, Step
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.seating import gained_by
from exceptions_app.sources import asks


def witnessed(user: User, at: datetime) -> CaseQuerySet:
    """Cases whose control, system or standing step is this person's: `rules.witnesses` as a filter."""
    if user.is_auditor:
        return ExceptionCase.objects.none()
    groups = GroupMembership.objects.filter(member=user).values("group")
    systems = Grant.objects.filter(case=OuterRef("pk"), system__owner=user)
    steps = Step.objects.filter(asks([user.pk], groups), route__case=OuterRef("pk"), route__voided_at__isnull=True)
    approves = Q(control__approver_group__in=groups) | Q(Exists(steps))
    return impartial(ExceptionCase.objects.filter(Q(control__owner=user) | approves | Q(Exists(systems))), user, at)


def impartial(cases: CaseQuerySet, user: User, at: datetime) -> CaseQuerySet:
    """Leave out what this person gains from or stepped aside from: `judges.barred_ids` as a filter."""
    aside = Decision.objects.recusals().filter(person=user, voided_at__isnull=True, step__route__case=OuterRef("pk"))
    gained = ExceptionCase.objects.filter(gained_by(user, at), pk=OuterRef("pk"))
    return cases.exclude(Exists(gained)).exclude(Exists(aside))
