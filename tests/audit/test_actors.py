"""Whoever is recorded has a pseudonym if and only if there is somebody behind it."""

from uuid import UUID

import pytest

from audit.actors import CLOCK, SYSTEM, Actor


@pytest.mark.parametrize("kind", ["person", "token"])
def test_somebody_needs_a_pseudonym(kind):
    assert Actor(kind, UUID(int=1)).id == UUID(int=1)
    with pytest.raises(ValueError, match="needs a pseudonym"):
        Actor(kind, None)


@pytest.mark.parametrize("actor", [CLOCK, SYSTEM])
def test_nobody_has_none(actor):
    with pytest.raises(ValueError, match="has no pseudonym"):
        Actor(actor.kind, UUID(int=1))


def test_other_kinds_are_refused():
    with pytest.raises(ValueError, match="not 'robot'"):
        Actor("robot")
