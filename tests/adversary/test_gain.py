"""Mallory's ways to judge first and gain afterwards, or to gain first and judge afterwards (promise 4)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from exceptions_app import ask, services
from exceptions_app.services import DraftContent
from tests.exceptions_app.reading import events, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def verify(case, actor, at=START):
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=actor, at=at, statement="Alert fired.")


def test_carol_verifies_a_safeguard_and_becomes_owner_so_it_is_verified_anew(world):
    case = world.requested(safeguards=[world.safeguard(required=True)])
    verify(case, world.carol)

    services.amend(
        case=case,
        actor=world.alice,
        at=START + HOUR,
        version=fresh(case).version,
        content=DraftContent({"owner": world.carol}),
        router=world.router,
    )
    world.approve(case, START + HOUR)

    assert case.safeguards.get().verified_at is None
    assert world.activate(case, START + HOUR).state == "approved"
    verify(case, world.connie, START + HOUR)
    assert world.activate(case, START + HOUR).state == "active"


def test_carol_verifies_a_safeguard_and_is_handed_the_identity_so_it_is_verified_anew(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    verify(case, world.carol)
    type(world.identity).objects.filter(pk=world.identity.pk).update(owner=world.carol)

    assert world.activate(case, START + HOUR).state == "approved"
    verify(case, world.connie, START + HOUR)
    assert world.activate(case, START + HOUR).state == "active"


def test_carol_verifies_a_safeguard_and_inherits_the_case_so_it_is_verified_anew(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    verify(case, world.carol)
    people.change_user(user=world.olga, actor=None, at=START, manager=world.carol)
    people.deactivate(user=world.olga, actor=None, at=START)

    services.hand_over_orphan(case=case, at=START + HOUR)

    assert fresh(case).owner == world.carol
    assert case.safeguards.get().verified_at is None


def test_bob_approves_and_cannot_become_backup_owner_afterwards(world):
    case = world.active(backup_owner=world.bob)

    with refused(NotAllowed, case, says="decline"):
        services.accept_backup(case=case, actor=world.bob, at=START + HOUR)
    services.decline_backup(case=case, actor=world.bob, at=START + HOUR)

    assert fresh(case).backup_owner is None


def test_carol_verifies_and_becomes_backup_owner_so_it_is_verified_anew(world):
    case = world.approved(backup_owner=world.carol, safeguards=[world.safeguard(required=True)])
    verify(case, world.carol)

    services.accept_backup(case=case, actor=world.carol, at=START + HOUR)

    assert case.safeguards.get().verified_at is None
    assert world.activate(case, START + HOUR).state == "approved"


def test_carol_verifies_what_is_in_force_and_cannot_become_backup_owner_afterwards(world):
    case = world.active(backup_owner=world.carol)
    verify(case, world.carol)

    with refused(NotAllowed, case, says="decline"):
        services.accept_backup(case=case, actor=world.carol, at=START + HOUR)


def test_bob_whose_approval_was_voided_may_become_backup_owner(world):
    case = world.requested(backup_owner=world.bob)
    services.ask_for_changes(case=case, actor=world.bob, at=START, digest=ask.digest(fresh(case)), reason="Narrower.")

    services.accept_backup(case=case, actor=world.bob, at=START + HOUR)

    assert "backup.accepted" in events(case)


def test_dan_leaves_as_owner_and_on_his_return_does_not_confirm_that_access_is_gone(world):
    dan = world.person("Dan", manager=world.person("Mona"))
    people.add_member(group=world.group, member=dan, actor=None, at=START)
    case = world.active(owner=dan)
    people.deactivate(user=dan, actor=None, at=START + DAY)
    services.hand_over_orphan(case=case, at=START + DAY)
    people.reactivate(user=dan, actor=None, at=START + 2 * DAY)
    services.complete(case=case, actor=world.alice, at=START + 3 * DAY, reason="Connector is live.")

    with refused(NotAllowed, case, says="gained"):
        services.confirm_removal(grant=case.grants.get(), actor=fresh(dan), at=START + 4 * DAY, how="secret_rotated")


def test_bob_submits_as_owner_and_does_not_approve_once_another_owns_it(world):
    case = world.submit(world.draft(owner=world.bob), START, actor=world.bob)
    services.amend(
        case=case,
        actor=world.alice,
        at=START,
        version=fresh(case).version,
        content=DraftContent({"owner": world.olga}),
        router=world.router,
    )

    with refused(NotAllowed, case, says="asked"):
        world.approve(case, START, actor=world.bob)
