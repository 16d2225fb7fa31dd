"""Every case goes to its control's approver group."""

from datetime import timedelta

import pytest

from accounts.errors import NotPossible
from catalog.models import Tier
from exceptions_app.models import ExceptionCase
from tests.workflows.stage import AT
from workflows.routing import route_for


def test_route_is_one_positive_decision_of_the_controls_group_with_its_reason(stage):
    [step] = route_for(ExceptionCase(control=stage.control, risk_tier=Tier.LOW)).steps

    assert (step.group, step.count) == (stage.group, 1)
    assert step.reasons == ("Every exception is decided by the control's approver group",)


@pytest.mark.parametrize(
    ("tier", "days"), [(Tier.CRITICAL, 2), (Tier.HIGH, 3), (Tier.MODERATE, 5), (Tier.LOW, 7), (None, 2)]
)
def test_time_to_decide_follows_the_tier(stage, tier, days):
    plan = route_for(ExceptionCase(control=stage.control, risk_tier=tier))

    assert plan.decide_within == timedelta(days=days)


def test_without_a_control_nobody_can_be_asked():
    with pytest.raises(NotPossible):
        route_for(ExceptionCase())


def test_submission_pins_the_route_and_its_deadline(stage):
    case = stage.requested()

    assert case.decide_by_at == AT + timedelta(days=7)
    assert case.routes.get().steps.get().group == stage.group
