"""Mallory's ways to keep access that a renewal seems to carry on (promise 13)."""

import pytest

from exceptions_app import services
from tests.exceptions_app.world import DAY, START, fresh

pytestmark = pytest.mark.django_db


def superseded(world, **fields):
    """A case of a long-lived secret, after a renewal with these fields took over."""
    case = world.active(grants=[world.grant(networks=("10.4.0.0/16",), conditions="Nightly job only")])
    heir = world.renewal(case, START + 5 * DAY, **fields)
    world.approve(heir, START + 6 * DAY)
    world.sweep(case.expires_at)
    assert fresh(case).end_reason == "superseded"
    return case


def test_a_renewal_with_another_credential_does_not_carry_the_secret_on(world):
    case = superseded(world, credential_form="none")

    assert case.grants.get().removal_state == "owed"


@pytest.mark.parametrize(
    ("networks", "conditions", "state"),
    [
        (("10.4.0.0/16",), "Nightly job only", "carried"),
        ((), "", "carried"),
        (("10.4.0.0/16", "10.5.0.0/16"), "Nightly job only", "carried"),
        (("10.4.1.0/24",), "Nightly job only", "owed"),
        (("10.4.0.0/16",), "Sundays only", "owed"),
    ],
)
def test_a_renewal_that_opens_less_carries_on_only_what_it_opens(world, networks, conditions, state):
    case = superseded(world, grants=[world.grant(networks=networks, conditions=conditions)])

    assert case.grants.get().removal_state == state


def test_an_open_network_is_not_carried_on_by_a_narrow_one(world):
    case = world.active()
    heir = world.renewal(case, START + 5 * DAY, grants=[world.grant(networks=("10.4.0.0/16",))])
    world.approve(heir, START + 6 * DAY)

    world.sweep(case.expires_at)

    assert case.grants.get().removal_state == "owed"


@pytest.mark.parametrize("end", ["complete", "revoke", "suspend"])
def test_an_heir_that_ends_at_the_handover_owes_what_it_took_over(world, end):
    case = world.active()
    heir = world.renewal(case, START + 5 * DAY)
    world.approve(heir, START + 6 * DAY)
    world.sweep(case.expires_at)

    getattr(services, end)(case=heir, actor=world.olga, at=case.expires_at, reason="Nobody needs it.")
    world.sweep(fresh(heir).expires_at)

    assert case.grants.get().removal_state == "carried"
    assert heir.grants.get().removal_state == "owed"
