"""Bob steps aside, which says that he is too close to it, and then has a hand in it after all (promise 4)."""

import pytest

from accounts.errors import NotAllowed
from catalog.models import Tier
from exceptions_app import rules, services
from exceptions_app.queries.home import home
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import HOUR, START, fresh, witness

pytestmark = pytest.mark.django_db
LATER = START + HOUR


def left_aside(world, *people, **fields):
    """A request from which these people stepped aside."""
    case = world.requested(term_days=7, **fields)
    world.fallback  # noqa: B018 — stands behind the group
    for person in people:
        services.recuse(case=case, actor=person, at=START, reason="My sister asks.")
    return fresh(case)


def act(world, case, action, actor):
    at = START + 2 * HOUR
    if action == "raise_tier":
        said = {"tier": Tier.HIGH, "reason": "Payroll.", "router": world.router}
        services.raise_tier(case=case, actor=actor, at=at, **said)
    else:
        witness(case, action, actor, at)


def brought_to(world, case, action):
    """The case in a state in which the act is possible."""
    if action in {"raise_tier", "verify_safeguard"}:
        return case
    case = world.activate(world.approve(case, START, actor=world.carol), START)
    verb = services.suspend if action == "resume" else services.revoke
    return verb(case=case, actor=world.connie, at=LATER, reason="Odd calls seen.")


@pytest.mark.parametrize("action", ["raise_tier", "verify_safeguard", "resume", "confirm_removal"])
def test_bob_who_stepped_aside_has_no_hand_in_it_and_carol_has(world, action):
    case = brought_to(world, left_aside(world, world.bob), action)

    with refused(NotAllowed, case, says="You stepped aside"):
        act(world, case, action, world.bob)
    act(world, case, action, world.carol)


@pytest.mark.parametrize("action", ["decide", "take"])
def test_bob_is_told_that_he_stepped_aside(world, action):
    case = left_aside(world, world.bob)

    assert "You stepped aside" in rules.why_not(world.bob, action, case, LATER)


def test_bob_is_not_asked_at_home_for_what_he_stepped_aside_from(world):
    case = left_aside(world, world.bob, safeguards=[world.safeguard(required=True)])
    world.approve(case, START, actor=world.carol)

    assert list(home(world.bob, LATER).to_verify.cases) == []
    assert list(home(world.carol, LATER).to_verify.cases) == [case]

    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.carol, at=LATER, statement="It fired.")
    world.activate(case, LATER)
    services.revoke(case=case, actor=world.connie, at=LATER + HOUR, reason="Key leaked.")

    assert list(home(world.bob, LATER + HOUR).to_confirm.cases) == []
    assert list(home(world.carol, LATER + HOUR).to_confirm.cases) == [case]
