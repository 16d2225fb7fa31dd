"""What takes long to build, built once for the tests of a module: each changes it in a savepoint of its own."""

import pytest
from django.db import transaction


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker):
    """A transaction around the module's tests: what a module's fixture saves in it is there for each, and then gone.

    Every test of the module sees it. Hand out deep copies, or what one test changes in memory reaches the next.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
