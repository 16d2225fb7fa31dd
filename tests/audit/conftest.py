"""A small ledger to look at and to tamper with: streams, history rows, and one person's payloads erased."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import models, transaction

from audit import services as ledger
from audit.actors import CLOCK, SYSTEM, Actor
from audit.models import Event
from catalog.models import Environment, System, Tier

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ALICE = Actor("person", UUID(int=0xA))
BOB = Actor("person", UUID(int=0xB))


def entry(stream: str = "exceptions/EXC-2026-0001", kind: str = "case.edited", **changes) -> ledger.Entry:
    return ledger.Entry(
        **{"stream": stream, "kind": kind, "actor": ALICE, "at": AT, "body": {"title": "Old key"}} | changes
    )


def record(*args, **changes) -> Event:
    """One event in a transaction of its own."""
    return record_all([entry(*args, **changes)])[0]


def record_all(entries) -> list[Event]:
    with transaction.atomic():
        return ledger.record_many(entries)


def version_of(system: System, name: str) -> models.Model:
    """Save the system under a new name; the history row of that."""
    system.name = name
    system.save()
    return system.history.latest("history_id")


@dataclass(frozen=True)
class Written:
    """What the ledger under test consists of."""

    streams: list[str]
    history: type[models.Model]


@pytest.fixture
def written(db) -> Written:
    streams = [f"exceptions/EXC-2026-{number:04}" for number in range(1, 6)]
    systems = [System(slug=f"vault-{n}", environment=Environment.PRODUCTION, criticality=Tier.HIGH) for n in range(5)]
    for turn in range(4):
        for number, (stream, system) in enumerate(zip(streams, systems, strict=True)):
            versions = [version_of(system, f"Vault {number}.{turn}.{step}") for step in range(turn % 3)]
            by = [ALICE, BOB, CLOCK, SYSTEM][(number + turn) % 4]
            at = AT + timedelta(days=turn)
            record(stream, f"case.turn{turn}", actor=by, at=at, body={"turn": turn, "note": "x"}, history=versions)
    ledger.erase(person=BOB.id, actor=SYSTEM, at=AT, reason="Bob left and asked for it.")
    record(streams[0], "case.expired", actor=CLOCK)
    return Written([*streams, "ledger/erasures"], System.history.model)
