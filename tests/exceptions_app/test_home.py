"""Home asks whom the law would let act, also after a control went to another group."""

import pytest

from catalog.services import change_control
from exceptions_app import rules, services
from exceptions_app.queries.home import home
from exceptions_app.services import DraftContent
from tests.exceptions_app.world import DAY, HOUR, SINCE, START, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(world):
    """An approved case that waits for a safeguard; its control went to another group since."""
    case = world.approved(safeguards=[world.safeguard(required=True)])
    group = world.make_group("Newcomers", "Nora")
    change_control(
        control=world.control, version=world.control.version, actor=None, at=START + HOUR, approver_group=group
    )
    return fresh(case)


@pytest.mark.parametrize("name", ["Carol", "Nora"])
def test_whoever_may_verify_is_asked_to(world, moved, name):
    person = world.person(name)

    assert rules.why_not(person, "verify", moved, START + DAY) is None
    assert list(home(person, START + DAY).to_verify.cases) == [moved]


@pytest.mark.parametrize("name", ["Carol", "Nora"])
def test_whoever_may_confirm_a_removal_is_asked_to(world, name):
    case = world.revoked()
    group = world.make_group("Newcomers", "Nora")
    change_control(
        control=world.control, version=world.control.version, actor=None, at=START + DAY, approver_group=group
    )
    person = world.person(name)

    assert rules.why_not(person, "confirm_removal", fresh(case), START + DAY) is None
    assert list(home(person, START + DAY).to_confirm.cases) == [case]


def test_a_step_of_a_route_that_was_voided_asks_nobody(world):
    old = world.make_group("Once asked", "Olaf")
    case = world.requested(router=world.routed((old, 1)), safeguards=[world.safeguard(required=True)])
    services.amend(
        case=case,
        actor=world.alice,
        at=START + HOUR,
        version=fresh(case).version,
        content=DraftContent({"title": "Said better"}),
        router=world.router,
    )
    world.approve(case, START + 2 * HOUR)

    assert list(home(world.carol, START + DAY).to_verify.cases) == [case]
    assert list(home(world.person("Olaf"), START + DAY).to_verify.cases) == []


def test_what_ends_and_is_renewed_waits_for_others(world):
    case = world.active()
    at = case.expires_at - 5 * DAY
    assert list(home(world.olga, at).ending.cases) == [case]

    changed = {**SINCE, "remediation_on": (at + 60 * DAY).date()}
    heir = world.submit(services.renew(case=case, actor=world.alice, at=at, changed=changed), at)

    found = home(world.olga, at)
    assert list(found.ending.cases) == []
    [row] = found.continued.cases
    assert (row, row.heir_reference, row.heir_state) == (case, heir.reference, "requested")
