"""Who comes to gain, and who changes the ask: backups, editors, those who add evidence."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from exceptions_app import judges, rules, services
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh, save, stand_in

pytestmark = pytest.mark.django_db


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

    save(case, world.alice, backup_owner=berta)

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
    save(case, world.alice, owner=world.olga)
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
