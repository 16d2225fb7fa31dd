"""`manage.py demo`: idempotent, and never beside real cases."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts import services as accounts
from accounts.models import User
from audit import clock
from audit.models import Event
from tests.plugins import company
from workflows.demo.cast import SIGN_IN

A_FRIDAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def demo():
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture
def first(django_db_setup, django_db_blocker):
    """What the command said that made the demo."""
    with django_db_blocker.unblock(), company.lived() as said:
        yield said


def test_the_command_prints_the_sign_ins_and_does_nothing_the_second_time(first):
    events = Event.objects.count()

    second = demo()

    assert "alice@norrsken.example" in first
    assert SIGN_IN in first
    assert "nothing was changed" in second
    assert Event.objects.count() == events
    assert not Event.objects.filter(at__gt=clock.now()).exists()


def test_the_command_refuses_a_database_that_holds_people(db):
    accounts.create_user(actor=None, at=A_FRIDAY, email="real@example.org", name="Real Person")

    with pytest.raises(CommandError, match="empty"):
        demo()

    assert User.objects.count() == 1


def test_the_command_refuses_a_database_whose_tables_are_older_than_the_program(db):
    migrations = MigrationLoader(connection)
    MigrationRecorder(connection).record_unapplied(*migrations.graph.leaf_nodes("workflows")[0])

    with pytest.raises(CommandError, match="run “migrate” first"):
        demo()

    assert not User.objects.exists()


def test_the_command_refuses_anything_but_a_local_run(db, settings):
    settings.LOCAL_RUN = False

    with pytest.raises(CommandError, match="local run"):
        demo()

    assert not User.objects.exists()
