"""What the Effects page shows: how much waits, what fails, what could not be moved, when the clock last came round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, QuerySet

from accounts.models import ApproverGroup
from audit.models import Pending
from workflows import reactions
from workflows.models import Effect, EffectState, GroupChannel, LastRun, Trouble


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


def effects(state: str = "") -> QuerySet[Effect]:
    """Effects with their events, newest first; open ones for "open", all for ""."""
    rows = Effect.objects.select_related("event__stream").order_by("-pk")
    rows = rows.prefetch_related("notices__person", "channel_notices__channel__group")
    if state == "open":
        return rows.open()
    return rows.filter(state=state) if state else rows


def channel_of(group: ApproverGroup) -> GroupChannel | None:
    """Where the group is told besides by mail; None where it has no channel."""
    return GroupChannel.objects.on().filter(group=group).select_related("set_by", "group").first()


def troubles() -> QuerySet[Trouble]:
    """Cases the sweeps cannot move, oldest first."""
    return Trouble.objects.select_related("case").order_by("first_at", "pk")
