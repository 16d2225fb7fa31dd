"""Mallory's ways to have a renewal counted as a first request (promise 8)."""

import pytest

from tests.exceptions_app.world import DAY, World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_filing_soon_for_a_start_far_away_is_a_renewal_all_the_same(world):
    case = world.closed()
    at = case.ended_at + DAY

    anew = world.requested(at, planned_start_at=at + 200 * DAY, remediation_on=(at + 300 * DAY).date())

    assert fresh(anew).renewal_number == 1
