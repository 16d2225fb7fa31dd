"""Renewals are honest: asked near the end, with answers, and seen as the chain they are (promise 8)."""

from __future__ import annotations

import pytest

from accounts.errors import NotAllowed, NotPossible
from catalog.models import Tier
from exceptions_app import ask, limits, services, terms
from exceptions_app.models import SINCE, Outcome, Use
from exceptions_app.queries.chain import chain_of
from exceptions_app.queries.home import home
from exceptions_app.services import DraftContent
from tests.exceptions_app import world as worlds
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

NOTHING_SAID = dict.fromkeys(SINCE, "")


def renew(world, case, at, **changed):
    return services.renew(case=case, actor=world.alice, at=at, changed=changed or None)


def missing(case, at):
    return {problem.field for problem in limits.problems(limits.Draft.stored(case), at)} & set(SINCE)


# When


def test_a_renewal_is_asked_for_from_30_days_before_the_end(world):
    case = world.active(term_days=90)
    first_at = case.expires_at - 30 * DAY

    with refused(NotAllowed, case, says="from 30 days before the end"):
        renew(world, case, first_at - HOUR)

    assert renew(world, world.tended(case), first_at).renews == case


def test_a_review_that_asks_for_a_renewal_lets_it_be_asked_for_at_once(world):
    case = world.active(term_days=90)
    due_at = case.reviews.get().due_at
    case = world.tended(case, until=due_at - 2 * DAY)
    world.review(case, due_at - DAY, Outcome.RENEW)

    assert renew(world, fresh(case), due_at - DAY).renews == case


def test_only_the_last_of_a_chain_is_renewed(world):
    first = world.active()
    at = first.expires_at - DAY
    first = world.tended(first)
    second = fresh(world.approve(world.renewal(first, at, term_days=20), at))
    services.expire(case=first, at=first.expires_at)
    services.expire(case=second, at=second.expires_at)

    with refused(NotAllowed, first, says="Go on from its latest renewal"):
        renew(world, fresh(first), second.expires_at + DAY)


def test_what_continues_it_under_another_name_is_not_asked_sooner(world):
    case = world.active(term_days=90)
    copy = services.duplicate(case=case, actor=world.alice, at=START + DAY)
    content = DraftContent({**worlds.SINCE, "planned_start_at": case.expires_at - DAY})
    services.save_draft(case=copy, actor=world.alice, at=START + DAY, version=1, content=content)

    with refused(NotPossible, copy, says="in force until 31 May 2026: what continues it is asked from 30 days before"):
        world.submit(copy, START + DAY)


def test_what_was_asked_beside_another_that_came_into_force_is_asked_as_what_it_is(world):
    first = world.approved()
    second = world.approved(planned_start_at=START + 30 * DAY, **NOTHING_SAID)
    world.activate(first, START)

    world.activate(second, START + 30 * DAY)

    second = fresh(second)
    assert (second.state, second.renewal_number) == ("draft", 1)
    assert body(second, "case.reopened")["reason"] == "became_a_renewal"
    assert "so it continues that" in body(second, "case.returned")["reason"]
    assert "Say why it is still needed." in body(second, "case.returned")["reason"]
    assert_intact()


def test_what_answers_already_is_asked_again_along_the_route_of_a_renewal(world):
    first = world.approved()
    second = world.approved(planned_start_at=START + 30 * DAY)
    world.activate(first, START)

    world.activate(second, START + 30 * DAY)

    second = fresh(second)
    assert (second.state, second.renewal_number) == ("requested", 1)
    assert ask.document(second)["ask"]["renewal_number"] == 1
    assert second.routes.get(voided_at=None).digest == ask.digest(second)


# What it answers


def test_a_renewal_says_what_has_changed_what_was_done_and_why_still(world):
    case = world.active()
    draft = renew(world, case, START + DAY)

    assert missing(draft, START + DAY) == set(SINCE)
    with refused(NotPossible, draft, says="Say what was done on the exit plan"):
        world.submit(draft, START + DAY)


def test_answers_that_nobody_can_see_are_none(world):
    draft = renew(world, world.active(), START + DAY, **dict.fromkeys(SINCE, "\u200b\u2060 \u00a0"))

    assert missing(draft, START + DAY) == set(SINCE)


def test_filing_anew_answers_the_same_whatever_it_is_called(world):
    closed = world.closed()
    again = world.draft(closed.ended_at + DAY, remediation_on=(closed.ended_at + 60 * DAY).date(), **NOTHING_SAID)

    assert again.renews is None
    assert missing(again, closed.ended_at + DAY) == set(SINCE)


def test_a_first_request_answers_nothing(world):
    draft = world.draft(**NOTHING_SAID)

    assert missing(draft, START) == set()
    assert ask.document(world.submit(draft, START))["format"] == 2


def test_the_answers_are_part_of_what_is_approved(world):
    case = world.active()
    renewal = world.renewal(case, START + DAY)
    seen = ask.digest(renewal)

    said = ask.document(renewal)
    assert (said["format"], said["ask"]["why_still"]) == (3, worlds.SINCE["why_still"])
    services.amend(
        case=renewal,
        actor=world.alice,
        at=START + DAY,
        version=renewal.version,
        content=DraftContent({"why_still": "Because it is convenient."}),
        router=world.router,
    )
    assert ask.digest(fresh(renewal)) != seen


@pytest.mark.parametrize("verb", ["renew", "duplicate"])
def test_answers_are_given_anew_each_time(world, verb):
    case = world.active()

    copy = getattr(services, verb)(case=case, actor=world.alice, at=START + DAY)

    assert {getattr(case, name) for name in SINCE} != {""}
    assert {getattr(copy, name) for name in SINCE} == {""}


def test_a_higher_risk_of_ones_own_begins_no_new_chain(world):
    first = world.closed()
    at = first.ended_at + 40 * DAY

    again = world.draft(at, raised_tier=Tier.CRITICAL, term_days=10, remediation_on=(at + 60 * DAY).date())

    assert terms.renewal_number(again, at) == 1
    assert [link.case for link in chain_of(again, world.alice, at).links] == [first, again]


# The chain


def test_every_member_knows_the_whole_chain_and_its_time(world):
    first = world.active()
    at = first.expires_at - DAY
    first = world.tended(first)
    second = fresh(world.approve(world.renewal(first, at, term_days=20), at))
    third = world.renewal(second, at, term_days=5)

    for member in (first, second, third):
        chain = chain_of(fresh(member), world.alice, at)
        assert [link.case for link in chain.links] == [first, second, third]
        assert (chain.days, chain.days_by_now, chain.lifetime, chain.left) == (50, 29, 180, 130)


def test_what_lies_a_lifetime_before_is_another_chain(world):
    old = world.closed()
    near, far = old.ended_at + 179 * DAY, old.ended_at + 180 * DAY

    linked = world.draft(near, remediation_on=(far + 60 * DAY).date())
    apart = world.draft(far, remediation_on=(far + 60 * DAY).date())

    assert [link.case for link in chain_of(linked, world.alice, near).links] == [old, linked]
    assert [link.case for link in chain_of(apart, world.alice, far).links] == [apart]


def test_members_one_may_not_see_are_counted_and_not_named(world):
    first = world.closed()
    at = first.ended_at + DAY
    other = world.person("Other")
    again = services.open_draft(
        actor=other, at=at, content=world.content(owner=other, remediation_on=(at + 60 * DAY).date())
    )

    chain = chain_of(again, other, at)

    assert ([link.case for link in chain.links], chain.hidden, chain.days) == ([again], 1, 30)


# Use


def test_a_use_is_put_on_record_and_counts(world):
    case = world.active()
    assert case.unused_from_at == START + 10 * DAY
    used_at = START + 4 * DAY

    services.record_use(case=case, actor=world.olga, at=START + 5 * DAY, used_at=used_at, what="The nightly sync.")

    row, use = fresh(case), Use.objects.get()
    assert (use.used_at, use.what, use.recorded_by, use.recorded_at) == (
        used_at,
        "The nightly sync.",
        world.olga,
        START + 5 * DAY,
    )
    assert (body(case, "use.recorded")["was_in_force"], row.unused_from_at) == (True, used_at + 10 * DAY)
    assert not row.is_unused(used_at + 10 * DAY - HOUR)
    assert row.is_unused(used_at + 10 * DAY)
    assert_intact()


def test_a_use_whose_words_nobody_can_see_is_refused_and_null_characters_are_left_out(world):
    case = world.active()
    with refused(NotPossible, case, says="Say what it was used for"):
        services.record_use(case=case, actor=world.olga, at=START + DAY, used_at=START + DAY, what="\u200b\0")

    services.record_use(case=case, actor=world.olga, at=START + DAY, used_at=START + DAY, what="The sync\0.")
    assert Use.objects.get().what == "The sync."


def test_an_earlier_use_put_on_record_later_takes_nothing_back(world):
    case = world.active()
    for day in (8, 2):
        services.record_use(
            case=case, actor=world.alice, at=START + 9 * DAY, used_at=START + day * DAY, what="The sync."
        )

    assert fresh(case).unused_from_at == START + 18 * DAY
    assert [use.used_at for use in case.uses.all()] == [START + 8 * DAY, START + 2 * DAY]


def test_a_sooner_end_is_a_shorter_third(world):
    case = world.active()

    services.shorten(case=case, actor=world.alice, at=START + HOUR, until_at=START + 12 * DAY, reason="The fix is out.")

    assert fresh(case).unused_from_at == START + 4 * DAY


@pytest.mark.parametrize(("offset", "says"), [(2 * HOUR, "still to come"), (-3 * HOUR, "had not started")])
def test_a_use_to_come_or_before_the_start_is_refused(world, offset, says):
    case = world.active()

    with refused(NotPossible, case, says=says):
        services.record_use(
            case=case, actor=world.alice, at=START + HOUR, used_at=START + offset, what="The nightly sync."
        )


def test_a_use_while_it_was_not_in_force_is_kept_and_says_so(world):
    case = world.suspended()

    services.record_use(
        case=case, actor=world.alice, at=START + DAY, used_at=START + 2 * HOUR, what="The job was not stopped."
    )

    assert body(case, "use.recorded")["was_in_force"] is False
    assert Use.objects.get().was_in_force is False
    assert fresh(case).unused_from_at == case.unused_from_at, "it was not used as it was allowed"


@pytest.mark.parametrize("who", ["mallory", "bob", "audrey", "connie", "petra"])
def test_only_who_holds_it_records_a_use(world, who):
    case = world.active()

    with refused(NotAllowed, case):
        services.record_use(
            case=case, actor=getattr(world, who), at=START + HOUR, used_at=START + HOUR, what="The sync."
        )


@pytest.mark.parametrize("who", ["alice", "olga", "olive"])
def test_holders_record_a_use_after_its_end_too(world, who):
    case = world.closed()

    services.record_use(
        case=case, actor=getattr(world, who), at=case.ended_at + DAY, used_at=START + DAY, what="The last sync."
    )

    assert events(case)[-1] == "use.recorded"
    assert fresh(case).state == "closed"


# Let end


def test_who_says_that_it_is_to_end_is_not_asked_to_renew_it(world):
    case = world.active()
    at = case.expires_at - 10 * DAY
    assert [one.pk for one in home(world.alice, at).ending.cases] == [case.pk]

    services.let_end(case=case, actor=world.alice, at=at)

    found = home(world.alice, at)
    assert (found.ending.count, [one.pk for one in found.let_end.cases]) == (0, [case.pk])
    assert body(case, "case.let_end")["taken_back"] is False
    assert fresh(case).expires_at == case.expires_at
    with refused(NotAllowed, case, says="said already"):
        services.let_end(case=case, actor=world.alice, at=at)
    assert_intact()


def test_asking_for_a_renewal_after_all_takes_it_back(world):
    case = world.active()
    at = case.expires_at - 10 * DAY
    services.let_end(case=case, actor=world.alice, at=at)

    draft = renew(world, case, at + HOUR)
    services.withdraw(case=draft, actor=world.alice, at=at + 2 * HOUR)

    assert fresh(case).let_end_at is None
    assert last(case).body["taken_back"] is True
    assert [one.pk for one in home(world.alice, at + DAY).ending.cases] == [case.pk]
    assert_intact()


def test_it_is_said_near_the_end_by_who_answers_for_it_while_no_renewal_is_under_way(world):
    case = world.active(term_days=90)
    near = case.expires_at - 20 * DAY

    with refused(NotAllowed, case, says="from 30 days before the end"):
        services.let_end(case=case, actor=world.alice, at=case.expires_at - 40 * DAY)
    case = world.tended(case)
    for nobody in (world.bob, world.audrey, world.petra):
        with refused(NotAllowed, case):
            services.let_end(case=case, actor=nobody, at=near)
    world.renewal(case, near)
    with refused(NotAllowed, case, says="renewal under way"):
        services.let_end(case=case, actor=world.alice, at=near)


def test_whoever_owns_it_next_says_so_anew(world):
    case = world.active()
    at = case.expires_at - 10 * DAY
    services.let_end(case=case, actor=world.alice, at=at)

    dan = world.person("Dan")
    services.offer_ownership(case=case, actor=world.petra, at=at, to=dan, reason="Alice changes teams.")
    services.accept_ownership(case=fresh(case), actor=dan, at=at)

    assert (fresh(case).owner, fresh(case).let_end_at) == (dan, None)
