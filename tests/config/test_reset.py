"""The test database is emptied although the ledger refuses it."""

import pytest
from django.db import connection

from accounts.models import Team

pytestmark = [pytest.mark.smoke, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("time", ["first", "second"])
def test_rows_of_a_committing_test_are_gone_in_the_next(time):
    assert not Team.objects.exists()

    Team.objects.create(name="Payments")


def test_triggers_stand_again_after_a_flush():
    table = {"postgresql": "pg_trigger WHERE NOT tgisinternal", "sqlite": "sqlite_master WHERE type = 'trigger'"}

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table[connection.vendor]}")

        assert cursor.fetchone()[0] > 0
