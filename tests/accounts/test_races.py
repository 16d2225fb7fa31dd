"""Two at the same moment: one is done, the others are told why not."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import services
from accounts.errors import NotPossible, Refusal, Stale
from accounts.models import ApproverGroup, GroupMembership, User
from audit.models import Event
from catalog import services as catalog
from catalog.models import Control
from tests.factories import AT, ApproverGroupFactory, ControlFactory, alice, bob, petra

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6


def race(act):
    """The outcomes of one act begun by all threads at once: what it returned, or how it was refused."""
    start = Barrier(THREADS)

    def run(number):
        start.wait()
        try:
            return act(number)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def refusals(outcomes):
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Refusal)]


def test_one_address_makes_one_account():
    actor = petra()

    outcomes = race(lambda _: services.create_user(actor=actor, at=AT, email="new@example.com", name="New"))

    assert refusals(outcomes) == [NotPossible] * (THREADS - 1)
    assert User.objects.filter(email="new@example.com").count() == 1
    assert Event.objects.count() == 1


def test_a_member_is_added_once():
    member, group = alice(), ApproverGroupFactory()

    outcomes = race(lambda _: services.add_member(group=group, member=member, actor=None, at=AT))

    assert refusals(outcomes) == [NotPossible] * (THREADS - 1)
    assert GroupMembership.objects.filter(group=group).count() == 1


def test_the_fallback_is_never_emptied():
    group = ApproverGroupFactory(slug="approvers", is_fallback=True, members=[alice()])
    members = [alice(), bob(group)]

    outcomes = race(lambda number: services.remove_member(group=group, member=members[number % 2], actor=None, at=AT))

    assert len(refusals(outcomes)) == THREADS - 1
    assert group.memberships.count() == 1


def test_there_is_one_fallback_whoever_moves_it():
    groups = [ApproverGroupFactory(members=[alice()]) for _ in range(THREADS)]

    race(lambda number: services.set_fallback(group=groups[number], actor=None, at=AT))

    assert ApproverGroup.objects.filter(is_fallback=True).count() == 1


def test_of_many_writers_of_one_version_one_wins():
    actor, control = petra(), ControlFactory()

    outcomes = race(
        lambda number: catalog.change_control(control=control, version=1, actor=actor, at=AT, title=f"Title {number}")
    )

    assert refusals(outcomes) == [Stale] * (THREADS - 1)
    assert Control.objects.get().version == 2
    assert Event.objects.count() == 1
