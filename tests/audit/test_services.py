"""record() and record_many() append in the caller's transaction, in order, and leave nothing behind when it fails."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit import chain
from audit import services as ledger
from audit.actors import CLOCK
from audit.models import GENESIS, Event, EventPayload, Pending, Stream
from audit.verify import verify
from catalog.models import Environment, System, Tier
from tests.audit.conftest import ALICE, AT, entry, record, record_all, version_of
from tests.audit.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


def test_event_keeps_what_it_is_told_and_its_payload_apart():
    event = record(body={"title": "Old key", "when": AT, "who": ALICE.id})

    stored = Event.objects.get(pk=event.pk)
    assert (stored.kind, stored.at, stored.actor_kind, stored.actor_id) == ("case.edited", AT, "person", ALICE.id)
    assert stored.body == {"title": "Old key", "when": "2026-11-21T09:30:00.000000Z", "who": str(ALICE.id)}
    assert stored.payload_digest == chain.payload_digest(stored.payload.salt, stored.payload.body)
    assert "Old key" not in json.dumps(list(Event.objects.values()), default=str)


def test_clock_acts_as_itself_and_under_no_name():
    event = record(actor=CLOCK)

    assert (event.actor_kind, event.actor_id) == ("clock", None)


def test_events_of_a_stream_are_chained_from_genesis_to_the_head():
    first, second = record(), record()

    stream = Stream.objects.get(name="exceptions/EXC-2026-0001")
    assert (first.sequence, first.previous) == (1, GENESIS)
    assert (second.sequence, second.previous) == (2, first.digest)
    assert (stream.head_sequence, stream.head_digest) == (2, second.digest)


def test_each_event_waits_in_the_outbox_from_its_own_transaction_on():
    event = record()

    assert list(Pending.objects.values_list("event", flat=True)) == [event.pk]


def test_same_body_never_gives_the_same_payload_digest_twice():
    assert record().payload_digest != record().payload_digest


def test_time_of_recording_is_the_databases_whatever_the_programs_clock_says(time_machine):
    before = datetime.now(UTC)

    time_machine.move_to(datetime(2031, 1, 1, tzinfo=UTC))
    event = record(at=datetime(2019, 1, 1, tzinfo=UTC))

    assert abs(event.recorded_at - before) < timedelta(minutes=1)


@pytest.mark.postgresql
def test_transaction_is_the_databases_own():
    event = record()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        assert event.transaction_id == int(cursor.fetchone()[0])


def test_many_events_keep_their_order_within_each_stream():
    events = record_all([entry(f"exceptions/EXC-2026-{number % 3}", f"case.step{number}") for number in range(12)])

    assert [event.kind for event in events] == [f"case.step{number}" for number in range(12)]
    assert [event.sequence for event in events] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    assert [event.pk for event in events] == sorted(event.pk for event in events)
    assert verify().ok


def test_recording_nothing_does_nothing(django_assert_num_queries):
    with django_assert_num_queries(2):  # the savepoint around it
        assert record_all([]) == []


@pytest.mark.postgresql
def test_queries_do_not_grow_with_the_number_of_events():
    def queries(count: int) -> int:
        system = System(slug=f"vault-{count}", environment=Environment.PRODUCTION, criticality=Tier.LOW)
        rows = [version_of(system, f"Vault {count}.{number}") for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            record_all([entry(f"exceptions/{count}.{number % 50}", history=[row]) for number, row in enumerate(rows)])
        return len(captured)

    queries(1)

    assert queries(100) == queries(2) <= 12


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="open one with atomic"):
        ledger.record_many([entry()])

    assert not Stream.objects.exists()


def test_rolled_back_transaction_leaves_nothing():
    record()
    before = list(Stream.objects.values())

    with transaction.atomic():
        ledger.record_many([entry(), entry("exceptions/EXC-2026-0002")])
        transaction.set_rollback(True)

    assert [model.objects.count() for model in (Stream, Event, EventPayload, Pending)] == [1, 1, 1, 1]
    assert list(Stream.objects.values()) == before


def test_body_the_ledger_cannot_write_exactly_is_refused_before_a_stream_is_made():
    with transaction.atomic(), pytest.raises(TypeError, match="no canonical form"):
        ledger.record_many([entry(), entry("exceptions/EXC-2026-0002", body={"thing": object()})])

    assert not Stream.objects.exists()


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        entry(at=datetime(2026, 11, 21))  # noqa: DTZ001 — what is refused


@pytest.mark.parametrize("changes", [{"kind": "payload.erased"}, {"stream": "ledger/erasures"}])
def test_only_erasing_writes_erasures(changes):
    with pytest.raises(ValueError, match="Only erase"):
        record(**changes)


@pytest.mark.parametrize("changes", [{"kind": ""}, {"kind": "x" * 81}, {"stream": ""}])
@pytest.mark.postgresql
def test_database_refuses_an_event_without_its_names(changes):
    with pytest.raises(DatabaseError):
        record(**changes)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_on_one_stream_leave_no_gap_and_no_double():
    def write():
        return [record().sequence for _ in range(10)]

    sequences = [sequence for written in run_together([write] * 16) for sequence in written]

    assert sorted(sequences) == list(range(1, 161))
    assert verify().ok
    recorded = list(Event.objects.order_by("sequence").values_list("recorded_at", flat=True))
    assert recorded == sorted(recorded)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_writers_of_many_streams_never_wait_for_each_other_in_a_ring():
    def write(turn: int):
        numbers = range(12) if turn % 2 else range(11, -1, -1)
        for again in range(4):
            record_all([entry(f"exceptions/EXC-{again}-{number}") for number in numbers if (number + turn) % 3])

    run_together([lambda turn=turn: write(turn) for turn in range(8)])

    assert verify().ok
    assert Event.objects.count() == 8 * 4 * 8
