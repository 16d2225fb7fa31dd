"""While a request waits: one approver takes it, its requester nudges, somebody raises its risk."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from catalog.models import Tier
from exceptions_app import judges, limits
from exceptions_app.models import ExceptionCase, State
from exceptions_app.routing import Router
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.requesting import ask_anew, send_back, ungrant, void_route

TAKEN_FOR = timedelta(hours=4)
"""So long others see that somebody is at it; it keeps nobody from deciding."""


def take(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """Let the other approvers see that this person is at it, for `TAKEN_FOR`. Raises NotAllowed, NotPossible."""
    with acting("take", case=case, actor=actor, at=at) as (row, change):
        row.taken_by, row.taken_until_at = actor, at + TAKEN_FOR
        change.event(row, "case.taken", until_at=row.taken_until_at)
    return row


def release(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """Let the others see that this person is no longer at it."""
    with acting("release", case=case, actor=actor, at=at) as (row, change):
        row.let_go()
        change.event(row, "case.released")
    return row


def nudge(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """Remind those whose turn it is, once a day at most. Raises NotAllowed, NotPossible."""
    with acting("nudge", case=case, actor=actor, at=at) as (row, change):
        step = judges.current_step(row)
        row.nudged_at = at
        change.event(row, "case.nudged", step_name=step.name if step else "")
    return row


def raise_tier(
    *, case: ExceptionCase, actor: User, at: datetime, tier: Tier, reason: str, router: Router
) -> ExceptionCase:
    """Hold the risk for higher than it was asked at; nobody lowers it again (promise 9).

    The request is routed anew and earlier decisions are void. Where the higher risk asks more of it than it has, it
    goes back to its requester as a draft. Raises NotPossible for a tier that is not higher.
    """
    reason = demand(reason, _("Say why the risk is higher."))
    with acting("raise_tier", case=case, actor=actor, at=at) as (row, change):
        before = Tier(row.risk_tier or Tier.LOW)
        if tier <= before:
            raise NotPossible(_("The risk is %(tier)s already; it can only be raised.") % {"tier": before.label})
        row.least_tier = row.risk_tier = tier
        from_state, count = row.state, void_route(row, change, str(_("The risk was raised.")))
        dropped = ungrant(row, change)
        if row.state == State.APPROVED:
            row.reopen(at=at, within=timedelta())
        told = {"from_tier": before, "to_tier": tier.value, "from_state": from_state, "dropped_conditions": dropped}
        change.event(row, "case.tier_raised", **told, reason=reason, voided_decisions=count)
        change.touch(row)
        change.write()
        missing = limits.problems(limits.Draft.stored(row), at)
        if missing:
            lacks = " ".join(problem.sentence for problem in missing)
            send_back(row, change, f"{reason} {lacks}")
        else:
            ask_anew(row, change, router, reason="tier_raised")
    return row
