"""Who may be asked to approve with a second factor and has none: told beforehand, not at the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Absence, ApproverGroup, User
from accounts.sign_ins import SECOND_FACTORS
from catalog.models import Control, Identity, System
from exceptions_app.models import Assurance, Source
from workflows.models import RuleStep


def lacking(people: QuerySet[User], *, at: datetime) -> dict[User, list[str]]:
    """Those of these people who have none, with the names of the rules that ask them for one, now or from a later day.

    Who stands in counts until that is over at `at` (UTC). One query, and one more for each step that wants a second
    factor.
    """
    steps = RuleStep.objects.filter(rule__is_on=True, assurance=Assurance.MFA).select_related("rule")
    has_one = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    able = people.filter(~Exists(has_one), is_active=True, is_auditor=False)
    found: dict[User, list[str]] = {}
    for step in steps.order_by("rule__name"):
        for person in able.filter(_may_be_asked(step, at)):
            names = found.setdefault(person, [])
            if step.rule.name not in names:
                names.append(step.rule.name)
    return found


def _may_be_asked(step: RuleStep, at: datetime) -> Q:
    """Those whom the step may ask, of whatever case, and who has accepted to stand in for one of them, now or soon."""
    behind = Q(approver_groups__is_fallback=True)
    asked = User.objects.filter(_of_source(step) | behind, is_active=True, is_auditor=False)
    promised = Absence.objects.standing(at).filter(accepted_at__isnull=False, person__in=asked)
    return Q(pk__in=asked) | Q(pk__in=promised.values("delegate"))


def _of_source(step: RuleStep) -> Q:
    """The step's source and the leads behind it, as `exceptions_app.sources` has them, behind who left as well."""
    groups = {
        Source.GROUP: ApproverGroup.objects.filter(pk__in=[step.group_id]),
        Source.CONTROL_GROUP: ApproverGroup.objects.filter(controls__isnull=False),
    }
    if step.source in groups:
        asking = groups[Source(step.source)]
        return Q(approver_groups__in=asking) | Q(groups_led__in=asking)
    named: dict[Source, QuerySet[Any, Any]] = {
        Source.CONTROL_OWNER: Control.objects.values("owner"),
        Source.CONTROL_LEAD: Control.objects.values("owner__manager"),
        Source.SYSTEM_OWNER: System.objects.values("owner"),
        Source.OWNER_MANAGER: Identity.objects.values("owner__manager"),
        Source.PERSON: User.objects.filter(pk=step.person_id).values("pk"),
    }
    people = named[Source(step.source)]
    return Q(pk__in=people) | Q(reports__in=people)
