"""Ways to have a renewal counted as a first request, or approved by who wrote it (promises 4 and 8)."""

import pytest

from accounts.errors import NotAllowed, Stale
from exceptions_app import ask, services
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


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


def test_bob_does_not_approve_the_text_he_wrote_for_the_case_duplicated(world):
    draft = world.draft(actor=world.bob, owner=world.alice)
    copy = services.duplicate(case=draft, actor=world.alice, at=START)

    copy = world.submit(copy, START)
    with refused(NotAllowed, copy):
        world.approve(copy, START, actor=world.bob)
    world.approve(copy, START, actor=world.carol)

    assert fresh(copy).state == "approved"


@pytest.mark.parametrize("end", ["revoke", "suspend", "complete"])
def test_nobody_renews_unaware_what_was_cut_short_after_they_looked(world, end):
    at = START + DAY
    first = world.active()
    renewal = world.renewal(first, at)
    seen = ask.digest(renewal)
    actor = world.alice if end == "complete" else world.connie
    getattr(services, end)(case=fresh(first), actor=actor, at=at + HOUR, reason="The key leaked.")

    with refused(Stale, renewal):
        world.approve(renewal, at + 2 * HOUR, digest=seen)

    facts = ask.document(fresh(renewal))["facts"]
    assert facts["renewed"] == {"revoke": "revoked", "suspend": "suspended", "complete": "closed"}[end]
    world.approve(renewal, at + 2 * HOUR)


def test_an_end_that_was_agreed_changes_nothing_an_approver_read(world):
    first = world.active()
    renewal = world.renewal(first, first.expires_at - DAY)
    seen = ask.digest(renewal)
    assert services.expire(case=fresh(first), at=first.expires_at)

    world.approve(renewal, first.expires_at + HOUR, digest=seen)


def test_what_has_a_renewal_under_way_is_not_renewed_twice(world):
    first = world.active()
    world.renewal(first, START + DAY)

    with refused(NotAllowed, first, says="already has a renewal"):
        services.renew(case=fresh(first), actor=world.alice, at=START + DAY)
