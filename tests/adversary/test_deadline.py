"""Alice's ways to have a request outlive its time to decide (promise 6)."""

import pytest

from accounts import services as people
from accounts.errors import NotPossible
from exceptions_app import services
from exceptions_app.services import DraftContent
from tests.exceptions_app.reading import refused
from tests.exceptions_app.world import HOUR, START, fresh

pytestmark = pytest.mark.django_db


def test_a_request_nobody_decided_in_time_is_not_revived_by_a_change(world):
    case = fresh(world.requested())
    content = DraftContent({"justification": "Please look at it after all."})

    with refused(NotPossible, case, says="lapses"):
        services.amend(
            case=case,
            actor=world.alice,
            at=case.decide_by_at,
            version=case.version,
            content=content,
            router=world.router,
        )
    services.lapse(case=case, at=case.decide_by_at)

    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "lapsed")


def test_a_request_nobody_decided_in_time_is_not_revived_by_its_owner_leaving(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START + HOUR)
    deadline = fresh(case).decide_by_at
    people.change_user(user=world.olga, actor=None, at=START, manager=world.person("Mona"))
    people.deactivate(user=world.olga, actor=None, at=deadline)

    services.hand_over_orphan(case=case, at=deadline)

    assert fresh(case).decide_by_at == deadline
    services.lapse(case=case, at=deadline)
    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "lapsed")
