"""Which rules ask whom: matches a case to its route."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.errors import NotPossible
from catalog.models import Tier
from exceptions_app.models import ExceptionCase
from exceptions_app.routing import RoutePlan, StepPlan

TIME_TO_DECIDE = {
    Tier.CRITICAL: timedelta(days=2),
    Tier.HIGH: timedelta(days=3),
    Tier.MODERATE: timedelta(days=5),
    Tier.LOW: timedelta(days=7),
}
"""How long the approvers have from submission, by risk tier."""

BY_APPROVER_GROUP = _("Every exception is decided by the control's approver group")


def route_for(case: ExceptionCase) -> RoutePlan:
    """The route this case takes as it stands; the row may be unsaved. Raises NotPossible while no control is named."""
    if case.control is None:
        raise NotPossible(_("Name the control first: its approver group decides."))
    group = case.control.approver_group
    step = StepPlan(name=group.name, group=group, count=1, reasons=(str(BY_APPROVER_GROUP),))
    return RoutePlan(steps=(step,), decide_within=time_to_decide(case))


def time_to_decide(case: ExceptionCase) -> timedelta:
    """How long the approvers have at the case's tier; as for critical while the tier is unknown."""
    return TIME_TO_DECIDE[Tier(case.risk_tier or Tier.CRITICAL)]
