"""From event to effect to done: the dispatcher empties the outbox, the runner does what is due, at least once.

Nothing here runs inside a caller's transaction (the durable blocks refuse it), so no effect precedes its event.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, SmallIntegerField, When

from audit.models import Pending
from workflows import channels, chores, mails, reactions
from workflows.mails import Unreachable
from workflows.models import Effect, EffectState

BATCH = 500
LEASE = timedelta(minutes=5)
"""An effect whose runner was killed is tried again after this."""
PAUSE = timedelta(seconds=30)
"""When the mail server cannot be reached, nobody else tries before this has passed."""
BACKOFF_FIRST = timedelta(minutes=1)
BACKOFF_MOST = timedelta(hours=1)
LAST = Case(When(reaction__in=channels.NAMES, then=1), default=0, output_field=SmallIntegerField())
"""Mails go first: a slow program at the other end of a channel holds up no more than the other channels."""
logger = logging.getLogger(__name__)


def dispatch(*, at: datetime) -> int:
    """Turn one batch of pending events into effects, and take them out of the outbox; answers how many events."""
    if not Pending.objects.filter(event__kind__in=reactions.known_kinds()).exists():
        return 0
    with transaction.atomic(durable=True):
        return _take(at, state=EffectState.PENDING)


def shelve(*, at: datetime, reason: str) -> int:
    """In the caller's transaction, let nothing come of all that is pending: its effects are dropped for this reason."""
    taken = 0
    while count := _take(at, state=EffectState.DROPPED, drop_reason=reason, done_at=at):
        taken += count
    return taken


def run_next(*, at: datetime) -> bool:
    """Do the effect that has been due longest; answers False when none is due or the mail server is away."""
    effect = _claim(at)
    if effect is None:
        return False
    try:
        dropped = chores.CHORES.get(effect.reaction, mails.deliver)(effect, at=at)
    except Unreachable as error:
        _postpone(effect, at, error)
        Effect.objects.due(at + PAUSE).update(next_attempt_at=at + PAUSE)
        return False
    except Exception as error:
        logger.exception("Effect %d (%s) failed at attempt %d.", effect.pk, effect.reaction, effect.attempts)
        _postpone(effect, at, error)
        return True
    _settle(effect, at, dropped)
    return True


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: a minute, doubled each time, an hour at most."""
    return min(BACKOFF_FIRST * (1 << min(attempts - 1, 10)), BACKOFF_MOST)


def _take(at: datetime, **outcome: Any) -> int:
    """One batch of pending events out of the outbox, as effects; answers how many events."""
    rows = Pending.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    known = rows.filter(event__kind__in=reactions.known_kinds()).select_related("event__payload")
    pending = list(known[:BATCH])
    wanted = [effect for row in pending for effect in _effects(row, at, outcome)]
    Effect.objects.bulk_create(_merged(wanted), ignore_conflicts=True)
    Pending.objects.filter(pk__in=[row.pk for row in pending]).delete()
    return len(pending)


def _effects(row: Pending, at: datetime, outcome: Mapping[str, Any]) -> list[Effect]:
    event = row.event
    names = reactions.to(event.kind, event.body or {})
    return [Effect(event=event, reaction=name, next_attempt_at=at, created_at=at, **outcome) for name in names]


def _merged(effects: Sequence[Effect]) -> list[Effect]:
    """Of those that are wanted once, the last alone: an import of a thousand systems asks one question."""
    once = {effect.reaction: effect for effect in effects if effect.reaction in reactions.ONCE}
    return [effect for effect in effects if once.get(effect.reaction, effect) is effect]


def _claim(at: datetime) -> Effect | None:
    """Take a lease on a due effect that no other runner holds."""
    if not Effect.objects.due(at).exists():
        return None
    with transaction.atomic(durable=True):
        rows = Effect.objects.due(at).select_for_update(skip_locked=True, of=("self",))
        effect = rows.select_related("event__stream", "event__payload").order_by(LAST, "next_attempt_at", "pk").first()
        if effect is not None:
            effect.attempts += 1
            effect.next_attempt_at = at + LEASE
            effect.save(update_fields=["attempts", "next_attempt_at"])
    return effect


def _settle(effect: Effect, at: datetime, dropped: str) -> None:
    state = EffectState.DROPPED if dropped else EffectState.DONE
    _mine(effect, state=state, done_at=at, drop_reason=dropped, last_error="")


def _postpone(effect: Effect, at: datetime, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"
    _mine(effect, state=EffectState.FAILED, next_attempt_at=at + backoff(effect.attempts), last_error=text)


def _mine(effect: Effect, **changes: object) -> None:
    """Write the outcome unless the lease ran out and another runner has taken the effect over."""
    Effect.objects.open().filter(pk=effect.pk, attempts=effect.attempts).update(**changes)
