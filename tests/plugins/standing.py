"""What takes long to build, built once for the tests of a module: each changes it in a savepoint of its own."""

from copy import deepcopy

import pytest
from django.db import transaction


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker):
    """A transaction around the module's tests: what a module's fixture saves in it is there for each, and then gone.

    Every test of the module sees it. Hand out deep copies, or what one test changes in memory reaches the next.
    """
    around = transaction.atomic()
    around._from_testcase = True  # as Django's own test cases do: what is durable in the product may be within
    with django_db_blocker.unblock(), around:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def founded(request, standing):
    """The company before anything is asked of it: as the module's `make_world` makes it, else as it always is."""
    from tests.exceptions_app.world import World

    world = getattr(request.module, "make_world", World)()
    world.found()
    return world


@pytest.fixture
def world(founded, db):
    """A company of the test's own: what it changes is gone after it."""
    return deepcopy(founded)
