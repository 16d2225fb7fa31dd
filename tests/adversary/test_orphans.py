"""Ways to have a case relied on that nobody answers for, or that its judge inherits (promises 4 and 15)."""

import pytest

from accounts import services as people
from accounts.errors import NotPossible
from exceptions_app import services
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def dan(world):
    """Nobody stands above or beside him."""
    return world.person("Dan")


def leave(case, person):
    people.deactivate(user=person, actor=None, at=START + HOUR)
    services.hand_over_orphan(case=case, at=START + HOUR)
    return fresh(case)


def test_an_orphan_is_not_resumed_while_nobody_answers_for_it(world, dan):
    case = leave(world.active(owner=dan), dan)
    assert case.state == "suspended"

    with refused(NotPossible, case, says="left"):
        services.resume(case=case, actor=world.bob, at=START + DAY, statement="The alert fires.")


def test_bob_does_not_inherit_what_he_approved(world, dan):
    people.change_user(user=dan, actor=None, at=START, manager=world.bob)
    case = world.active(owner=dan)

    case = leave(case, dan)

    assert (case.owner, case.state) == (dan, "suspended")


def test_carol_does_not_inherit_what_she_verified(world, dan):
    people.change_user(user=dan, actor=None, at=START, manager=world.carol)
    case = world.active(owner=dan)
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.carol, at=START, statement="Alert fired.")

    case = leave(case, dan)

    assert (case.owner, case.state) == (dan, "suspended")


def test_mona_inherits_what_bob_approved(world, dan):
    people.change_user(user=dan, actor=None, at=START, manager=world.person("Mona"))
    case = world.active(owner=dan)

    case = leave(case, dan)

    assert (case.owner, case.state) == (world.person("Mona"), "active")
