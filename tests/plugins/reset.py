"""Empties the database after tests that commit.

The ledger refuses DELETE and TRUNCATE by trigger, whoever asks. So the triggers are put aside while Django flushes:
on PostgreSQL for this session alone, on SQLite by dropping them and creating them again from their own text.
"""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase


@pytest.fixture(autouse=True, scope="session")
def flush_past_the_triggers():
    flush = TransactionTestCase._fixture_teardown

    def teardown(case):
        with _triggers_aside():
            flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@contextmanager
def _triggers_aside():
    aside = _aside_on_postgresql if connection.vendor == "postgresql" else _aside_on_sqlite
    with aside():
        yield


@contextmanager
def _aside_on_postgresql():
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")


@contextmanager
def _aside_on_sqlite():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _name, sql in triggers:
                cursor.execute(sql)
