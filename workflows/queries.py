"""What the Effects page shows: how much waits, what fails, what could not be moved, when the clock last came round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Min, Q, QuerySet

from accounts.models import ApproverGroup, User
from accounts.sign_ins import second_factor_page
from audit.models import Pending
from catalog.models import Control, System
from exceptions_app.models import Assurance, Source
from exceptions_app.sources import can_decide
from workflows import reactions
from workflows.models import ApprovalRule, Effect, EffectState, LastRun, RuleStep, Trouble


@dataclass(frozen=True)
class Standing:
    """Counts and instants (UTC). `undispatched` events have no effects yet; `unknown` ones stand in no table."""

    undispatched: int
    unknown: int
    pending: int
    failing: int
    troubles: int
    oldest_at: datetime | None
    last_runs: Mapping[str, datetime]

    @property
    def last_dispatch_at(self) -> datetime | None:
        return self.last_runs.get("dispatch")


def standing() -> Standing:
    """How effects stand now; `oldest_at` is when the oldest thing still waiting happened."""
    waiting = Pending.objects.all()
    unsettled = Effect.objects.open()
    oldest = [
        waiting.aggregate(at=Min("event__at"))["at"],
        unsettled.aggregate(at=Min("created_at"))["at"],
    ]
    return Standing(
        undispatched=waiting.count(),
        unknown=waiting.exclude(event__kind__in=reactions.known_kinds()).count(),
        pending=unsettled.filter(state=EffectState.PENDING).count(),
        failing=unsettled.filter(state=EffectState.FAILED).count(),
        troubles=Trouble.objects.count(),
        oldest_at=min((at for at in oldest if at), default=None),
        last_runs=dict(LastRun.objects.values_list("name", "at")),
    )


def lacks_second_factor(user: User, at: datetime) -> list[str]:
    """Names of the rules in use that ask this person for a second factor they have not set up: told beforehand."""
    steps = RuleStep.objects.filter(rule__in=ApprovalRule.objects.in_use(at), assurance=Assurance.MFA)
    if not steps.exists() or second_factor_page(user) or not can_decide(user):
        return []
    groups = ApproverGroup.objects.filter(Q(memberships__member=user) | Q(lead=user)).values("pk")
    by_control = Control.objects.filter(approver_group__in=groups)
    owns_control, owns_system = Control.objects.filter(owner=user), System.objects.filter(owner=user)
    asked = Q(group__in=groups) | Q(person=user) | Q(Exists(by_control), source=Source.CONTROL_GROUP)
    asked |= Q(Exists(owns_control), source=Source.CONTROL_OWNER) | Q(Exists(owns_system), source=Source.SYSTEM_OWNER)
    return list(steps.filter(asked).order_by("rule__name").values_list("rule__name", flat=True).distinct())


def effects(state: str = "") -> QuerySet[Effect]:
    """Effects with their events, newest first; open ones for "open", all for ""."""
    rows = Effect.objects.select_related("event__stream").prefetch_related("notices__person").order_by("-pk")
    if state == "open":
        return rows.open()
    return rows.filter(state=state) if state else rows


def troubles() -> QuerySet[Trouble]:
    """Cases the sweeps cannot move, oldest first."""
    return Trouble.objects.select_related("case").order_by("first_at", "pk")
