"""Who may be asked to approve with a second factor and has none: told beforehand, not at the decision."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.sign_ins import SECOND_FACTORS
from exceptions_app.models import Assurance, Source
from workflows.models import RuleStep


def lacking(people: QuerySet[User]) -> dict[User, list[str]]:
    """Those of these people who have none, with the names of the rules that ask them for one, now or from a later day.

    One query, and one more for each step that wants a second factor.
    """
    steps = RuleStep.objects.filter(rule__is_on=True, assurance=Assurance.MFA).select_related("rule")
    has_one = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    able = people.filter(~Exists(has_one), is_active=True, is_auditor=False)
    found: dict[User, list[str]] = {}
    for step in steps.order_by("rule__name"):
        for person in able.filter(_asked(step)).distinct():
            names = found.setdefault(person, [])
            if step.rule.name not in names:
                names.append(step.rule.name)
    return found


def _asked(step: RuleStep) -> Q:
    """Those whom the step may ask, of whatever case."""
    return {
        Source.GROUP: Q(approver_groups=step.group) | Q(groups_led=step.group),
        Source.CONTROL_GROUP: Q(approver_groups__controls__isnull=False) | Q(groups_led__controls__isnull=False),
        Source.CONTROL_OWNER: Q(controls_owned__isnull=False),
        Source.CONTROL_LEAD: Q(reports__controls_owned__isnull=False),
        Source.SYSTEM_OWNER: Q(systems_owned__isnull=False),
        Source.OWNER_MANAGER: Q(reports__identities_owned__isnull=False),
        Source.PERSON: Q(pk=step.person_id),
    }[Source(step.source)]
