"""Petra runs the catalog; she does not make herself a judge by it (promise 4)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from catalog import services as catalog
from tests.exceptions_app.world import START, fresh

pytestmark = pytest.mark.django_db


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


def test_petra_does_not_make_herself_the_owner_who_judges(world):
    system = fresh(world.system)
    with pytest.raises(NotAllowed, match="somebody else"):
        change(world, owner=world.petra)
    with pytest.raises(NotAllowed, match="somebody else"):
        catalog.change_system(system=system, version=system.version, actor=world.petra, at=START, owner=world.petra)

    assert (fresh(world.control).owner, fresh(system).owner) == (world.connie, world.sven)


@pytest.mark.parametrize("kind", ["control", "system"])
def test_petra_creates_nothing_whose_exceptions_she_would_judge(world, kind):
    create = getattr(catalog, f"create_{kind}")
    details = {
        "control": {"code": "NHI-NEW-01", "title": "New", "statement": "So it is.", "approver_group": world.group},
        "system": {"name": "New vault", "environment": "staging", "criticality": 2},
    }
    with pytest.raises(NotAllowed, match="somebody else"):
        create(**details[kind], owner=world.petra, actor=world.petra, at=START)


@pytest.mark.parametrize("place", ["owner", "backup_owner"])
def test_petra_does_not_hand_on_her_identity_to_judge_what_it_was_excepted_from(world, place):
    identity = world.make_identity("petras", owner=world.olive) if place == "backup_owner" else world.identity
    type(identity).objects.filter(pk=identity.pk).update(**{place: world.petra})
    identity = fresh(identity)

    with pytest.raises(NotAllowed, match="somebody else"):
        catalog.change_identity(
            identity=identity, version=identity.version, actor=world.petra, at=START, **{place: world.mallory}
        )
    catalog.change_identity(identity=identity, version=identity.version, actor=world.petra, at=START, name="New name")

    assert getattr(fresh(identity), place) == world.petra
