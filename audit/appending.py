"""Puts events, payloads, outbox rows and heads into the database: one document, whatever the number of events.

Django's bulk_create spends longer preparing each value than PostgreSQL spends storing the row.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit.models import Event, EventPayload

COLUMNS = {
    "stream_id": "bigint",
    "sequence": "bigint",
    "version": "smallint",
    "kind": "text",
    "at": "timestamptz",
    "recorded_at": "timestamptz",
    "transaction_id": "bigint",
    "actor_kind": "text",
    "actor_id": "uuid",
    "payload_digest": "text",
    "history": "jsonb",
    "previous": "text",
    "digest": "text",
}
BESIDES = {"salt": "text", "body": "text", "is_head": "boolean"}
_NAMES = ", ".join(COLUMNS)
_TYPED = ", ".join(f"{name} {kind}" for name, kind in (COLUMNS | BESIDES).items())
_EXTRACTED = ", ".join(f"json_extract(value, '$.{name}')" for name in COLUMNS)
_STORED = """
    FROM json_each(%s) AS given JOIN audit_event AS event
        ON event.stream_id = json_extract(value, '$.stream_id')
        AND event.sequence = json_extract(value, '$.sequence')"""

# The last statement gives the events' keys in the order of the document.
_STATEMENTS = {
    "postgresql": [
        f"""
        WITH given AS MATERIALIZED (
            SELECT nextval(pg_get_serial_sequence('audit_event', 'id')) AS id, given.*
            FROM json_to_recordset(%s) AS given({_TYPED})
        ), events AS (
            INSERT INTO audit_event (id, {_NAMES}) SELECT id, {_NAMES} FROM given
        ), payloads AS (
            INSERT INTO audit_eventpayload (event_id, salt, body) SELECT id, salt, body FROM given
        ), outbox AS (
            INSERT INTO audit_pending (event_id) SELECT id FROM given
        ), heads AS (
            UPDATE audit_stream SET head_sequence = given.sequence, head_digest = given.digest
            FROM given WHERE given.is_head AND audit_stream.id = given.stream_id
        )
        SELECT id FROM given ORDER BY id"""  # noqa: S608 — built from this module's own names
    ],
    "sqlite": [
        f"INSERT INTO audit_event ({_NAMES}) SELECT {_EXTRACTED} FROM json_each(%s) ORDER BY key",  # noqa: S608
        f"""
        INSERT INTO audit_eventpayload (event_id, salt, body)
        SELECT event.id, json_extract(value, '$.salt'), json_extract(value, '$.body') {_STORED}""",
        f"INSERT INTO audit_pending (event_id) SELECT event.id {_STORED}",
        """
        UPDATE audit_stream
        SET head_sequence = json_extract(value, '$.sequence'), head_digest = json_extract(value, '$.digest')
        FROM json_each(%s)
        WHERE audit_stream.id = json_extract(value, '$.stream_id') AND json_extract(value, '$.is_head')""",
        f"SELECT event.id {_STORED} ORDER BY given.key",
    ],
}


def append(drafts: Sequence[tuple[Event, EventPayload]]) -> list[Event]:
    """Store the events behind one another, with their payloads, and move the heads onto the last of each stream."""
    document = json.dumps([_row(event, payload) for event, payload in drafts])
    with connection.cursor() as cursor:
        for statement in _STATEMENTS[connection.vendor]:
            cursor.execute(statement, [document])
        keys = [key for (key,) in cursor.fetchall()]
    for (event, payload), key in zip(drafts, keys, strict=True):
        event.pk = payload.pk = key
        event._state.adding = payload._state.adding = False
    return [event for event, _payload in drafts]


def _row(event: Event, payload: EventPayload) -> dict[str, Any]:
    return {
        "stream_id": event.stream_id,
        "sequence": event.sequence,
        "version": event.version,
        "kind": event.kind,
        "at": _stored(event.at),
        "recorded_at": _stored(event.recorded_at),
        "transaction_id": event.transaction_id,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id and _key(event.actor_id),
        "payload_digest": event.payload_digest,
        "history": event.history,
        "previous": event.previous,
        "digest": event.digest,
        "salt": payload.salt,
        "body": payload.body,
        "is_head": event.sequence == event.stream.head_sequence,
    }


def _key(pseudonym: UUID) -> str:
    return str(pseudonym) if connection.features.has_native_uuid_field else pseudonym.hex


def _stored(at: datetime) -> str:
    """An instant as Django stores it in this database."""
    return str(connection.ops.adapt_datetimefield_value(at))
