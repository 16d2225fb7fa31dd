"""Measures the clock: due cases expired by the sweep against one SQL statement that writes the same rows, in one run.

The bar: the sweep, with its rules, history, digests, events and outbox, at 0.15 × the statement's rate or better.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, models, transaction

from audit import services as ledger
from audit.actors import CLOCK
from audit.models import Event, Pending
from benchmarks import table
from benchmarks.archive import ASKED, AT, DAY, TERM, Archive
from catalog.models import Tier
from exceptions_app import door
from exceptions_app.models import ExceptionCase, Grant, Period, State
from workflows import sweeps

MANY, WARM_UP = 10_000, 500
LEAST_SHARE = 0.15
BATCH = 2_000
ENDED_AT = AT + timedelta(minutes=1)


def main() -> None:
    archive = Archive()
    archive.grow(8)  # people, controls, systems and an identity for the cases below
    _expire_both(archive, WARM_UP)
    statement, sweep = _expire_both(archive, MANY)
    table.begin(f"Clock: {MANY:,} due cases expired", ["cases a second", "of one SQL statement"])
    table.row("one SQL statement, the same rows without rules or digests", [f"{statement:,.0f}", "1.00"])
    table.row("the sweep", [f"{sweep:,.0f}", f"{sweep / statement:.2f}"], met=sweep >= LEAST_SHARE * statement)


def _expire_both(archive: Archive, many: int) -> tuple[float, float]:
    """Cases a second of the statement and of the sweep, on cases of the same making."""
    for_statement = _due(archive, many)
    statement = _rate(many, lambda: _execute(for_statement))
    _due(archive, many)
    sweep = _rate(many, lambda: _sweep(many))
    return statement, sweep


def _rate(many: int, call: Callable[[], None]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    started = time.perf_counter()
    call()
    return many / (time.perf_counter() - started)


def _sweep(many: int) -> None:
    if sweeps.run(sweeps.EXPIRE, at=ENDED_AT) != many:
        raise SystemExit("The sweep left cases behind.")


def _execute(keys: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_statement(), {"at": ENDED_AT, "keys": keys})


def _due(archive: Archive, many: int) -> list[int]:
    """Active cases whose end has just come, each with a grant, a period and an event behind it."""
    first = ExceptionCase.objects.count()
    cases = [_case(archive, number) for number in range(first, first + many)]
    with transaction.atomic(), door.opened():
        ExceptionCase.objects.bulk_create(cases, batch_size=BATCH)
        Period.objects.bulk_create(
            [Period(case=case, from_at=AT - TERM, until_at=AT) for case in cases], batch_size=BATCH
        )
        Grant.objects.bulk_create(
            [Grant(case=case, system=archive.systems[0], actions=["read"], resource="kv/prod/erp/*") for case in cases],
            batch_size=BATCH,
        )
        ledger.record_many(
            [
                ledger.Entry(stream=case.stream, kind="case.activated", actor=CLOCK, at=AT - TERM, body={})
                for case in cases
            ]
        )
    return [case.pk for case in cases]


def _case(archive: Archive, number: int) -> ExceptionCase:
    person = archive.people[number % len(archive.people)]
    case = ExceptionCase(
        reference=f"EXC-2025-{number:06}",
        title="A key that outlives its day",
        control=archive.controls[number % len(archive.controls)],
        identity=archive.identities[number % len(archive.identities)],
        requester=person,
        owner=person,
        risk_tier=Tier.MODERATE,
        created_at=AT - TERM - DAY,
        updated_at=AT - TERM,
        submitted_at=AT - TERM - DAY,
        latest_end_at=AT + DAY,
        approved_at=AT - TERM,
        approved_term_seconds=int(TERM.total_seconds()),
        activate_by_at=AT,
        activated_at=AT - TERM,
        warn_at=AT - TERM / 5,
        expires_at=AT,
        relied_until_at=AT,
        **ASKED,
    )
    case.__dict__["state"] = State.ACTIVE  # the state field refuses all but transitions
    return case


def _statement() -> str:
    """Updates case, grant and stream head; inserts two history rows, event, payload and outbox row, as wide as ours.

    What stands for digests and salts are hashes of something at hand: it chains nothing and checks nothing.
    """
    return f"""
    WITH ended AS (
        UPDATE {_table(ExceptionCase)}
        SET state = 'closed', end_reason = 'expired', ended_at = %(at)s, updated_at = %(at)s
        WHERE id = ANY(%(keys)s) AND expires_at <= %(at)s RETURNING *
    ), owed AS (
        UPDATE {_table(Grant)} SET removal_state = 'owed', removal_owed_at = %(at)s
        WHERE case_id IN (SELECT id FROM ended) RETURNING *
    ), case_versions AS (
        {_history_of(ExceptionCase, "ended")}, id, reference, expires_at
    ), grant_versions AS (
        {_history_of(Grant, "owed")}, case_id
    ), moved AS (
        UPDATE audit_stream SET head_sequence = head_sequence + 1, head_digest = {_hash("name")}
        FROM case_versions WHERE name = 'exceptions/' || reference
        RETURNING audit_stream.id, head_sequence, head_digest, case_versions.id AS case_id, history_id, expires_at
    ), told AS (
        INSERT INTO {_table(Event)} (stream_id, sequence, version, kind, at, recorded_at, transaction_id,
            actor_kind, payload_digest, history, previous, digest)
        SELECT id, head_sequence, 1, 'case.expired', %(at)s, clock_timestamp(), pg_current_xact_id()::text::bigint,
            'clock', {_hash("expires_at::text")}, jsonb_build_array(
                {_reference("moved.history_id", ExceptionCase)}, {_reference("grant_versions.history_id", Grant)}
            ), head_digest, {_hash("head_digest")}
        FROM moved JOIN grant_versions USING (case_id) RETURNING id
    ), kept AS (
        INSERT INTO audit_eventpayload (event_id, salt, body)
        SELECT id, {_hash("id::text")}, '{{"expires_at":"2026-11-21T09:30:00.000000Z","removal_owed":1}}' FROM told
        RETURNING event_id
    )
    INSERT INTO {_table(Pending)} (event_id) SELECT event_id FROM kept"""  # noqa: S608 — names from the models, not from people


def _history_of(model: type[ExceptionCase | Grant], source: str) -> str:
    history: type[models.Model] = model.history.model
    names = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
    return f"""INSERT INTO {_table(history)} ({names}, history_date, history_change_reason, history_type)
        SELECT {names}, %(at)s, 'case.expired', '~' FROM {source} RETURNING history_id"""  # noqa: S608 — as above


def _reference(key: str, model: type[ExceptionCase | Grant]) -> str:
    history: type[models.Model] = model.history.model
    label = history._meta.label_lower
    digests = f"'digest', {_hash(f'{key}::text')}, 'format', {_hash(f'{key}::text')}"
    return f"jsonb_build_object({digests}, 'id', {key}::text, 'model', '{label}')"


def _hash(text: str) -> str:
    return f"encode(sha256(({text})::bytea), 'hex')"


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table
