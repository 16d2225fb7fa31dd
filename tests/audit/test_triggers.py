"""The database itself refuses to change what is recorded, whoever asks, and says why in a sentence."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from simple_history.models import HistoricalChanges

from audit import triggers
from audit.models import Erasure, Event, EventPayload, Stream
from tests.audit.conftest import record

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]

APPEND_ONLY = ["audit_event", "audit_erasure", "audit_historyformat"]


def refused(sql: str, sentence: str) -> None:
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_rows_are_never_changed(written, table):
    key = {"audit_event": "id", "audit_erasure": "event_id"}.get(table, "digest")

    refused(f"UPDATE {table} SET {key} = {key}", f"Rows of {table} are never changed or removed")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_rows_are_never_removed(written, table):
    refused(f"DELETE FROM {table}", f"Rows of {table} are never changed or removed")


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        *[(table, f"Rows of {table} are never changed or removed") for table in APPEND_ONLY],
        ("audit_stream", "A stream is never removed"),
        ("audit_eventpayload", "erased one by one"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_tables_are_never_emptied(table, sentence):
    refused(f"TRUNCATE {table} CASCADE", sentence)


def test_payload_is_never_changed(written):
    refused("UPDATE audit_eventpayload SET body = '{}'", "A payload is never changed")


def test_payload_without_erasure_is_never_removed(written):
    refused("DELETE FROM audit_eventpayload", "only with its erasure on record")


def test_payload_with_its_erasure_may_go(written):
    event, eraser = Event.objects.get(kind="case.expired"), Event.objects.get(kind="payload.erased")

    Erasure.objects.create(event=event, erased_by=eraser)

    assert EventPayload.objects.filter(event=event).delete()[0] == 1


def test_erasure_must_name_an_erasing_event(written):
    event, other = Event.objects.filter(payload__isnull=False)[:2]

    with pytest.raises(IntegrityError, match="names the event that records it"):
        Erasure.objects.create(event=event, erased_by=other)


def test_erasing_event_is_never_erased(written):
    eraser = Event.objects.get(kind="payload.erased")
    other = Event(**{f.attname: getattr(eraser, f.attname) for f in Event._meta.concrete_fields})
    other.pk, other.sequence = None, 2
    other.save(force_insert=True)

    with pytest.raises(IntegrityError, match="never erased itself"):
        Erasure.objects.create(event=eraser, erased_by=other)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_time_of_recording_cannot_be_made_up(seconds):
    forged = record()
    forged.pk, forged.sequence = None, 2
    forged.recorded_at += timedelta(seconds=seconds)

    with pytest.raises(IntegrityError, match="the database itself gives"):
        forged.save(force_insert=True)


@pytest.mark.parametrize("transaction_id", [1, pytest.param(None, marks=pytest.mark.postgresql)])
def test_transaction_cannot_be_made_up(transaction_id):
    forged = record()
    forged.pk, forged.sequence, forged.transaction_id = None, 2, transaction_id

    with pytest.raises(IntegrityError, match="the database itself gives"):
        forged.save(force_insert=True)


@pytest.mark.parametrize(
    "change", ["head_sequence = head_sequence", "head_sequence = head_sequence - 1", "name = 'x', head_sequence = 99"]
)
def test_head_only_moves_forward_and_keeps_its_name(change):
    record()

    refused(f"UPDATE audit_stream SET {change}", "only moves forward")


def test_stream_begins_empty():
    with pytest.raises(IntegrityError, match="begins empty"):
        Stream.objects.create(name="x", head_sequence=1)


def test_stream_is_never_removed():
    record()

    refused("DELETE FROM audit_stream", "never removed")


def test_replacing_a_row_is_no_way_around(written):
    if connection.vendor == "sqlite":
        refused("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event", "never changed or removed")
    else:
        again = "INSERT INTO audit_erasure SELECT * FROM audit_erasure ON CONFLICT (event_id)"
        refused(f"{again} DO UPDATE SET erased_by_id = 0", "never changed or removed")


def test_history_tables_are_append_only_like_the_ledger():
    tables = [m._meta.db_table for m in apps.get_models() if issubclass(m, HistoricalChanges)]
    happenings = triggers.CHANGES if connection.vendor == "postgresql" else triggers.CHANGES[:2]

    wanted = {f"guard_{table}_{happening.lower()}" for table in tables for happening in happenings}

    assert tables
    assert wanted - triggers.standing(connection) == set()


def test_other_apps_protect_their_tables_with_the_same_guards():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shelf (id int)")
        cursor.execute("INSERT INTO shelf VALUES (1)")
    editor = connection.schema_editor()

    triggers.protect_table(editor, "shelf")
    refused("DELETE FROM shelf", "Rows of shelf are never changed or removed")

    triggers.unprotect_table(editor, "shelf")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shelf")


def test_table_whose_guards_names_would_not_fit_is_refused():
    with pytest.raises(ValueError, match="48 characters"):
        triggers.append_only("t" * 49)


@pytest.mark.django_db(transaction=True)
def test_guards_can_be_taken_down_and_put_up_again():
    before = triggers.standing(connection)

    triggers.remove(connection)
    fewer = triggers.standing(connection)
    triggers.install(connection)

    assert {guard.name for guard in triggers.GUARDS} & fewer == set()
    assert triggers.standing(connection) == before
