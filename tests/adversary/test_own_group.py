"""Petra runs the catalog; she does not make herself an approver by it (promise 4)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from catalog import services as catalog
from tests.exceptions_app.world import START, World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def own(world):
    """A group that Petra belongs to."""
    group = world.make_group("Platform approvers")
    people.add_member(group=group, member=world.petra, actor=None, at=START)
    return group


def change(world, **details):
    control = fresh(world.control)
    catalog.change_control(control=control, version=control.version, actor=world.petra, at=START, **details)


def test_petra_does_not_give_a_control_to_her_own_group(world, own):
    with pytest.raises(NotAllowed, match="belong"):
        change(world, approver_group=own)
    with pytest.raises(NotAllowed, match="belong"):
        catalog.create_control(
            code="NHI-NEW-01", title="New", statement="So it is.", approver_group=own, actor=world.petra, at=START
        )

    assert fresh(world.control).approver_group == world.group


def test_petra_changes_what_her_own_group_decides_already(world, own):
    type(world.control).objects.filter(pk=world.control.pk).update(approver_group=own)

    change(world, approver_group=own, title="Secrets are rotated daily")

    assert fresh(world.control).title == "Secrets are rotated daily"
