"""Holds one event against its digest, the event before it, its payload and its stream's head."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from audit import chain
from audit.models import ERASED, ERASURES, GENESIS, VERSION, Event

Place = tuple[str, int]


class Row(NamedTuple):
    """An event with what belongs to it, as one query reads them; None where there is no payload or no erasure."""

    stream__name: str
    stream__head_sequence: int
    stream__head_digest: str
    sequence: int
    version: int
    kind: str
    at: datetime
    recorded_at: datetime
    transaction_id: int | None
    actor_kind: str
    actor_id: UUID | None
    payload_digest: str
    history: Any
    previous: str
    digest: str
    payload__salt: str | None
    payload__body: str | None
    erasure__erased_by_id: int | None
    erasure__history_salt: str | None

    @property
    def place(self) -> Place:
        return self.stream__name, self.sequence


def chain_faults(row: Row, before: Row | None) -> Iterator[str]:
    last, digest = (before.sequence, before.digest) if before else (0, GENESIS)
    if row.sequence != last + 1:
        yield _("it should be event {number}: events are missing or were inserted before it.").format(number=last + 1)
    if row.previous != digest:
        yield _("it does not name the digest of the event before it.")
    if row.version != VERSION:
        yield _("its format version {version} is unknown.").format(version=row.version)
    if _recomputed(row) != row.digest:
        yield _("the event is not what was recorded: its digest does not match.")


def _recomputed(row: Row) -> str | None:
    """None where a column holds what no one could have recorded."""
    try:
        return chain.event_digest(row, row.stream__name)
    except (AttributeError, TypeError, ValueError):
        return None


def head_faults(last: Row) -> Iterator[str]:
    """What the last event found says against the head, which is moved in the transaction of each event."""
    if last.stream__head_sequence != last.sequence:
        yield _("the head of the stream is at event {head}, yet this is the last one.").format(
            head=last.stream__head_sequence
        )
    elif last.stream__head_digest != last.digest:
        yield _("the head of the stream holds another digest than its last event.")


def payload_faults(row: Row, erased_by: int | None) -> Iterator[str]:
    """`erased_by` is the event whose body lists this payload as erased."""
    if row.kind == ERASED and row.stream__name != ERASURES:
        yield _("an erasing event stands outside the stream {stream}.").format(stream=ERASURES)
    if row.payload__salt is not None:
        if not _is_intact(row.payload__salt, row.payload__body, row.payload_digest):
            yield _("the payload is not the one recorded.")
        if erased_by is not None or row.erasure__erased_by_id is not None:
            yield _("its payload is on record as erased, yet it is there.")
    elif row.kind == ERASED or row.erasure__erased_by_id is None:
        yield _("its payload is missing, and no erasure on record explains that.")
    elif row.erasure__erased_by_id != erased_by or bool(row.erasure__history_salt) != bool(row.history):
        yield _("the erasure of its payload is not the one recorded.")


def erased_places() -> dict[Place, int]:
    """Every event whose payload an erasing event lists as erased, with the erasing event."""
    erasing = Event.objects.filter(kind=ERASED, stream__name=ERASURES, payload__isnull=False)
    rows = erasing.order_by("pk").values_list("pk", "payload__salt", "payload__body", "payload_digest")
    return {
        place: pk
        for pk, salt, body, digest in rows.iterator()
        if _is_intact(salt, body, digest)
        for place in _listed(body)
    }


def _listed(body: str) -> list[Place]:
    """Nothing where the body is not what erase() writes: then the erased payloads stay unexplained."""
    try:
        return [(str(event["stream"]), int(event["sequence"])) for event in json.loads(body)["events"]]
    except (KeyError, TypeError, ValueError):
        return []


def _is_intact(salt: str, body: str | None, digest: str) -> bool:
    try:
        return chain.payload_digest(salt, body or "") == digest
    except ValueError:  # the salt is not hexadecimal
        return False
