"""Decisions: bound to what was seen, counted, in order, in time, by those who belong (promises 5, 6 and 7)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible, Stale
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import ask, judges, services
from exceptions_app.models import Decision
from exceptions_app.queries.case import document_seen
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def test_bob_approves_and_the_record_says_all_of_it(world):
    case = world.requested()
    seen = ask.digest(case)

    case = world.approve(case, START + HOUR, digest=seen)

    decision = Decision.objects.get()
    assert (decision.person, decision.verdict, decision.digest) == (world.bob, "approve", seen)
    assert (decision.statement, decision.capacity) == (
        "I accept that a stolen key works for 30 days.",
        "Head of identity",
    )
    row = fresh(case)
    assert (row.state, row.approved_at, row.approved_term_seconds) == ("approved", START + HOUR, 30 * 86400)
    assert events(case)[-2:] == ["case.decided", "case.approved"]
    assert last(case).actor_id == world.bob.pseudonym
    assert body(case, "case.decided")["digest"] == seen == row.digest
    assert row.history.first().state == "approved"
    assert row.history.first().history_user == world.bob
    assert_intact()


def test_bob_rejects_and_it_is_over(world):
    case = world.requested()

    case = services.reject(case=case, actor=world.bob, at=START + HOUR, digest=ask.digest(case), reason="Too wide.")

    row = fresh(case)
    assert (row.state, row.ended_at) == ("rejected", START + HOUR)
    assert Decision.objects.get().statement == "Too wide."
    assert events(case)[-1] == "case.rejected"
    assert_intact()


def test_bob_asks_for_changes_and_alice_asks_anew(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START, actor=world.carol)
    asked = ask.digest(fresh(case))

    case = services.ask_for_changes(case=case, actor=world.bob, at=START + HOUR, digest=asked, reason="Narrow it.")

    row = fresh(case)
    assert (row.state, row.digest, row.submitted_at, row.latest_end_at) == ("draft", "", None, None)
    assert all(decision.voided_at for decision in Decision.objects.all())
    assert not judges.standing_steps(row)
    again = world.submit(row, START + DAY)
    assert [route.round for route in again.routes.order_by("round")] == [1, 2]
    assert world.approve(again, START + DAY).state == "approved"
    assert_intact()


@pytest.mark.parametrize("verb", ["approve", "reject", "ask_for_changes"])
def test_a_decision_says_why(world, verb):
    case = world.requested()
    words = {"statement": " ", "capacity": "Head"} if verb == "approve" else {"reason": " \n"}

    with refused(NotPossible, case):
        getattr(services, verb)(case=case, actor=world.bob, at=START, digest=ask.digest(case), **words)


@pytest.mark.parametrize("said", ["ok", "approved", " approved \n"])
def test_an_approval_names_a_risk(world, said):
    case = world.requested()

    with refused(NotPossible, case) as caught:
        services.approve(case=case, actor=world.bob, at=START, digest=ask.digest(case), statement=said, capacity="Head")
    told = f"“{said.strip()}” names no risk: say in a few words which you accept."
    assert caught.value.fields == {"statement": [told]}


def test_an_approval_names_its_role(world):
    case = world.requested()

    with refused(NotPossible, case):
        services.approve(
            case=case, actor=world.bob, at=START, digest=ask.digest(case), statement="I accept it.", capacity=" "
        )


# What was seen


@pytest.mark.parametrize("verb", ["approve", "reject", "ask_for_changes"])
def test_nobody_decides_on_what_they_did_not_see(world, verb):
    case = world.requested()
    seen = ask.digest(case)
    services.amend(
        case=case,
        actor=world.alice,
        at=START,
        version=case.version,
        content=services.DraftContent(grants=[world.grant("kv/*/x"[:3] + "erp/*")]),
        router=world.router,
    )
    words = {"statement": "I accept it.", "capacity": "Head"} if verb == "approve" else {"reason": "No."}

    with refused(Stale, case) as caught:
        getattr(services, verb)(case=case, actor=world.bob, at=START, digest=seen, **words)
    assert caught.value.current.pk == case.pk


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_an_invented_digest_is_stale(world, digest):
    case = world.requested()

    with refused(Stale, case):
        services.approve(case=case, actor=world.bob, at=START, digest=digest, statement="I accept it.", capacity="Head")


def test_amending_voids_earlier_decisions_and_says_so(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)

    services.amend(
        case=case,
        actor=world.alice,
        at=START + HOUR,
        version=fresh(case).version,
        content=services.DraftContent({"term_days": 20}),
        router=world.routed((world.group, 2)),
    )

    decision = Decision.objects.get()
    assert (decision.voided_at, decision.void_reason) == (START + HOUR, "The request was changed.")
    assert body(case, "case.amended")["voided_decisions"] == 1
    assert world.approve(case, START + HOUR, actor=world.carol).state == "requested"
    assert world.approve(case, START + HOUR, actor=world.bob).state == "approved"
    assert_intact()


def test_amending_away_what_a_request_needs_says_what_is_missing(world):
    case = world.requested()
    content = services.DraftContent({"justification": ""}, safeguards=[])

    with refused(NotPossible, case) as refusal:
        services.amend(
            case=case, actor=world.alice, at=START, version=case.version, content=content, router=world.router
        )

    assert refusal.value.fields.keys() == {"justification", "safeguards"}


def test_amending_needs_the_version_that_was_read(world):
    case = world.requested()

    with refused(Stale, case):
        services.amend(
            case=case,
            actor=world.alice,
            at=START,
            version=case.version - 1,
            content=services.DraftContent({"term_days": 20}),
            router=world.router,
        )


FACTS = {
    "the control's statement": lambda world: catalog.change_control(
        control=world.control, version=1, actor=None, at=START, statement="A secret lives for an hour."
    ),
    "the control's severity": lambda world: catalog.change_control(
        control=world.control, version=1, actor=None, at=START, severity=Tier.CRITICAL
    ),
    "the identity's owner": lambda world: catalog.change_identity(
        identity=world.identity, version=1, actor=None, at=START, owner=world.person("Oscar")
    ),
    "the system's criticality": lambda world: catalog.change_system(
        system=world.system, version=1, actor=None, at=START, criticality=Tier.CRITICAL
    ),
}


@pytest.mark.parametrize("fact", FACTS)
def test_a_changed_fact_is_stale_for_those_who_saw_the_old_one(world, fact):
    case = world.requested()
    seen = ask.digest(case)
    FACTS[fact](world)

    with refused(Stale, case):
        world.approve(case, START, digest=seen)
    assert ask.digest(fresh(case)) != seen


@pytest.mark.parametrize("fact", FACTS)
def test_a_changed_fact_voids_what_was_said_to_the_old_one(world, fact):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)
    FACTS[fact](world)

    row = world.approve(case, START + HOUR, actor=world.carol)

    assert row.state == "requested", "Bob has not accepted the new facts"
    assert Decision.objects.get(person=world.bob).voided_at == START + HOUR
    assert body(case, "case.facts_changed")["voided_decisions"] == 1
    assert world.approve(case, START + HOUR, actor=world.bob).state == "approved"
    assert_intact()


def test_what_each_person_saw_can_be_read_again_by_its_digest(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)
    FACTS["the control's statement"](world)
    world.approve(case, START + HOUR, actor=world.carol)

    digests = [decision.digest for decision in Decision.objects.filter(step__route__case=case)]

    assert len(set(digests)) == 2
    assert [ask.digest_of(document_seen(case, digest)) for digest in digests] == digests
    assert_intact()


def test_facts_that_change_between_two_steps_bring_the_first_one_back(world):
    second = world.make_group("Risk committee", "Rita")
    case = world.requested(router=world.routed((world.group, 1), (second, 1)))
    world.approve(case, START)
    FACTS["the control's statement"](world)

    assert judges.current_step(fresh(case)).group == world.group, "the first step has not seen the new facts"
    world.approve(case, START + HOUR, actor=world.bob)
    row = world.approve(case, START + HOUR, actor=world.person("Rita"))

    assert row.state == "approved"
    assert_intact()


# Order, counting, time


def test_steps_decide_in_order(world):
    second = world.make_group("Risk committee", "Rita")
    case = world.requested(router=world.routed((world.group, 1), (second, 1)))

    with refused(NotPossible, case, says="earlier step"):
        world.approve(case, START, actor=world.person("Rita"))
    assert world.approve(case, START, actor=world.bob).state == "requested"
    assert world.approve(case, START, actor=world.person("Rita")).state == "approved"


def test_a_later_step_may_reject_at_once(world):
    second = world.make_group("Risk committee", "Rita")
    case = world.requested(router=world.routed((world.group, 1), (second, 1)))

    row = services.reject(
        case=case, actor=world.person("Rita"), at=START, digest=ask.digest(case), reason="Never on production."
    )

    assert row.state == "rejected"


def test_two_are_asked_and_one_is_not_enough(world):
    case = world.requested(router=world.routed((world.group, 2)))

    assert world.approve(case, START).state == "requested"
    assert "case.approved" not in events(case)
    assert world.approve(case, START, actor=world.carol).state == "approved"


def test_nobody_decides_past_the_deadline(world):
    case = world.requested()
    deadline = case.decide_by_at

    for late in (deadline, deadline + HOUR):
        with refused(NotPossible, case, says="time to decide"):
            world.approve(case, late)
        with refused(NotPossible, case):
            services.reject(case=case, actor=world.bob, at=late, digest=ask.digest(case), reason="No.")
        with refused(NotPossible, case):
            services.ask_for_changes(case=case, actor=world.bob, at=late, digest=ask.digest(case), reason="No.")
    assert services.lapse(case=case, at=deadline)
    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "lapsed")


def test_a_second_before_the_deadline_is_in_time(world):
    case = world.requested()

    assert world.approve(case, case.decide_by_at - HOUR / 3600).state == "approved"


def test_silence_never_approves(world):
    case = world.requested()

    for days in range(400):
        world.sweep(START + days * DAY) if days in {0, 4, 5, 399} else None

    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "lapsed")
    assert not Decision.objects.exists()


# Who belongs


def test_an_empty_group_is_stood_in_for(world):
    empty = world.make_group("Nobody yet")
    case = world.requested(router=world.routed((empty, 1)))

    with refused(NotAllowed, case):
        world.approve(case, START, actor=world.bob)
    row = world.approve(case, START, actor=world.frida)

    assert row.state == "approved"
    assert Decision.objects.get().by_fallback
    assert body(case, "case.decided")["by_fallback"] is True


def test_a_group_that_gains_is_stood_in_for(world):
    gaining = world.make_group("The askers", "Alice", "Olga")
    case = world.requested(router=world.routed((gaining, 1)))

    for actor in (world.alice, world.olga):
        with refused(NotAllowed, case):
            world.approve(case, START, actor=actor)
    assert world.approve(case, START, actor=world.frida).state == "approved"


def test_a_group_that_left_is_stood_in_for(world):
    case = world.requested()
    assert judges.seats(world.frida, case, START) == []
    for person in (world.bob, world.carol):
        people.deactivate(user=person, actor=None, at=START)

    assert world.approve(case, START, actor=world.frida).state == "approved"


def test_fallback_is_no_second_way_in(world):
    case = world.requested()

    with refused(NotAllowed, case):
        world.approve(case, START, actor=world.frida)


def test_a_group_too_small_is_joined_by_the_fallback(world):
    small = world.make_group("One alone", "Bob")
    case = world.requested(router=world.routed((small, 2)))

    world.approve(case, START, actor=world.bob)
    row = world.approve(case, START, actor=world.frida)

    assert row.state == "approved"
    assert {d.person: d.by_fallback for d in Decision.objects.all()} == {world.bob: False, world.frida: True}


def test_who_gave_an_answer_still_counts_for_a_step_that_was_large_enough(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.frida  # noqa: B018 — there is a fallback
    world.approve(case, START, actor=world.bob)

    with refused(NotAllowed, case):
        world.approve(case, START, actor=world.frida)


def test_without_anyone_the_request_lapses(world):
    empty = world.make_group("Nobody yet")
    case = world.requested(router=world.routed((empty, 1)))

    for actor in (world.bob, world.connie, world.petra, world.mallory):
        with refused(NotAllowed, case):
            world.approve(case, START, actor=actor)
    world.sweep(case.decide_by_at)

    assert fresh(case).end_reason == "lapsed"


def test_a_route_without_steps_is_refused(world):
    case = world.draft()

    with refused(NotPossible, case):
        world.submit(case, START, router=world.routed())


def test_membership_is_asked_when_deciding_not_when_asking(world):
    case = world.requested()
    nina = world.person("Nina")
    people.add_member(group=world.group, member=nina, actor=None, at=START + HOUR)
    people.remove_member(group=world.group, member=world.bob, actor=None, at=START + HOUR)

    with refused(NotAllowed, case):
        world.approve(case, START + HOUR, actor=world.bob)
    assert world.approve(case, START + HOUR, actor=nina).state == "approved"


def test_a_control_that_stopped_allowing_exceptions_gets_no_new_one(world):
    case = world.requested()
    catalog.change_control(control=world.control, version=1, actor=None, at=START, exceptions_allowed=False)

    with refused(NotPossible, case, says="allows no exceptions"):
        world.approve(case, START + HOUR)
    row = services.reject(
        case=case, actor=world.bob, at=START + HOUR, digest=ask.digest(fresh(case)), reason="No longer allowed."
    )
    assert row.state == "rejected"


def test_the_pinned_document_is_what_its_digest_says(world):
    case = world.requested()
    route = case.routes.get()

    assert ask.digest_of(route.document) == route.digest == case.digest == ask.digest(fresh(case))
    assert route.document["ask"]["requester"] == str(world.alice.pseudonym)
