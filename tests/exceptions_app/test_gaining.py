"""Whoever gains does not judge (promise 4): every disqualified role against every judging verb, administrators too."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from accounts.models import User
from catalog import services as catalog
from exceptions_app import ask, rules, services
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import HOUR, START, fresh, save, stand_in, witness

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


@pytest.fixture(scope="module")
def asked(founded):
    """A requested case in which every way to gain has its person, and each is an approver with all other rights."""
    world = founded
    gaining = {role: role(world) for role in GAINING}
    for role, delegate in zip(GAINING, GAINING[len(THEMSELVES) :], strict=False):
        stand_in(gaining[role], gaining[delegate])
    for person in gaining.values():
        people.add_member(group=world.group, member=person, actor=None, at=START)
    case = world.draft(backup_owner=gaining[accepted_backup])
    save(case, world.alice, owner=gaining[editor])
    save(case, gaining[editor], owner=world.olga)
    services.accept_backup(case=case, actor=gaining[accepted_backup], at=START)
    catalog.change_identity(
        identity=world.identity, version=1, actor=None, at=START, backup_owner=gaining[identity_backup]
    )
    for person in gaining.values():
        equip(person)
    return world.submit(case, START, router=world.routed((world.group, 2)))


@pytest.fixture
def everything(asked, world):
    return fresh(asked)


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
        case _:
            witness(case, verb, actor, at)


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
