"""Ways to have a renewal counted as a first request, or approved by who wrote it (promises 4 and 8)."""

import pytest

from accounts.errors import NotAllowed
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import DAY, START, World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_filing_soon_for_a_start_far_away_is_a_renewal_all_the_same(world):
    case = world.closed()
    at = case.ended_at + DAY

    anew = world.requested(at, planned_start_at=at + 200 * DAY, remediation_on=(at + 300 * DAY).date())

    assert fresh(anew).renewal_number == 1


def test_bob_does_not_approve_the_text_he_wrote_for_the_case_renewed(world):
    case = world.draft(actor=world.bob)
    case = world.submit(case, START, actor=world.bob)
    case = world.activate(world.approve(case, START, actor=world.carol), START)

    heir = world.renewal(case, START + 20 * DAY, actor=world.olga)
    with refused(NotAllowed, heir):
        world.approve(heir, START + 20 * DAY, actor=world.bob)
    world.approve(heir, START + 20 * DAY, actor=world.carol)

    assert fresh(heir).state == "active"
