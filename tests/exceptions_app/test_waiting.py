"""While a request waits: taken, nudged, stepped aside from, its risk raised; its steps' times; what is said."""

from datetime import UTC

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible, NotSure
from accounts.sign_ins import Proof, SignIn
from audit.models import Event
from catalog.models import Tier
from exceptions_app import ask, judges, services
from exceptions_app.models import Assurance, Decision, State, Verdict
from tests.exceptions_app.world import DAY, HOUR, START, fresh, stand_in


def kinds(case):
    return list(Event.objects.filter(stream__name=case.stream).order_by("sequence").values_list("kind", flat=True))


def test_each_step_has_its_own_time_from_its_turn_on(world):
    last = world.make_group("CISO", "Cid")
    case = world.requested(router=world.routed((world.group, 1), (last, 1), decide_within=4 * DAY))
    first = case.decide_by_at

    world.approve(case, START + 3 * DAY)

    case = fresh(case)
    assert first == START + 4 * DAY
    assert (case.step_began_at, case.decide_by_at) == (START + 3 * DAY, START + 7 * DAY)
    assert "case.step_began" in kinds(case)


def test_a_step_whose_time_is_over_lapses_whatever_the_others_had_left(world):
    last = world.make_group("CISO", "Cid")
    case = world.requested(router=world.routed((world.group, 1), (last, 1), decide_within=4 * DAY))

    lapsed = services.lapse(case=case, at=START + 4 * DAY)

    assert lapsed
    assert fresh(case).end_reason == "lapsed"


def test_who_takes_it_is_seen_until_they_let_go_or_the_time_is_over(world):
    case = world.requested()

    services.take(case=case, actor=world.bob, at=START)
    with pytest.raises(NotAllowed, match="Somebody else is at it"):
        services.take(case=case, actor=world.carol, at=START + HOUR)
    services.take(case=case, actor=world.carol, at=START + 4 * HOUR)
    services.release(case=case, actor=world.carol, at=START + 5 * HOUR)

    assert fresh(case).taken_by is None
    assert kinds(case)[-3:] == ["case.taken", "case.taken", "case.released"]


def test_what_somebody_has_taken_another_may_still_decide(world):
    case = world.requested()
    services.take(case=case, actor=world.carol, at=START)

    world.approve(case, START)

    assert fresh(case).state == State.APPROVED
    assert fresh(case).taken_by is None


@pytest.mark.parametrize("name", ["alice", "mallory", "audrey", "connie"])
def test_only_who_may_decide_takes_it(world, name):
    case = world.requested()

    with pytest.raises(NotAllowed):
        services.take(case=case, actor=getattr(world, name), at=START)


def test_the_requester_nudges_once_a_day(world):
    case = world.requested()

    services.nudge(case=case, actor=world.alice, at=START + HOUR)
    with pytest.raises(NotAllowed, match="Once a day is enough"):
        services.nudge(case=case, actor=world.alice, at=START + DAY)
    services.nudge(case=case, actor=world.alice, at=START + DAY + HOUR)

    assert kinds(case).count("case.nudged") == 2


def test_changing_a_word_makes_no_room_for_another_nudge(world):
    case = world.requested()
    services.nudge(case=case, actor=world.alice, at=START + HOUR)
    changed = services.DraftContent({"ticket_ref": "X-1"})
    now = {"actor": world.alice, "at": START + 2 * HOUR}
    services.amend(case=case, version=fresh(case).version, content=changed, router=world.router, **now)

    with pytest.raises(NotAllowed):
        services.nudge(case=case, **now)


@pytest.mark.parametrize("who", ["dora", "frida"])
def test_whoever_stands_in_may_raise_the_risk(world, who):
    stand_in(world.bob, world.person("Dora"))
    world.fallback  # noqa: B018 — Frida comes to it when the step has waited
    case = world.requested()
    at = START + HOUR if who == "dora" else case.fallback_from_at
    actor = world.person(who.capitalize())

    case = services.raise_tier(case=case, actor=actor, at=at, tier=Tier.CRITICAL, reason="Root.", router=world.router)

    assert case.risk_tier == Tier.CRITICAL


def test_an_approver_does_not_nudge_the_others(world):
    with pytest.raises(NotAllowed):
        services.nudge(case=world.requested(), actor=world.bob, at=START)


def test_who_steps_aside_answers_no_step_of_it_any_more(world):
    case = world.requested()
    world.frida  # noqa: B018

    services.recuse(case=case, actor=world.bob, at=START, reason="My sister asks.")
    with pytest.raises(NotAllowed):
        world.approve(case, START)
    services.recuse(case=case, actor=world.carol, at=START, reason="I wrote the script.")

    assert fresh(case).state == State.REQUESTED
    assert [seat.step.name for seat in judges.seats(world.frida, fresh(case), START)] == ["Identity approvers"]


def test_stepping_aside_is_no_answer_and_outlives_new_facts(world):
    case = world.requested()
    services.recuse(case=case, actor=world.bob, at=START, reason="My sister asks.")
    world.identity.refresh_from_db()
    type(world.identity).objects.filter(pk=world.identity.pk).update(name="ERP synchroniser")

    world.approve(case, START, actor=world.carol)

    recusal = Decision.objects.get(verdict=Verdict.RECUSE)
    assert recusal.voided_at is None
    assert not judges.seats(world.bob, fresh(case), START)


@pytest.mark.parametrize("way", ["amended", "raised"])
def test_stepping_aside_outlives_every_new_route(world, way):
    case = world.requested(term_days=7)
    services.recuse(case=case, actor=world.bob, at=START, reason="My sister asks.")
    case = fresh(case)
    if way == "amended":
        words = {"version": case.version, "content": services.DraftContent({"justification": "Because, still."})}
        services.amend(case=case, actor=world.alice, at=START, router=world.router, **words)
    else:
        said = {"tier": Tier.CRITICAL, "reason": "Payroll.", "router": world.router}
        services.raise_tier(case=case, actor=world.connie, at=START, **said)

    with pytest.raises(NotAllowed):
        world.approve(case, START)
    assert Decision.objects.get(verdict=Verdict.RECUSE).voided_at is None


def test_who_approved_other_facts_may_step_aside(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)
    type(world.identity).objects.filter(pk=world.identity.pk).update(name="ERP synchroniser")

    services.recuse(case=case, actor=world.bob, at=START + HOUR, reason="My sister asks.")

    assert not judges.seats(world.bob, fresh(case), START + HOUR)


def test_facts_that_change_between_two_steps_bring_the_first_back_and_say_so(world):
    last = world.make_group("CISO", "Cid")
    case = world.requested(router=world.routed((world.group, 1), (last, 1), decide_within=4 * DAY))
    world.approve(case, START + DAY)
    type(world.identity).objects.filter(pk=world.identity.pk).update(name="ERP synchroniser")

    with pytest.raises(NotPossible, match="An earlier step decides first"):
        world.approve(case, START + 2 * DAY, actor=world.person("Cid"))

    case = fresh(case)
    assert kinds(case)[-1] == "case.facts_changed"
    assert case.decide_by_at == START + 6 * DAY
    assert judges.current_step(case).order == 1


def test_who_stood_in_and_steps_aside_does_not_bar_the_one_they_stood_in_for(world):
    dave, named = world.person("Dave"), {"from_at": START, "until_at": START + DAY, "reason": "Leave"}
    absence = people.announce_absence(user=world.bob, actor=world.bob, delegate=dave, at=START, **named)
    people.accept_delegation(absence=absence, actor=dave, at=START)
    case = world.requested()

    services.recuse(case=case, actor=dave, at=START, reason="I wrote the script.")
    world.approve(case, START + 2 * DAY)

    assert fresh(case).state == State.APPROVED


def test_who_has_approved_does_not_step_aside_afterwards(world):
    last = world.make_group("CISO", "Bob")
    case = world.requested(router=world.routed((world.group, 1), (last, 1)))
    world.approve(case, START)

    with pytest.raises(NotPossible, match="You have approved"):
        services.recuse(case=case, actor=world.bob, at=START, reason="Second thoughts.")


def test_raising_the_risk_routes_anew_and_nobody_lowers_it(world):
    case = world.requested(term_days=7, end_on=None)
    world.approve(case, START) if world.count > 1 else None
    services.raise_tier(
        case=case,
        actor=world.bob,
        at=START,
        tier=Tier.CRITICAL,
        reason="It reaches payroll.",
        router=world.routed((world.group, 2)),
    )
    case = fresh(case)
    content = services.DraftContent({"raised_tier": None, "likelihood": 1, "impact": 1})
    services.amend(case=case, actor=world.alice, at=START, version=case.version, content=content, router=world.router)

    assert fresh(case).risk_tier == 4
    assert case.routes.get(voided_at__isnull=True).steps.get().count in {1, 2}
    assert kinds(case)[-4:] == ["case.tier_raised", "case.resubmitted", "case.amended", "case.resubmitted"]


def test_a_higher_risk_that_asks_for_more_sends_it_back_with_what_is_missing(world):
    case = world.requested(term_days=30)

    services.raise_tier(
        case=case, actor=world.bob, at=START, tier=Tier.CRITICAL, reason="Payroll.", router=world.router
    )

    case = fresh(case)
    assert (case.state, case.least_tier) == (State.DRAFT, 4)
    returned = Event.objects.filter(stream__name=case.stream, kind="case.returned").get()
    assert returned.body["reason"].startswith("Payroll.")
    assert "14 days" in returned.body["reason"]


def test_asking_anew_does_not_lower_what_was_raised(world):
    case = world.requested(term_days=7)
    said = {"tier": Tier.CRITICAL, "reason": "Payroll.", "router": world.router}
    services.raise_tier(case=case, actor=world.bob, at=START, **said)
    services.withdraw(case=fresh(case), actor=world.alice, at=START)

    copy = services.duplicate(case=fresh(case), actor=world.alice, at=START)
    again = world.submit(copy, START)

    assert again.risk_tier == Tier.CRITICAL


@pytest.mark.parametrize("tier", [1, 2])
def test_risk_is_only_raised(world, tier):
    with pytest.raises(NotPossible, match="can only be raised"):
        services.raise_tier(
            case=world.requested(), actor=world.bob, at=START, tier=Tier(tier), reason="Less.", router=world.router
        )


@pytest.mark.parametrize("name", ["alice", "olga", "mallory", "audrey"])
def test_not_everybody_raises_the_risk(world, name):
    with pytest.raises(NotAllowed):
        services.raise_tier(
            case=world.requested(),
            actor=getattr(world, name),
            at=START,
            tier=Tier.CRITICAL,
            reason="More.",
            router=world.router,
        )


def proved(method, minutes, *, second=False):
    at = START.astimezone(UTC) - minutes * HOUR / 60
    return SignIn([Proof("password", START - 5 * HOUR, False), Proof(method, at, second)])


@pytest.mark.parametrize(
    ("assurance", "sign_in", "passes"),
    [
        (Assurance.SESSION, None, True),
        (Assurance.FRESH, None, False),
        (Assurance.FRESH, proved("password", 20), False),
        (Assurance.FRESH, proved("password", 5), True),
        (Assurance.MFA, proved("password", 5), False),
        (Assurance.MFA, proved("mfa totp", 20, second=True), False),
        (Assurance.MFA, proved("mfa webauthn", 5, second=True), True),
        (Assurance.FRESH, proved("password", -5), False),
    ],
)
def test_a_step_is_approved_only_by_who_has_signed_in_as_it_wants(world, assurance, sign_in, passes):
    case = world.requested(router=world.routed((world.group, 1), assurance=assurance))

    def approve():
        words = {"statement": "I accept it.", "capacity": "Approver", "digest": ask.digest(fresh(case))}
        services.approve(case=case, actor=world.bob, at=START, sign_in=sign_in, **words)

    if passes:
        approve()
        kept = Decision.objects.get().sign_in["proofs"]
        assert [proof["method"] for proof in kept] == [proof.method for proof in (sign_in or SignIn()).proofs]
    else:
        with pytest.raises(NotSure):
            approve()
        assert not Decision.objects.exists()


@pytest.mark.parametrize("allows", [True, False])
def test_only_a_step_that_allows_it_is_decided_among_many(world, allows):
    case = world.requested(router=world.routed((world.group, 1), in_bulk=allows))
    words = {"statement": "I accept it.", "capacity": "Approver", "digest": ask.digest(case), "in_bulk": True}

    if allows:
        services.approve(case=case, actor=world.bob, at=START, **words)
    else:
        with pytest.raises(NotPossible, match="one by one"):
            services.approve(case=case, actor=world.bob, at=START, **words)

    assert fresh(case).state == (State.APPROVED if allows else State.REQUESTED)


def test_a_comment_is_history_and_no_part_of_what_is_approved(world):
    case = world.requested()
    digest = ask.digest(case)

    said = services.comment(case=case, actor=world.bob, at=START, text=" Which key? ", to=[world.alice, world.bob])

    assert (said.text, said.told) == ("Which key?", [str(world.alice.pseudonym)])
    assert ask.digest(fresh(case)) == digest
    assert world.bob.pk not in judges.gaining_ids(fresh(case), START)
    assert kinds(case)[-1] == "comment.added"


def test_nobody_is_addressed_who_may_not_see_it(world):
    with pytest.raises(NotPossible, match="Mallory may not see"):
        services.comment(case=world.requested(), actor=world.bob, at=START, text="Look", to=[world.mallory])


@pytest.mark.parametrize("name", ["mallory", "audrey"])
def test_who_has_no_part_in_it_says_nothing(world, name):
    with pytest.raises(NotAllowed):
        services.comment(case=world.requested(), actor=getattr(world, name), at=START, text="Hello")
