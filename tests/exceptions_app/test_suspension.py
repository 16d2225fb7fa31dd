"""What is suspended says who may resume it and what stands before that: as the law answers, and the act."""

import pytest

from accounts import services as people
from accounts.errors import NotPossible
from exceptions_app import rules, services
from exceptions_app.models import Trigger
from exceptions_app.queries.home import home
from exceptions_app.queries.suspension import suspension_of
from exceptions_app.resuming import Concern
from tests.exceptions_app.reading import assert_intact, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh, stand_in

pytestmark = pytest.mark.django_db
AT = START + DAY
EVERYBODY = ("alice", "olga", "bob", "carol", "connie", "petra", "audrey")


def resume(case, actor, at=AT):
    return services.resume(case=fresh(case), actor=actor, at=at, statement="Looked at it.")


def able(world, case, *more, at=AT):
    everybody = [*(getattr(world, name) for name in EVERYBODY), *more]
    return {one for one in everybody if rules.why_not(one, "resume", fresh(case), at) is None}


def stands(case, at=AT):
    found = suspension_of(fresh(case), at)
    return found.obstacle and found.obstacle.concern


def test_what_nobody_had_to_verify_yet_is_no_obstacle(world):
    case = world.suspended()
    assert not case.safeguards.get().required

    assert stands(case) is None
    assert resume(case, world.connie).state == "active"


def test_a_verification_by_somebody_who_gains_by_now_is_one(world):
    case = world.active(owner=world.olga)
    guard = case.safeguards.get()
    services.verify_safeguard(safeguard=guard, actor=world.carol, at=START, statement="Alert fired.")
    services.suspend(case=case, actor=world.connie, at=START + HOUR, reason="Odd calls seen.")
    stand_in(world.olga, world.carol, begins=START + HOUR)

    assert stands(case) == Concern.SAFEGUARDS
    with refused(NotPossible, case, says="Verify these safeguards first"):
        resume(case, world.connie)


def test_what_it_renews_resumes_first(world):
    case = world.active()
    near = case.expires_at - 10 * DAY
    heir = fresh(world.approve(world.renewal(case, near), near))
    services.suspend(case=case, actor=world.connie, at=near + HOUR, reason="Odd calls seen.")
    heir = fresh(heir)
    assert heir.state == "suspended"

    assert stands(heir, near + DAY) == Concern.RENEWED
    with refused(NotPossible, heir, says="Resume that one first"):
        resume(heir, world.connie, near + DAY)
    resume(case, world.connie, near + DAY)
    assert stands(heir, near + DAY) is None
    assert_intact()


def test_whoever_the_law_lets_resume_it_is_named_and_finds_it_on_home(world):
    zed = world.person("Zed")
    route = world.routed((world.group, 1), (world.make_group("Second", "Zed"), 1))
    case = world.requested(router=route)
    for approver in (world.bob, zed):
        world.approve(fresh(case), START, actor=approver)
    case = world.activate(fresh(case), START)
    services.suspend(case=fresh(case), actor=world.connie, at=START + HOUR, reason="Odd calls seen.")

    may = able(world, case, zed)
    assert {world.bob, zed, world.connie} <= may
    assert set(suspension_of(fresh(case), AT).people) == may
    for one in [*(getattr(world, name) for name in EVERYBODY), zed]:
        assert [row.pk for row in home(one, AT).to_resume.cases] == ([case.pk] if one in may else []), one

    for gone in (zed, world.connie):
        people.deactivate(user=gone, actor=None, at=AT)
    assert world.bob in suspension_of(fresh(case), AT).people


def test_while_a_review_is_open_it_is_those_it_asks(world):
    case = world.suspended()
    what = {"trigger": Trigger.INCIDENT_LINKED, "what": "INC-7."}
    services.report_change(case=fresh(case), actor=world.alice, at=START + 2 * HOUR, **what)

    may = able(world, case)
    assert world.connie in may
    assert set(suspension_of(fresh(case), AT).people) == may
    found = {one for one in (getattr(world, name) for name in EVERYBODY) if home(one, AT).to_resume.count}
    assert found == may
    assert not home(world.connie, AT).needs_nothing
