"""Versions are copies the database makes of the rows just stored; the ledger vouches for them all the same."""

import pytest

from audit.verify import verify
from exceptions_app.copying import copy_rows
from exceptions_app.models import ExceptionCase, Grant

pytestmark = pytest.mark.smoke


def test_a_version_is_the_row_as_stored_and_verifies(world):
    case = world.active()

    version = ExceptionCase.history.filter(id=case.pk).latest("history_id")

    stored = ExceptionCase.objects.values().get(pk=case.pk)
    assert {name: getattr(version, name) for name in stored} == stored
    assert verify().ok


def test_lists_and_their_order_survive_the_copy(world):
    grant = world.active().grants.get()

    version = Grant.history.filter(id=grant.pk).latest("history_id")

    assert (version.actions, version.networks) == (grant.actions, grant.networks)


def test_a_version_is_found_at_its_own_instant(world):
    case = world.draft()

    assert ExceptionCase.history.filter(id=case.pk, history_date=world.start).count() == 1
    assert ExceptionCase.history.as_of(world.start).get(pk=case.pk).title == case.title


def test_a_row_that_is_not_stored_has_no_version(world):
    case = world.active()
    version = ExceptionCase.history.filter(id=case.pk).latest("history_id")

    with pytest.raises(RuntimeError):
        copy_rows(ExceptionCase, [version, version])
