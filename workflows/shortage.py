"""Requests whose approvers left, or came to gain: who stands behind them hears of it at once, not when time is up."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.models import ApproverGroup, User
from exceptions_app.models import ExceptionCase, State, Step
from exceptions_app.sources import asks
from workflows import reminders
from workflows.models import Effect


def look_again(effect: Effect, *, at: datetime) -> str:
    """Look whether what happened to a group, a person or a request leaves a step too few people."""
    kind, _slash, key = effect.event.stream.name.rpartition("/")
    waiting = Step.objects.filter(route__voided_at__isnull=True, route__case__state=State.REQUESTED)
    cases = list(waiting.filter(_touched(kind, key)).values_list("route__case", flat=True).distinct())
    return "" if reminders.raise_short(keys=cases, at=at) else "no step has too few people"


def _touched(kind: str, key: str) -> Q:
    """Steps that this entry of the ledger could have left short."""
    if kind == "accounts/groups":
        return asks([], ApproverGroup.objects.filter(slug=key).values("pk"))
    if kind == "accounts/users":
        people = list(User.objects.filter(pseudonym=key).values_list("pk", flat=True))
        return asks(people, ApproverGroup.objects.filter(memberships__member__in=people).values("pk"))
    return Q(route__case__in=ExceptionCase.objects.filter(reference=key).values("pk"))
