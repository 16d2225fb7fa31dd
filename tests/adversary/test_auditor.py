"""Audrey audits, whatever else she is made: she reads everything and changes nothing (issue 2, roles)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from catalog import services as catalog
from tests.exceptions_app.world import START, fresh
from workflows import services as work
from workflows.models import Effect

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["is_programme_manager", "is_superuser"])
def audrey(world, request):
    return world.person("Audrey", is_auditor=True, **{request.param: True})


def test_an_auditor_with_another_role_changes_no_people(world, audrey):
    with pytest.raises(NotAllowed):
        people.add_member(group=world.group, member=world.mallory, actor=audrey, at=START)
    with pytest.raises(NotAllowed):
        people.deactivate(user=world.bob, actor=audrey, at=START)


def test_an_auditor_with_another_role_changes_no_catalog(world, audrey):
    control = fresh(world.control)

    with pytest.raises(NotAllowed):
        catalog.change_control(control=control, version=control.version, actor=audrey, at=START, severity=1)


def test_an_auditor_with_another_role_tries_no_effect_again(audrey):
    with pytest.raises(NotAllowed):
        work.retry(effect=Effect(), actor=audrey, at=START)
