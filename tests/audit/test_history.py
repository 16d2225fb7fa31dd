"""Digests of history rows hold through the database and through columns added later."""

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from audit import history
from audit.models import HistoryFormat
from audit.verify import verify
from catalog.models import Environment, System, Tier
from tests.audit.conftest import record, version_of

SALT = b"s" * 32


@pytest.fixture
def system(db):
    return System(slug="vault", environment=Environment.PRODUCTION, criticality=Tier.HIGH)


def test_event_vouches_for_the_rows_written_with_it(system):
    version = version_of(system, "Vault")

    [reference] = record(history=[version]).history

    assert (reference["model"], reference["id"]) == ("catalog.historicalsystem", str(version.pk))
    assert HistoryFormat.objects.get(digest=reference["format"]).fields == sorted(
        field.attname for field in version._meta.concrete_fields
    )


def test_same_row_has_another_digest_in_every_event(system):
    version = version_of(system, "Vault")

    one, other = record(history=[version]), record(history=[version])

    assert one.history[0]["digest"] != other.history[0]["digest"]


def test_format_is_written_down_once(system):
    record(history=[version_of(system, "Vault")])
    record(history=[version_of(system, "Vault 2")])

    assert HistoryFormat.objects.count() == 1


def test_unsaved_row_is_refused(system):
    with pytest.raises(ValueError, match="Save the"):
        record(history=[System.history.model()])


def test_column_added_later_leaves_old_digests_valid(system):
    version = version_of(system, "Vault")
    present = [field.attname for field in version._meta.concrete_fields]
    older = history.format_of(type(version), [name for name in present if name != "description"])

    assert older.digest != history.format_of(type(version)).digest
    assert older.row_digest(SALT, [getattr(version, name) for name in older.fields])


def test_digest_made_before_a_column_was_added_still_verifies(system, monkeypatch):
    present = history.format_of
    with monkeypatch.context() as earlier:
        names = [field.attname for field in System.history.model._meta.concrete_fields]
        earlier.setattr(history, "format_of", lambda model: present(model, [n for n in names if n != "description"]))
        record(history=[version_of(system, "Vault")])

    record(history=[version_of(system, "Vault 2")])

    assert HistoryFormat.objects.count() == 2
    assert verify().ok


@isolate_apps("audit")
def every_kind_of_column():
    class Shelf(models.Model):
        truth = models.BooleanField(null=True)
        number = models.IntegerField(null=True)
        big = models.BigIntegerField(null=True)
        real = models.FloatField(null=True)
        price = models.DecimalField(max_digits=12, decimal_places=3, null=True)
        text = models.TextField(null=True)  # noqa: DJ001 — None must have a form too
        short = models.CharField(max_length=50, null=True)  # noqa: DJ001
        at = models.DateTimeField(null=True)
        on = models.DateField(null=True)
        hour = models.TimeField(null=True)
        lasting = models.DurationField(null=True)
        key = models.UUIDField(null=True)
        raw = models.BinaryField(null=True)
        document = models.JSONField(null=True)
        file = models.FileField(null=True)
        address = models.GenericIPAddressField(null=True)
        above = models.ForeignKey("self", models.DO_NOTHING, null=True, db_constraint=False)

        class Meta:
            app_label = "audit"

        def __str__(self):
            return "shelf"

    return Shelf


SHELVES = [
    {},
    {"truth": True, "number": -5, "real": 0.1, "text": 'Ünïcode \u2028 𝄞 \\ " \n\t', "short": ""},
    {"truth": 0, "number": "7", "real": 3, "text": 5, "short": Environment.PRODUCTION},
    {"big": 2**63 - 1, "real": 1e300, "price": Decimal("1.5"), "number": Tier.HIGH},
    {"big": -(2**53), "price": Decimal("-0.0004"), "real": -0.0},
    {"price": "12.3456", "key": "0000000000000000000000000000000a", "on": "2026-11-21"},
    {"at": datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2))), "on": date(2026, 2, 28)},
    {
        "at": datetime(1900, 1, 1, tzinfo=UTC),
        "hour": time(23, 59, 59, 999999),
        "lasting": timedelta(days=-3, microseconds=1),
    },
    {"key": uuid.UUID(int=1), "raw": b"\x00\xff", "file": "evidence/a.pdf", "address": "2001:DB8::1", "above_id": 12},
    {"document": {"b": [1, 2.50, None, True, {"𝄞": "x", "\ue000": 1e-7}], "a": (1, 2), "n": 100.0}},
]


@pytest.mark.postgresql
@pytest.mark.parametrize("values", SHELVES)
def test_digest_of_a_row_is_the_same_before_and_after_the_database(db, values):
    model = every_kind_of_column()
    with connection.schema_editor(atomic=False) as editor:
        editor.create_model(model)
    form = history.format_of(model)
    row = model(**values)
    row.save()

    before = form.row_digest(SALT, [getattr(row, name) for name in form.fields])
    after = form.row_digest(SALT, model.objects.values_list(*form.fields).get(pk=row.pk))

    assert before == after


def test_number_that_jsonb_would_rewrite_is_refused():
    form = history.format_of(every_kind_of_column(), ["document"])

    with pytest.raises(ValueError, match="write it as text"):
        form.row_digest(SALT, [{"count": 1e22}])
