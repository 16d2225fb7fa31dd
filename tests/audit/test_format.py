"""The frozen format: a verifier written from docs/ledger.md alone, and the digests it must always give.

If a test here fails, the code is wrong, never the test: ledgers in the world hold these digests.
"""

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from audit import chain
from audit.history import format_of
from catalog.models import System

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()
SALTS = [bytes(range(32)).hex(), bytes(range(32, 64)).hex()]
BODIES = ['{"risk":"high","title":"Old key for the build robot"}', "{}"]
ROW = {"history_id": 7, "id": 3, "name": "Vault"}
MODEL = "catalog.historicalsystem"
PAYLOAD = "383546ef3aa432c1072c30b006e331be5add8116c7137a4315b711cb2c3f71d5"
HISTORY_SALT = "c8ef12d4616ca5acfb703a0800fb734e061c83d4b21219d46c193623e81f31ab"
FORMAT = "f7800d4c87fa8374875610d815da1d74adaa015be1fb65a484247fc9d09fe16e"
ROW_DIGEST = "9d57ed94b1878b8ce3c232b47c7d1cf43eadef8bb8022679b3ea2b6a4513aa52"
EVENTS = [
    "0beb35ce4f81359e1ce329121241f1f9604c26f1c178738c3f8cd47ed4ab3b47",
    "070b8468f66dacad8e59b64b72c6202632856162178cd6b003fb74f8a49e1205",
]


# What a stranger writes from the page, with the standard library.


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def payload_digest(salt, body):
    return sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def history_salt(salt):
    return sha256(bytes.fromhex(salt) + b"history").digest()


def row_digest(salt, model, values):
    form = sha256(canonical({"fields": sorted(values), "model": model})).hexdigest()
    return sha256(salt + canonical({"format": form, "model": model, "values": values})).hexdigest()


def event_digest(row):
    members = ("version", "stream", "sequence", "kind", "at", "recorded_at", "previous", "history")
    event = {name: row[name] for name in members}
    event["transaction"] = row["transaction_id"]
    event["actor"] = {"kind": row["actor_kind"], "id": row["actor_id"]}
    event["payload"] = row["payload_digest"]
    return sha256(canonical(event)).hexdigest()


def first_fault(rows):
    """Rows of all events by stream and sequence; None where every chain and payload holds."""
    previous, before = "0" * 64, None
    for row in rows:
        if row["stream"] != before:
            previous, sequence, before = "0" * 64, 0, row["stream"]
        sequence += 1
        told = (row["sequence"], row["previous"], row["digest"])
        if told != (sequence, previous, event_digest(row)):
            return row["stream"], sequence
        if row["salt"] and payload_digest(row["salt"], row["body"]) != row["payload_digest"]:
            return row["stream"], sequence
        if sequence == row["head_sequence"] and row["digest"] != row["head_digest"]:
            return row["stream"], sequence
        previous = row["digest"]
    return None


# What it is held against.


INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
QUERY = f"""
    SELECT s.name AS stream, s.head_sequence, s.head_digest, e.sequence, e.version, e.kind, e.actor_kind,
        to_char(e.at AT TIME ZONE 'UTC', '{INSTANT}') AS at, e.actor_id::text,
        to_char(e.recorded_at AT TIME ZONE 'UTC', '{INSTANT}') AS recorded_at, e.transaction_id::text,
        e.payload_digest, e.history::text AS history, e.previous, e.digest, p.salt, p.body
    FROM audit_event e JOIN audit_stream s ON s.id = e.stream_id LEFT JOIN audit_eventpayload p ON p.event_id = e.id
    ORDER BY s.name, e.sequence"""


def stored_rows():
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return [row | {"history": json.loads(row["history"])} for row in rows]


@pytest.mark.postgresql
def test_stranger_verifies_a_ledger_with_forty_lines_of_their_own(written):
    rows = stored_rows()

    assert len(rows) > 20
    assert first_fault(rows) is None


@pytest.mark.postgresql
def test_stranger_finds_a_change(written):
    rows = stored_rows()
    changed = next(index for index, row in enumerate(rows) if row["sequence"] == 3)
    rows[changed]["kind"] = "case.approved"

    assert first_fault(rows) == (rows[changed]["stream"], 3)


@pytest.mark.postgresql
def test_stranger_verifies_history_rows(written):
    salt_of = {}
    for row in stored_rows():
        if row["salt"]:
            salt_of |= {reference["id"]: (row["salt"], reference) for reference in row["history"]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM catalog_historicalsystem")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    checked = 0
    for row in rows:
        if str(row["history_id"]) in salt_of:
            salt, reference = salt_of[str(row["history_id"])]
            row["history_date"] = row["history_date"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            row["tags"] = json.loads(row["tags"])  # a column of JSON
            assert row_digest(history_salt(salt), MODEL, row) == reference["digest"]
            checked += 1

    assert checked > 5


def worked_events():
    """The canonical bytes of the two events on the page, as the page prints them."""
    return [line.strip() for line in PAGE.splitlines() if line.startswith('    {"actor"')]


def test_worked_example_gives_the_frozen_digests():
    assert [sha256(event.encode()).hexdigest() for event in worked_events()] == EVENTS
    assert payload_digest(SALTS[0], BODIES[0]) == PAYLOAD
    assert history_salt(SALTS[0]).hex() == HISTORY_SALT
    assert row_digest(bytes.fromhex(HISTORY_SALT), MODEL, ROW) == ROW_DIGEST
    first, second = map(json.loads, worked_events())
    assert (first["payload"], second["payload"]) == (PAYLOAD, payload_digest(SALTS[1], BODIES[1]))
    assert second["previous"] == EVENTS[0]


def test_page_prints_every_frozen_digest():
    assert [digest for digest in (PAYLOAD, HISTORY_SALT, FORMAT, ROW_DIGEST, *EVENTS) if digest not in PAGE] == []


class WorkedEvent:
    """An event as audit.chain sees it, made from the page."""

    def __init__(self, event):
        self.version, self.sequence, self.kind, self.previous, self.history = (
            event[name] for name in ("version", "sequence", "kind", "previous", "history")
        )
        self.at, self.recorded_at = (datetime.fromisoformat(event[name]) for name in ("at", "recorded_at"))
        self.transaction_id = event["transaction"] and int(event["transaction"])
        self.actor_kind, self.actor_id = event["actor"]["kind"], event["actor"]["id"] and UUID(event["actor"]["id"])
        self.payload_digest = event["payload"]


def test_code_gives_the_frozen_digests():
    events = [json.loads(event) for event in worked_events()]

    assert [chain.event_digest(WorkedEvent(event), event["stream"]) for event in events] == EVENTS
    assert chain.payload_digest(SALTS[0], BODIES[0]) == PAYLOAD
    assert chain.history_salt(SALTS[0]) == HISTORY_SALT
    form = format_of(System.history.model, list(ROW))
    assert (form.label, form.digest) == (MODEL, FORMAT)
    assert form.row_digest(bytes.fromhex(HISTORY_SALT), [ROW[name] for name in form.fields]) == ROW_DIGEST
