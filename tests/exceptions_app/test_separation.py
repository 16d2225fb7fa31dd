"""Whoever gains does not judge (promise 4): every disqualified role against every judging verb, administrators too."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from accounts.models import User
from catalog import services as catalog
from exceptions_app import ask, judges, rules, services
from exceptions_app.models import RemovalHow
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def requester(world):
    return world.alice


def owner(world):
    return world.olga


def accepted_backup(world):
    return world.person("Boris")


def identity_owner(world):
    return world.olive


def identity_backup(world):
    return world.person("Ida")


def editor(world):
    """Someone who once owned the draft, wrote in it, and handed it on."""
    return world.person("Edgar")


def standing_in_for(role):
    def delegate(world):
        return world.person(f"Proxy-{role.__name__}")

    delegate.__name__ = f"delegate of {role.__name__}"
    return delegate


THEMSELVES = [requester, owner, accepted_backup, identity_owner, identity_backup, editor]
GAINING = [*THEMSELVES, *(standing_in_for(role) for role in THEMSELVES)]


def equip(person):
    """Give the person every role and right there is: approver, owner of control and system, superuser."""
    User.objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True, is_programme_manager=True)


@pytest.fixture
def everything(world):
    """A requested case in which every way to gain has its person, and each is an approver with all other rights."""
    gaining = {role: role(world) for role in GAINING}
    for role, delegate in zip(GAINING, GAINING[len(THEMSELVES) :], strict=False):
        stand_in(gaining[role], gaining[delegate])
    for person in gaining.values():
        people.add_member(group=world.group, member=person, actor=None, at=START)
    case = world.draft(backup_owner=gaining[accepted_backup])
    save(world, case, world.alice, owner=gaining[editor])
    save(world, case, gaining[editor], owner=world.olga)
    services.accept_backup(case=case, actor=gaining[accepted_backup], at=START)
    catalog.change_identity(
        identity=world.identity, version=1, actor=None, at=START, backup_owner=gaining[identity_backup]
    )
    for person in gaining.values():
        equip(person)
    return world.submit(case, START, router=world.routed((world.group, 2)))


def stand_in(person, delegate, *, begins=START, days=30):
    """The person is away, and the delegate has accepted to stand in."""
    named = {"from_at": begins, "until_at": begins + days * DAY, "reason": "Leave"}
    absence = people.announce_absence(user=person, actor=person, delegate=delegate, at=START, **named)
    return people.accept_delegation(absence=absence, actor=delegate, at=START)


def save(world, case, actor, **fields):
    version = fresh(case).version
    services.save_draft(case=case, actor=actor, at=START, version=version, content=services.DraftContent(fields))


def carry(world, case):
    """From requested to active, by those who may."""
    for actor in (world.bob, world.carol):
        world.approve(case, START, actor=actor)
    return world.activate(case, START)


def judging(world, case, verb, actor):
    at = START + HOUR
    digest = ask.digest(fresh(case))
    match verb:
        case "approve":
            world.approve(case, at, actor=actor)
        case "reject":
            services.reject(case=case, actor=actor, at=at, digest=digest, reason="No.")
        case "ask_for_changes":
            services.ask_for_changes(case=case, actor=actor, at=at, digest=digest, reason="Narrow it.")
        case "verify_safeguard":
            services.verify_safeguard(safeguard=case.safeguards.get(), actor=actor, at=at, statement="Looked.")
        case "resume":
            services.resume(case=case, actor=actor, at=at, statement="All well.")
        case "confirm_removal":
            services.confirm_removal(grant=case.grants.get(), actor=actor, at=at, how=RemovalHow.SECRET_ROTATED)


def prepared(world, case, verb):
    """The case in a state where the verb is possible."""
    if verb in {"approve", "reject", "ask_for_changes"}:
        return case
    case = carry(world, case)
    if verb == "resume":
        return services.suspend(case=case, actor=world.connie, at=START + HOUR / 2, reason="Odd calls.")
    if verb == "confirm_removal":
        return services.revoke(case=case, actor=world.connie, at=START + HOUR / 2, reason="Leaked.")
    return case


VERBS = ["approve", "reject", "ask_for_changes", "verify_safeguard", "resume", "confirm_removal"]
ACTIONS = {"approve": "decide", "reject": "decide", "ask_for_changes": "decide", "verify_safeguard": "verify"}


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_who_gains_judges_whatever_else_they_are(world, everything, verb):
    case = prepared(world, everything, verb)

    for role in GAINING:
        with refused(NotAllowed, case):
            judging(world, case, verb, role(world))
        assert rules.why_not(fresh_person(role(world)), ACTIONS.get(verb, verb), fresh(case), START), role.__name__


@pytest.mark.parametrize("verb", VERBS)
def test_those_who_do_not_gain_may(world, everything, verb):
    case = prepared(world, everything, verb)

    judging(world, case, verb, world.bob)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["audrey", "mallory", "deactivated", "superuser", "auditing approver"])
def test_nobody_judges_without_a_seat(world, everything, verb, who):
    case = prepared(world, everything, verb)
    actor = stranger(world, who)

    with refused(NotAllowed, case):
        judging(world, case, verb, actor)


def stranger(world, who):
    match who:
        case "deactivated":
            person = world.person("Dan")
            people.add_member(group=world.group, member=person, actor=None, at=START)
            return people.deactivate(user=person, actor=None, at=START)
        case "superuser":
            return world.person("Sue", is_superuser=True, is_staff=True)
        case "auditing approver":
            person = world.person("Anna", is_auditor=True)
            people.add_member(group=world.group, member=person, actor=None, at=START)
            return person
    return getattr(world, who)


def fresh_person(person):
    return User.objects.get(pk=person.pk)


def test_being_named_backup_disqualifies_only_after_acceptance(world):
    case = world.requested(backup_owner=world.bob)
    assert world.bob.pk not in judges.gaining_ids(case, START)

    services.accept_backup(case=case, actor=world.bob, at=START + HOUR)

    with refused(NotAllowed, case):
        world.approve(case, START + HOUR, actor=world.bob)
    assert world.approve(case, START + HOUR, actor=world.carol).state == "approved"


def test_a_backup_who_declines_stays_free_to_judge(world):
    case = world.requested(backup_owner=world.bob)

    case = services.decline_backup(case=case, actor=world.bob, at=START + HOUR)

    assert case.backup_owner is None
    assert world.approve(case, START + HOUR).state == "approved"


def test_only_the_named_backup_answers(world):
    case = world.requested(backup_owner=world.person("Boris"))

    for actor in (world.mallory, world.alice, world.olga, world.audrey):
        with refused(NotAllowed, case):
            services.accept_backup(case=case, actor=actor, at=START)
        with refused(NotAllowed, case):
            services.decline_backup(case=case, actor=actor, at=START)


def test_naming_another_backup_takes_back_the_acceptance(world):
    boris, berta = world.person("Boris"), world.person("Berta")
    case = world.draft(backup_owner=boris)
    services.accept_backup(case=case, actor=boris, at=START)

    save(world, case, world.alice, backup_owner=berta)

    case = fresh(case)
    assert (case.backup_owner, case.backup_accepted_at) == (berta, None)
    assert berta.pk not in judges.gaining_ids(case, START)


def test_naming_oneself_backup_is_acceptance(world):
    case = world.draft(owner=world.olga, backup_owner=world.alice)

    assert fresh(case).backup_accepted_at == START


def test_one_person_answers_a_step_once(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)

    with refused(NotAllowed, case):
        world.approve(case, START + HOUR)
    assert rules.why_not(world.bob, "decide", fresh(case), START)
    assert fresh(case).state == "requested"


def test_someone_who_added_evidence_to_the_ask_does_not_judge_it(world):
    case = world.draft(owner=world.bob)
    services.attach_link(case=case, actor=world.bob, at=START, title="Ticket", url="https://tickets.example.org/1")
    save(world, case, world.alice, owner=world.olga)
    case = world.submit(case, START)

    with refused(NotAllowed, case):
        world.approve(case, START, actor=world.bob)


def test_an_outsider_is_shown_nothing_and_an_auditor_everything(world):
    from exceptions_app.models import ExceptionCase

    draft, asked = world.draft(), world.requested()
    seen = {
        name: set(ExceptionCase.objects.visible_to(getattr(world, name)))
        for name in ("alice", "olga", "olive", "bob", "frida", "sven", "connie", "audrey", "petra", "mallory")
    }

    for name in ("alice", "olga", "olive", "connie", "audrey", "petra"):
        assert seen[name] == {draft, asked}, name
    for name in ("bob", "frida", "sven"):
        assert seen[name] == {asked}, name
    assert seen["mallory"] == set()
    gone = people.deactivate(user=world.alice, actor=None, at=START + DAY)
    assert not ExceptionCase.objects.visible_to(gone).exists()


ASKING = {
    "save": lambda world, case, actor: services.save_draft(
        case=case, actor=actor, at=START, version=case.version, content=services.DraftContent({"title": "Mine"})
    ),
    "submit": lambda world, case, actor: world.submit(case, START, actor=actor),
    "withdraw": lambda world, case, actor: services.withdraw(case=case, actor=actor, at=START),
    "attach": lambda world, case, actor: services.attach_link(
        case=case, actor=actor, at=START, title="Ticket", url="https://tickets.example.org/1"
    ),
}


@pytest.mark.parametrize("verb", ASKING)
@pytest.mark.parametrize("who", ["mallory", "bob", "audrey", "petra", "connie", "olive"])
def test_only_those_who_ask_change_the_ask(world, verb, who):
    case = world.draft()

    with refused(NotAllowed, case):
        ASKING[verb](world, case, getattr(world, who))


@pytest.mark.parametrize("verb", ["complete", "revoke", "suspend"])
@pytest.mark.parametrize("who", ["mallory", "audrey", "frida"])
def test_only_those_concerned_end_a_case(world, verb, who):
    case = world.active()
    actor = getattr(world, who)

    with refused(NotAllowed, case):
        getattr(services, verb)(case=case, actor=actor, at=START + HOUR, reason="Because.")


@pytest.mark.parametrize(
    ("verb", "who", "state"),
    [
        ("complete", "alice", "closed"),
        ("complete", "olga", "closed"),
        ("revoke", "olga", "revoked"),
        ("revoke", "bob", "revoked"),
        ("revoke", "connie", "revoked"),
        ("revoke", "petra", "revoked"),
        ("suspend", "bob", "suspended"),
        ("suspend", "petra", "suspended"),
    ],
)
def test_those_concerned_do(world, verb, who, state):
    case = world.active()

    ended = getattr(services, verb)(case=case, actor=getattr(world, who), at=START + HOUR, reason="Because.")

    assert fresh(ended).state == state


def gains(person, case, at):
    return person.pk in judges.gaining_ids(fresh(case), at)


def test_a_delegate_gains_while_the_delegation_runs_and_only_then(world):
    case = world.requested()
    absence = stand_in(world.alice, world.bob, begins=START + DAY, days=5)

    assert [gains(world.bob, case, START + days * DAY) for days in (0, 1, 5, 6)] == [False, True, True, False]

    people.end_absence(absence=absence, actor=world.alice, at=START + 2 * DAY)

    assert not gains(world.bob, case, START + 3 * DAY)


def test_nobody_gains_by_being_named_alone(world):
    case = world.requested()
    named = {"from_at": START, "until_at": START + DAY, "reason": "Leave"}
    absence = people.announce_absence(user=world.alice, actor=world.alice, delegate=world.bob, at=START, **named)

    assert not gains(world.bob, case, START + HOUR)

    people.decline_delegation(absence=absence, actor=world.bob, at=START)
    assert not gains(world.bob, case, START + HOUR)


def test_standing_in_is_not_passed_on(world):
    case = world.requested()
    stand_in(world.alice, world.bob)
    stand_in(world.bob, world.carol)

    assert gains(world.bob, case, START + HOUR)
    assert not gains(world.carol, case, START + HOUR)


def test_an_approval_is_checked_again_when_its_giver_stands_in_at_activation(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    stand_in(world.alice, world.bob)
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.connie, at=START + HOUR, statement="Looked.")

    world.activate(case, START + HOUR)

    assert fresh(case).state == "requested", "asked again: the approver gains meanwhile"
