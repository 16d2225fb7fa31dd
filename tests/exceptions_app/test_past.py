"""What came before a case: earlier exceptions for its control and identity, and the time they took."""

from accounts import services as people
from exceptions_app.queries.past import SHOWN, past_of
from tests.exceptions_app.world import DAY, fresh


def test_a_first_request_follows_nothing(world):
    case = world.requested()

    past = past_of(fresh(case), world.bob, world.start)

    assert past.cases == []
    assert past.used == 0
    assert not past.cases
    assert not past.used


def test_what_was_in_force_comes_first_then_what_was_refused_the_latest_first(world):
    ended = world.closed(term_days=5)
    at = ended.ended_at + DAY
    refused = world.rejected(at)
    later = world.closed(at + DAY, term_days=5)
    at = later.ended_at + DAY
    case = world.requested(at)

    past = past_of(fresh(case), world.bob, at + DAY)

    assert list(past.cases) == [later, ended, refused]
    assert not past.has_more


def test_why_somebody_ended_it_stands_beside_it(world):
    revoked = world.revoked(term_days=5)
    at = world.start + DAY
    refused, ran_out = world.rejected(at), world.closed(at, term_days=5)
    case = world.requested(ran_out.ended_at + DAY)

    past = past_of(fresh(case), world.bob, case.submitted_at)

    assert dict(past.told) == {revoked: "Key leaked.", refused: "Too wide.", ran_out: ""}


def test_drafts_others_identities_other_controls_and_what_came_later_are_left_out(world):
    case = world.requested()
    world.draft(world.start + DAY)
    world.requested(world.start + DAY)
    world.closed(identity=world.make_identity("other"))
    world.closed(control=world.make_control("NHI-OTH-01"))

    assert past_of(fresh(case), world.bob, world.start + DAY).cases == []


def test_only_what_the_person_may_see_is_told(world):
    ended = world.closed()
    case = world.requested(ended.ended_at + DAY)

    assert list(past_of(case, world.bob, case.submitted_at).cases) == [ended]
    assert list(past_of(case, world.mallory, case.submitted_at).cases) == []


def test_the_time_used_counts_until_the_start_and_is_not_told_after_it(world):
    ended = world.closed()
    case = world.requested(ended.ended_at + DAY)

    past = past_of(fresh(case), world.bob, case.submitted_at)

    assert (past.used, past.lifetime) == ((ended.ended_at - ended.activated_at).days, 180)
    assert past_of(fresh(ended), world.bob, case.submitted_at).used is None


def test_a_draft_that_is_older_than_what_was_filed_meanwhile_follows_it(world):
    draft = world.draft()
    ended = world.closed(term_days=5)
    at = ended.ended_at + DAY

    case = world.submit(draft, at)

    assert list(past_of(fresh(case), world.bob, at).cases) == [ended]


def test_who_stands_in_reads_what_the_one_they_stand_in_for_reads(world):
    ended = world.closed(term_days=5)
    at = ended.ended_at + DAY
    case, dee = world.requested(at), world.person("Dee")
    absence = people.announce_absence(
        user=world.bob, actor=world.bob, delegate=dee, at=at, from_at=at, until_at=at + 2 * DAY, reason="Leave"
    )
    people.accept_delegation(absence=absence, actor=dee, at=at)

    assert list(past_of(fresh(case), dee, at + DAY).cases) == [ended]


def test_of_many_a_few_are_shown_and_that_there_are_more(world):
    at = world.start
    for _count in range(SHOWN + 1):
        at = world.rejected(at).ended_at + DAY

    past = past_of(fresh(world.requested(at)), world.bob, at)

    assert len(past.cases) == SHOWN
    assert past.has_more
