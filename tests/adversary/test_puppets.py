"""Petra runs the programme; accounts she made or took over do not count as other people (promise 4)."""

import pytest

from accounts import services as people
from accounts.errors import NotAllowed
from catalog import services as catalog
from exceptions_app.models import Source
from exceptions_app.routing import RoutePlan, StepPlan
from tests.exceptions_app.world import DAY, START, fresh

pytestmark = pytest.mark.django_db


def made(name, by, **details):
    email = f"{name.lower()}@example.org"
    return people.create_user(actor=by, at=START - 20 * DAY, email=email, name=name, **details)


def hers(world, router=None):
    """A request of Petra's own."""
    return world.submit(world.draft(actor=world.petra), START, actor=world.petra, router=router)


def asking(source):
    return lambda case: RoutePlan((StepPlan("Owner", None, 1, ("t",), 5 * DAY, source=source),))


def proposed(world, actor):
    return people.propose_group_change(group=world.group, actor=actor, at=START, reason="More", add=[world.mallory])


def test_who_made_an_account_does_not_accept_what_it_proposes(world):
    sock = made("Sock", world.petra, is_programme_manager=True)
    proposal = proposed(world, sock)

    with pytest.raises(NotAllowed, match="You made the account"):
        people.accept_group_change(proposal=proposal, actor=world.petra, at=START)


def test_an_account_made_by_an_account_one_made_is_no_second_person(world):
    first = made("First", world.petra, is_programme_manager=True)
    second = made("Second", first, is_programme_manager=True)
    proposal = proposed(world, world.petra)

    with pytest.raises(NotAllowed, match="made your account"):
        people.accept_group_change(proposal=proposal, actor=second, at=START)


def test_an_account_one_made_names_no_judge_of_what_one_asks(world):
    sock = made("Sock", world.petra, is_programme_manager=True)
    control = fresh(world.control)
    catalog.change_control(control=control, version=control.version, actor=sock, at=START, owner=world.mallory)
    case = hers(world, asking(Source.CONTROL_OWNER))

    with pytest.raises(NotAllowed, match="gave you this say"):
        world.approve(case, START, actor=world.mallory)


def redirected(world):
    people.change_user(user=world.bob, actor=world.petra, at=START, email="petra.too@example.org")


def let_back_in(world):
    people.deactivate(user=world.bob, actor=None, at=START)
    people.reactivate(user=fresh(world.bob), actor=world.petra, at=START)


@pytest.mark.parametrize("taken_over", [redirected, let_back_in])
def test_an_account_taken_over_by_who_asks_does_not_approve(world, taken_over):
    case = hers(world)
    taken_over(world)

    with pytest.raises(NotAllowed, match="opened your account or set its address"):
        world.approve(case, START, actor=fresh(world.bob))

    assert world.approve(case, START, actor=world.carol).state == "approved"


def test_an_account_made_long_ago_by_who_asks_approves(world):
    people.change_user(user=world.bob, actor=world.petra, at=START - 40 * DAY, email="bob.b@example.org")

    assert world.approve(hers(world), START, actor=fresh(world.bob)).state == "approved"


def test_the_manager_of_an_owner_who_said_yes_lately_approves(world):
    mona = world.person("Mona")
    nia = world.person("Nia", manager=mona)
    facts = {"kind": "service_account", "environment": "staging", "credential_form": "long_lived_secret"}
    identity = catalog.create_identity(name="nightly", actor=world.petra, at=START - 10 * DAY, owner_asked=nia, **facts)
    catalog.accept_identity(identity=identity, actor=nia, at=START - 9 * DAY)
    case = world.requested(identity=fresh(identity), router=asking(Source.OWNER_MANAGER))

    assert world.approve(case, START, actor=mona).state == "approved"


def test_the_manager_of_an_owner_whom_who_asks_chose_does_not(world):
    nia = world.person("Nia", manager=world.person("Mona"))
    identity = fresh(world.identity)
    catalog.change_identity(identity=identity, version=identity.version, actor=world.petra, at=START, owner=nia)
    if fresh(identity).owner_asked:
        catalog.accept_identity(identity=fresh(identity), actor=nia, at=START)
    case = hers(world, asking(Source.OWNER_MANAGER))

    with pytest.raises(NotAllowed, match="gave you this say"):
        world.approve(case, START, actor=world.person("Mona"))
