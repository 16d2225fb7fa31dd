"""What the catalog says between approval and start binds the start (promises 5 and 8)."""

import pytest

from catalog import services as catalog
from exceptions_app import services
from tests.exceptions_app.world import DAY, HOUR, START

pytestmark = pytest.mark.django_db


def guarded(world, **fields):
    """Approved, and waiting for a safeguard."""
    return world.approved(safeguards=[world.safeguard(required=True)], **fields)


def verify(world, case):
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.carol, at=START + HOUR, statement="Fired.")


@pytest.mark.parametrize("change", ["forbids", "retires control", "retires identity"])
def test_what_the_catalog_forbids_since_the_approval_does_not_start(world, change):
    case = guarded(world)
    control = {"control": world.control, "version": world.control.version, "actor": world.petra, "at": START}
    if change == "forbids":
        catalog.change_control(**control | {"actor": None}, exceptions_allowed=False)
    elif change == "retires control":
        catalog.retire_control(**control)
    else:
        catalog.retire_identity(identity=world.identity, version=1, actor=world.petra, at=START)
    verify(world, case)

    assert world.activate(case, START + HOUR).state == "approved"


def test_a_cap_lowered_since_the_approval_cuts_the_term(world):
    case = guarded(world, term_days=90)
    catalog.change_control(
        control=world.control,
        version=world.control.version,
        actor=None,
        at=START,
        term_cap_moderate=20,
        term_cap_high=20,
    )
    verify(world, case)

    case = world.activate(case, START + HOUR)

    assert case.expires_at - case.activated_at == 20 * DAY
