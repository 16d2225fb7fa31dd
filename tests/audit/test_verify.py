"""verify() finds what triggers could not stop, and nothing where nothing happened."""

import json
import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import chain
from audit import services as ledger
from audit.history import format_digest
from audit.models import Erasure, Event, EventPayload, HistoryFormat, Stream
from audit.verify import Difference, verify
from tests.audit import tampering
from tests.audit.conftest import ALICE, AT, BOB, entry, record, record_all
from tests.audit.guards import suspended
from tests.audit.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]

STREAM = "exceptions/EXC-2026-0002"


def report_after(*statements: str):
    with suspended(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return verify()


def test_untouched_ledger_has_no_difference(written):
    report = verify()

    assert report.ok
    assert (report.first, report.differences) == (None, [])
    assert report.events == Event.objects.count()
    assert report.streams == len(written.streams)


def test_empty_ledger_has_no_difference():
    assert verify().ok


def test_random_tamperings_are_each_found(written):
    assert unseen_tamperings(written, range(100)) == []
    assert verify().ok


@pytest.mark.proof
def test_thousands_of_random_tamperings_are_each_found(written, proof_figure):
    turns = range(100, 2_000)

    assert unseen_tamperings(written, turns) == []
    assert verify().ok
    proof_figure("Random tamperings with the triggers off, each found by verify", len(turns))


def unseen_tamperings(written, turns):
    """What was done to the ledger, each time alone, that verify did not find."""
    unseen = []
    for seed in turns:
        with transaction.atomic():
            told = tampering.tamper(random.Random(seed), written, seed)
            if verify().ok:
                unseen.append(f"seed {seed}: {told}")
            transaction.set_rollback(True)
    return unseen


def test_first_difference_names_stream_event_and_what_differs(written):
    event = Event.objects.get(stream__name=STREAM, sequence=2)

    report = report_after(f"UPDATE audit_event SET kind = 'case.approved' WHERE id = {event.pk}")

    assert len(report.differences) == 1
    assert str(report.first) == f"{STREAM}, event 2: the event is not what was recorded: its digest does not match."


def test_each_difference_is_named_once_and_in_order(written):
    report = report_after("UPDATE audit_event SET kind = 'case.approved' WHERE sequence = 3")

    assert [difference.stream for difference in report.differences] == written.streams[:5]
    assert {difference.sequence for difference in report.differences} == {3}


def test_gap_is_named_by_the_number_that_is_missing(written):
    event = Event.objects.get(stream__name=STREAM, sequence=2)

    report = report_after(
        f"UPDATE audit_event SET stream_id = {event.stream_id + 1}, sequence = 99 WHERE id = {event.pk}"
    )

    assert report.first.sequence == 3
    assert "it should be event 2" in report.first.what


def test_event_that_names_another_predecessor_is_found_though_its_own_digest_holds(written):
    event = Event.objects.filter(stream__name=STREAM).select_related("stream").latest("sequence")
    event.previous = "f" * 64
    event.digest = chain.event_digest(event, STREAM)

    report = report_after(
        f"UPDATE audit_event SET previous = '{event.previous}', digest = '{event.digest}' WHERE id = {event.pk}",
        f"UPDATE audit_stream SET head_digest = '{event.digest}' WHERE id = {event.stream_id}",
    )

    assert [d.what for d in report.differences] == ["it does not name the digest of the event before it."]


def test_erased_payload_that_is_back_is_found_though_it_is_the_true_one():
    event = record(actor=BOB)
    payload = EventPayload.objects.get(event=event)
    ledger.erase(person=BOB.id, actor=ALICE, at=AT, reason="Bob left.")
    payload.save(force_insert=True)

    assert "on record as erased, yet it is there" in verify().first.what

    with suspended(connection):
        Erasure.objects.all().delete()

    assert "on record as erased, yet it is there" in verify().first.what


def test_salt_kept_for_history_that_is_not_there_is_found():
    record(actor=BOB)
    ledger.erase(person=BOB.id, actor=ALICE, at=AT, reason="Bob left.")

    report = report_after(f"UPDATE audit_erasure SET history_salt = '{'a' * 64}'")

    assert "erasure of its payload is not the one recorded" in report.first.what


@pytest.mark.parametrize("body", ["{}", "[]", '{"events": [{"stream": 1}]}', "not JSON"])
def test_erasing_event_rewritten_to_list_nothing_explains_nothing(written, body):
    event = Event.objects.get(kind="payload.erased")
    event.payload_digest = chain.payload_digest("0" * 64, body)
    event.digest = chain.event_digest(event, "ledger/erasures")

    report = report_after(
        f"UPDATE audit_eventpayload SET salt = '{'0' * 64}', body = '{body}' WHERE event_id = {event.pk}",
        f"UPDATE audit_event SET payload_digest = '{event.payload_digest}' WHERE id = {event.pk}",
        f"UPDATE audit_event SET digest = '{event.digest}' WHERE id = {event.pk}",
        f"UPDATE audit_stream SET head_digest = '{event.digest}' WHERE id = {event.stream_id}",
    )

    assert {d.what for d in report.differences} == {"the erasure of its payload is not the one recorded."}


def test_erasing_event_outside_its_stream_is_found():
    event = record()
    event.kind = "payload.erased"
    event.digest = chain.event_digest(event, event.stream.name)

    report = report_after(
        f"UPDATE audit_event SET kind = 'payload.erased', digest = '{event.digest}'",
        f"UPDATE audit_stream SET head_digest = '{event.digest}'",
    )

    assert [d.what for d in report.differences] == ["an erasing event stands outside the stream ledger/erasures."]


def test_removed_tail_is_found_when_the_head_is_not_rewound(written):
    last = Event.objects.filter(stream__name=STREAM).latest("sequence")

    report = report_after(
        f"DELETE FROM audit_pending WHERE event_id = {last.pk}",
        f"DELETE FROM audit_eventpayload WHERE event_id = {last.pk}",
        f"DELETE FROM audit_event WHERE id = {last.pk}",
    )

    assert "head of the stream" in report.first.what


def test_removed_tail_with_head_rewound_is_left_for_seals_to_find(written):
    events = Event.objects.filter(stream__name=written.streams[0])
    last, before = events.order_by("-sequence")[:2]

    report = report_after(
        f"DELETE FROM audit_pending WHERE event_id = {last.pk}",
        f"DELETE FROM audit_eventpayload WHERE event_id = {last.pk}",
        f"DELETE FROM audit_event WHERE id = {last.pk}",
        f"UPDATE audit_stream SET head_sequence = {before.sequence}, head_digest = '{before.digest}'"
        f" WHERE id = {before.stream_id}",
    )

    assert report.ok  # docs/ledger.md says so; history rows written with the tail would have given it away


def test_stream_verified_alone_ignores_differences_elsewhere(written):
    other = Stream.objects.get(name=written.streams[2])
    report_after(f"UPDATE audit_event SET kind = 'x' WHERE stream_id = {other.pk}")

    assert verify([STREAM]).ok
    assert not verify([other.name]).ok


def test_stream_that_lost_payloads_is_verified_with_the_erasures_that_explain_it(written):
    [stream] = {event.stream.name for event in Event.objects.filter(payload=None)[:1]}
    assert verify([stream]).streams == 2

    report_after("UPDATE audit_event SET kind = 'x' WHERE kind = 'payload.erased'")

    assert not verify([stream]).ok


def test_unknown_stream_is_a_difference():
    assert str(verify(["exceptions/EXC-1999-0001"]).first) == "exceptions/EXC-1999-0001: the ledger has no such stream."


@pytest.mark.postgresql
def test_stream_whose_events_all_vanished_is_a_difference(written):
    stream = Stream.objects.get(name=written.streams[-1])

    report = report_after(f"UPDATE audit_event SET stream_id = stream_id + 1000 WHERE stream_id = {stream.pk}")

    assert "the stream has no events." in [difference.what for difference in report.differences]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM catalog_historicalsystem", "is missing."),
        ("UPDATE catalog_historicalsystem SET description = 'x'", "is not what was recorded."),
    ],
)
def test_history_row_that_differs_is_named_with_its_event(written, change, told):
    event = Event.objects.filter(stream__name=STREAM).exclude(history=[]).first()
    [reference] = event.history

    report = report_after(f"{change} WHERE history_id = {reference['id']}")

    what = f"history row catalog.historicalsystem {reference['id']} {told}"
    assert report.differences == [Difference(STREAM, event.sequence, what)]


def test_invented_history_row_is_a_difference(written):
    made_up = written.history.objects.latest("history_id")
    made_up.pk = None
    made_up.save()

    report = verify()

    assert report.first.stream == "catalog.historicalsystem"
    assert report.first.what == f"0 events vouch for row {made_up.pk}; it should be one."


def test_history_row_vouched_for_twice_is_a_difference(written):
    record("exceptions/EXC-2026-0009", history=[written.history.objects.latest("history_id")])

    assert "2 events vouch for row" in verify().first.what


@pytest.mark.parametrize("invented", ['{"id": "x"}', "[1e400]", '[{"format": 1}]', "5", "null"])
def test_history_that_cannot_be_is_named_like_any_other_change(written, invented):
    report = report_after(f"UPDATE audit_event SET history = '{invented}' WHERE kind = 'case.expired'")

    assert "its digest does not match" in report.first.what
    assert {difference.stream for difference in report.differences} - {written.streams[0]} <= {
        "catalog.historicalsystem"
    }


def test_reference_to_a_row_that_cannot_be_is_a_difference_and_not_a_crash(written):
    event = Event.objects.exclude(history=[]).first()
    reference = event.history[0] | {"id": "9" * 30}

    report = report_after(f"UPDATE audit_event SET history = '[{json.dumps(reference)}]' WHERE id = {event.pk}")

    assert report.first.sequence == event.sequence
    assert "its digest does not match" in report.first.what


def test_column_that_cannot_be_read_is_a_difference_and_not_a_crash(written):
    if connection.vendor == "postgresql":  # which has types that no one can get past
        report = report_after("UPDATE audit_event SET at = '0001-01-01 00:00+00' WHERE sequence = 2")
    else:
        report = report_after("UPDATE audit_event SET actor_id = 'nobody' WHERE actor_id IS NOT NULL")

    assert not report.ok


def test_reading_stops_after_a_thousand_differences():
    record_all([entry(f"exceptions/EXC-2026-{number}") for number in range(5000)])

    report = report_after("UPDATE audit_event SET kind = 'x'")

    assert 1000 <= len(report.differences) < 5000


@pytest.mark.django_db(transaction=True)
def test_verification_beside_a_writer_sees_one_moment():
    record(actor=BOB)
    written_meanwhile = []

    def erase_bob():
        return ledger.erase(person=BOB.id, actor=ALICE, at=AT, reason="Bob left.")

    def write_meanwhile(execute, sql, params, many, context):
        if "audit_historyformat" in sql and not written_meanwhile:
            written_meanwhile.extend(run_together([erase_bob]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(write_meanwhile):
        report = verify()

    assert written_meanwhile == [1]
    assert (report.events, report.differences) == (1, [])
    assert verify().events == 2


def test_history_format_that_was_changed_is_named(written):
    digest = Event.objects.exclude(history=[]).first().history[0]["format"]

    report = report_after("UPDATE audit_historyformat SET fields = '[\"name\"]'")

    assert report.differences[-1] == Difference(
        "ledger/history-formats", 0, f"format {digest} cannot be used: it is not the one recorded."
    )


def test_history_format_that_no_event_uses_is_a_difference():
    digest = format_digest("catalog.historicalsystem", ["name"])
    HistoryFormat.objects.create(digest=digest, model="catalog.historicalsystem", fields=["name"])

    assert verify().differences == [Difference("ledger/history-formats", 0, f"no event uses format {digest}.")]


def test_history_format_of_a_column_that_is_gone_is_a_difference_and_not_a_crash():
    digest = format_digest("catalog.historicalsystem", ["colour"])
    HistoryFormat.objects.create(digest=digest, model="catalog.historicalsystem", fields=["colour"])

    assert "cannot be used: 'colour'" in verify().first.what


def test_command_says_what_was_verified(written, capsys):
    call_command("verify_events")

    assert capsys.readouterr().out == f"{Event.objects.count()} events in 6 streams are what was recorded.\n"


def test_command_names_the_first_difference_and_counts(written):
    report_after("UPDATE audit_event SET kind = 'x' WHERE sequence = 1 AND actor_kind = 'person'")

    with pytest.raises(
        CommandError, match=r"event 1: the event is not what was recorded.*\nDifferences: \d\."
    ) as error:
        call_command("verify_events")

    assert error.value.returncode == 1


def test_command_verifies_one_stream(written, capsys):
    call_command("verify_events", "--stream", "ledger/erasures")

    assert capsys.readouterr().out == "1 events in 1 streams are what was recorded.\n"
