"""The clock's sweeps: each finds what is due by an indexed query and calls the plural verb, batch by batch.

A sweep may run late, twice or beside another: the verbs recheck under the lock. A case that cannot be moved is kept as
a `Trouble`, and the others go on.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F, QuerySet

from exceptions_app import services
from exceptions_app.models import ExceptionCase
from workflows import changes, due, freshening, reminders, reviewing
from workflows.models import LastRun, Trouble
from workflows.routing import router_at

BATCH = 500
_USUALLY = gc.get_threshold()
_RARELY = 100_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """What is due at an instant, and the verb that moves a batch of keys and answers what it moved."""

    name: str
    due: Callable[[datetime], QuerySet[ExceptionCase]]
    move: Callable[[Sequence[int], datetime], Sequence[Any]]


def run(sweep: Sweep, *, at: datetime) -> int:
    """Move everything that is due at `at` (UTC); answers how many moved. Raises OperationalError, to be run again."""
    with _few_collections():
        moved = sum(_move(sweep, keys, at) for keys in _batches(sweep.due(at)))
    over = Trouble.objects.filter(sweep=sweep.name, last_at__lt=at)
    if over.exists():
        over.delete()
    return moved


def run_all(sweeps: Sequence[Sweep], *, name: str, at: datetime) -> int:
    """Run the sweeps in order and note that the clock came round; answers how many cases moved."""
    moved = sum(run(sweep, at=at) for sweep in sweeps)
    note_run(name, at)
    return moved


def note_run(name: str, at: datetime) -> None:
    """Remember when a task last came to its end."""
    LastRun.objects.update_or_create(name=name, defaults={"at": at})


def _activate(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return services.activate_many(keys=keys, at=at, router=router_at(at))


def _fall(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return services.fall_many(keys=keys, at=at)


def _warn(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return services.warn_many(keys=keys, at=at)


def _expire(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return services.expire_many(keys=keys, at=at)


def _lapse(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return services.lapse_many(keys=keys, at=at)


def _hand_over(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    """All or none, as the plural verbs are."""
    with transaction.atomic():
        cases = ExceptionCase.objects.filter(pk__in=keys).order_by("pk")
        return [case for case in cases if services.hand_over_orphan(case=case, at=at)]


def _let_backups_go(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    """All or none, as the plural verbs are."""
    with transaction.atomic():
        cases = ExceptionCase.objects.filter(pk__in=keys).order_by("pk")
        return [case for case in cases if services.let_backup_go(case=case, at=at)]


def _doubt_vendors(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return changes.fire_vendor_reviews(keys=keys, at=at)


def _remind(keys: Sequence[int], at: datetime) -> Sequence[Any]:
    return reminders.raise_many(keys=keys, at=at)


FALL = Sweep("fall", due.fallen, _fall)
ACTIVATE = Sweep("activate", due.to_activate, _activate)
WARN = Sweep("warn", due.to_warn, _warn)
EXPIRE = Sweep("expire", due.to_expire, _expire)
LAPSE = Sweep("lapse", due.to_lapse, _lapse)
ORPHANS = Sweep("orphans", due.orphans, _hand_over)
BACKUPS = Sweep("backups", due.left_backups, _let_backups_go)
VENDORS = Sweep("vendor_reviews", changes.lapsed_vendors, _doubt_vendors)
CLOCK = (FALL, ACTIVATE, WARN, EXPIRE, LAPSE, ORPHANS, BACKUPS, VENDORS)
"""What fell out of force goes first, since nothing follows it; then activation: a renewal that has just become possible
takes over instead of following a removal.
"""

REMINDERS = (
    Sweep("remind_of_end", reminders.of_end, _remind),
    Sweep("remind_of_removal", reminders.of_removal, _remind),
    Sweep("remind_of_steps", reminders.of_steps, _remind),
    Sweep("remind_of_safeguards", freshening.wanted, _remind),
    Sweep("remind_of_reviews", reviewing.wanted, _remind),
    Sweep("remind_of_disuse", reminders.of_disuse, _remind),
)


@contextmanager
def _few_collections() -> Iterator[None]:
    """A batch makes many objects that live for a second; searching them for garbage took a quarter of the time."""
    gc.set_threshold(_RARELY, *_USUALLY[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_USUALLY)


def _batches(found: QuerySet[ExceptionCase]) -> Iterator[list[int]]:
    """Keys in key order, a batch at a time; each key once, so one that does not move cannot hold up the rest."""
    keys = _next(found, 0)
    while keys:
        yield keys
        keys = _next(found, keys[-1]) if len(keys) == BATCH else []


def _next(found: QuerySet[ExceptionCase], last: int) -> list[int]:
    return list(found.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])


def _move(sweep: Sweep, keys: Sequence[int], at: datetime) -> int:
    try:
        return len(sweep.move(keys, at))
    except OperationalError:
        raise
    except Exception:
        logger.exception("The sweep %s failed on a batch of %d; trying its cases one by one.", sweep.name, len(keys))
    return sum(_move_one(sweep, key, at) for key in keys)


def _move_one(sweep: Sweep, key: int, at: datetime) -> int:
    try:
        return len(sweep.move([key], at))
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("The sweep %s cannot move case %d.", sweep.name, key)
        _keep_trouble(sweep, key, f"{type(error).__name__}: {error}", at)
        return 0


def _keep_trouble(sweep: Sweep, key: int, error: str, at: datetime) -> None:
    known = Trouble.objects.filter(sweep=sweep.name, case=key)
    if not known.update(error=error, last_at=at, attempts=F("attempts") + 1):
        Trouble.objects.create(sweep=sweep.name, case_id=key, error=error, first_at=at, last_at=at)
