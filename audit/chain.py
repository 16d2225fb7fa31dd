"""Computes the digests of docs/ledger.md. Nothing here may ever give another answer for the same event."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from audit import canonical


class Chained(Protocol):
    """The columns of an event that its digest covers; its stream's name comes beside them."""

    @property
    def version(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def transaction_id(self) -> int | None: ...
    @property
    def actor_kind(self) -> str: ...
    @property
    def actor_id(self) -> UUID | None: ...
    @property
    def payload_digest(self) -> str: ...
    @property
    def history(self) -> Any: ...
    @property
    def previous(self) -> str: ...


def new_salt() -> str:
    return secrets.token_hex(32)


def payload_digest(salt: str, body: str) -> str:
    """SHA-256 over the salt's 32 bytes and the body's text."""
    return sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def history_salt(salt: str) -> str:
    """The salt of an event's history rows: it outlives the payload's salt and does not reveal it."""
    return sha256(bytes.fromhex(salt) + b"history").hexdigest()


def event_digest(event: Chained, stream: str) -> str:
    return canonical.digest(_form(event, stream))


def _form(event: Chained, stream: str) -> dict[str, Any]:
    return {
        "actor": {"id": None if event.actor_id is None else str(event.actor_id), "kind": event.actor_kind},
        "at": canonical.instant(event.at),
        "history": event.history,
        "kind": event.kind,
        "payload": event.payload_digest,
        "previous": event.previous,
        "recorded_at": canonical.instant(event.recorded_at),
        "sequence": event.sequence,
        "stream": stream,
        "transaction": None if event.transaction_id is None else str(event.transaction_id),
        "version": event.version,
    }
