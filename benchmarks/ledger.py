"""Measures the ledger against the least SQL that writes the same rows, in one run: `python -m benchmarks ledger`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread

from django.db import connection, transaction

from audit import services as ledger
from audit.actors import CLOCK
from audit.verify import verify
from benchmarks import table

MANY = 10_000
SINGLE = 500
THREADS = 8
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

ONE_STATEMENT = """
    WITH moved AS (
        UPDATE audit_stream SET head_sequence = head_sequence + 1, head_digest = encode(sha256(name::bytea), 'hex')
        WHERE name LIKE %s RETURNING id, name, head_sequence, head_digest
    ), told AS (
        INSERT INTO audit_event (stream_id, sequence, version, kind, at, recorded_at, transaction_id,
            actor_kind, payload_digest, history, previous, digest)
        SELECT id, head_sequence, 1, 'case.expired', now(), clock_timestamp(), pg_current_xact_id()::text::bigint,
            'clock', head_digest, '[]', head_digest, head_digest FROM moved RETURNING id
    ), kept AS (
        INSERT INTO audit_eventpayload (event_id, salt, body)
        SELECT id, repeat('0', 64), '{}' FROM told RETURNING event_id
    )
    INSERT INTO audit_pending (event_id) SELECT event_id FROM kept"""


def main() -> None:
    _record_many("bulk")
    table.begin("Ledger", ["events a second", "of the least SQL"])
    _measure_many()
    _measure_single()
    _measure_verification()


def _measure_many() -> None:
    least = _rate(MANY, lambda: _execute(ONE_STATEMENT, ["bulk/%"]))
    _tell(f"{MANY:,} events in {MANY:,} streams: one SQL statement, no digests", least, least)
    _tell("the same with record_many", _rate(MANY, lambda: _record_many("bulk")), least)


def _measure_single() -> None:
    _record("one")
    least = _rate(SINGLE, lambda: _repeat(lambda: _execute(ONE_STATEMENT, ["one"])))
    _tell("one at a time: one SQL statement, no digests", least, least)
    _tell("the same with record", _rate(SINGLE, lambda: _repeat(lambda: _record("two"))), least)
    shared = _rate(SINGLE * THREADS, lambda: _together(lambda _: _repeat(lambda: _record("three"))))
    _tell(f"{THREADS} threads on one stream", shared, least)
    own = _rate(SINGLE * THREADS, lambda: _together(lambda number: _repeat(lambda: _record(f"own/{number}"))))
    _tell(f"{THREADS} threads, a stream each", own, least)


def _measure_verification() -> None:
    with connection.cursor() as cursor:  # what the least SQL wrote has no digests to verify
        cursor.execute("SELECT name FROM audit_stream WHERE name LIKE 'own/%' OR name IN ('two', 'three')")
        names = [name for (name,) in cursor.fetchall()]
    started = time.perf_counter()
    report = verify(names)
    rate = report.events / (time.perf_counter() - started)
    if not report.ok:
        raise SystemExit(f"The ledger does not verify: {report.first}")
    table.row("verified", [f"{rate:,.0f}", ""])


def _entry(stream: str) -> ledger.Entry:
    return ledger.Entry(stream=stream, kind="case.expired", actor=CLOCK, at=AT, body={"end_reason": "expired"})


def _record(stream: str) -> None:
    with transaction.atomic():
        ledger.record_many([_entry(stream)])


def _record_many(prefix: str) -> None:
    with transaction.atomic():
        ledger.record_many([_entry(f"{prefix}/{number}") for number in range(MANY)])


def _execute(sql: str, params: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _repeat(call: Callable[[], None]) -> None:
    for _ in range(SINGLE):
        call()


def _together(call: Callable[[int], None]) -> None:
    def run(number: int) -> None:
        try:
            call(number)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _rate(events: int, call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return events / (time.perf_counter() - started)


def _tell(what: str, rate: float, least: float) -> None:
    table.row(what, [f"{rate:,.0f}", f"{rate / least:.2f}"])
