"""Writes the ledger: appends events to their streams, and erases payloads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q, QuerySet

from audit import canonical, chain, history
from audit.actors import Actor
from audit.appending import append
from audit.database import DatabaseNow, TransactionId
from audit.models import ERASED, ERASURES, VERSION, Erasure, Event, EventPayload, Stream

_ERASED_PER_EVENT = 1_000
_NAMES_PER_QUERY = 10_000  # SQLite takes at most 32,766 variables a statement


@dataclass(frozen=True)
class _Stamp:
    """What the database itself says about this transaction."""

    recorded_at: datetime
    transaction_id: int | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event to be recorded: `at` is when it happened, `history` the saved history rows written with it."""

    stream: str
    kind: str
    actor: Actor
    at: datetime
    body: Mapping[str, Any]
    history: Sequence[models.Model] = ()

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("An event happens at an instant with a time zone.")


def record(
    *,
    stream: str,
    kind: str,
    actor: Actor,
    at: datetime,
    body: Mapping[str, Any],
    history: Sequence[models.Model] = (),
) -> Event:
    """Append one event in the caller's transaction; raises RuntimeError outside one."""
    return record_many([Entry(stream=stream, kind=kind, actor=actor, at=at, body=body, history=history)])[0]


def record_many(entries: Sequence[Entry]) -> list[Event]:
    """Append events in their order, in a constant number of queries; raises RuntimeError outside a transaction."""
    if any(entry.kind == ERASED or entry.stream == ERASURES for entry in entries):
        raise ValueError(f"Only erase() writes {ERASED} events and the stream {ERASURES}.")
    return _append(entries)


def erase(*, person: UUID, actor: Actor, at: datetime, reason: str) -> int:
    """Erase the payloads of events by or about a person; returns how many. The erasures are events themselves."""
    erased = 0
    with transaction.atomic():
        while batch := list(_payloads_of(person)[:_ERASED_PER_EVENT]):
            body = {"person": person, "reason": reason, "events": [_place(payload.event) for payload in batch]}
            [event] = _append([Entry(stream=ERASURES, kind=ERASED, actor=actor, at=at, body=body)])
            Erasure.objects.bulk_create(_erasure(payload, event) for payload in batch)
            EventPayload.objects.filter(pk__in=[payload.pk for payload in batch]).delete()
            erased += len(batch)
    return erased


def _append(entries: Sequence[Entry]) -> list[Event]:
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of what it tells: open one with atomic().")
    if not entries:
        return []
    drafts = [_draft(entry) for entry in entries]  # all that can fail does, before any lock is held
    heads, stamp = _lock(sorted({entry.stream for entry in entries}))
    history.register(history.format_of(type(row)) for entry in entries for row in entry.history)
    for entry, (event, _payload) in zip(entries, drafts, strict=True):
        _chain(event, heads[entry.stream], stamp)
    return append(drafts)


def _create_missing(names: Sequence[str]) -> None:
    """New streams come first, before any lock is held, so that two writers never wait for each other in a ring."""
    for some in _portions(names):
        known = set(Stream.objects.filter(name__in=some).values_list("name", flat=True))
        if len(known) < len(some):
            missing = [Stream(name=name) for name in some if name not in known]
            Stream.objects.bulk_create(missing, ignore_conflicts=True)


def _lock(names: Sequence[str]) -> tuple[dict[str, Stream], _Stamp]:
    """Lock the heads in the order of their names, and read the database's clock once they are ours."""
    _create_missing(names)
    heads: dict[str, Stream] = {}
    stamps: list[_Stamp] = []
    for some in _portions(names):
        locked = Stream.objects.select_for_update().filter(name__in=some).order_by("name")
        for stream in locked.annotate(now=DatabaseNow(), transaction=TransactionId()):
            heads[stream.name] = stream
            stamps.append(_Stamp(stream.now, stream.transaction))
    return heads, max(stamps, key=lambda stamp: stamp.recorded_at)


def _draft(entry: Entry) -> tuple[Event, EventPayload]:
    """The event but for its place in the stream, and its payload."""
    salt, body = chain.new_salt(), canonical.encode(canonical.plain(entry.body)).decode()
    rows_salt = bytes.fromhex(chain.history_salt(salt))
    event = Event(
        version=VERSION,
        kind=entry.kind,
        at=entry.at,
        actor_kind=entry.actor.kind,
        actor_id=entry.actor.id,
        payload_digest=chain.payload_digest(salt, body),
        history=[history.reference(row, rows_salt) for row in entry.history],
    )
    return event, EventPayload(event=event, salt=salt, body=body)


def _chain(event: Event, head: Stream, stamp: _Stamp) -> None:
    """Place the event behind the head, and move the head onto it."""
    event.stream = head
    event.recorded_at, event.transaction_id = stamp.recorded_at, stamp.transaction_id
    event.sequence, event.previous = head.head_sequence + 1, head.head_digest
    event.digest = chain.event_digest(event, head.name)
    head.head_sequence, head.head_digest = event.sequence, event.digest


def _payloads_of(person: UUID) -> QuerySet[EventPayload]:
    theirs = Q(event__actor_kind="person", event__actor_id=person) | Q(body__contains=str(person))
    payloads = EventPayload.objects.filter(theirs).exclude(event__kind=ERASED).select_related("event__stream")
    return payloads.order_by("pk").select_for_update(of=("self",))


def _place(event: Event) -> dict[str, Any]:
    return {"stream": event.stream.name, "sequence": event.sequence}


def _erasure(payload: EventPayload, erased_by: Event) -> Erasure:
    kept = chain.history_salt(payload.salt) if payload.event.history else ""
    return Erasure(event_id=payload.pk, erased_by=erased_by, history_salt=kept)


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _NAMES_PER_QUERY] for start in range(0, len(names), _NAMES_PER_QUERY))
