"""Alice's ways to have approved what Bob did not see (promise 5)."""

import pytest

from exceptions_app import ask, services
from exceptions_app.queries import case as queries
from exceptions_app.services import DraftContent
from tests.exceptions_app.world import START, World, fresh

pytestmark = pytest.mark.django_db
WIDE = "kv/everything/*"


@pytest.fixture
def world(time_machine):
    time_machine.move_to(START, tick=False)
    return World()


@pytest.fixture
def slow_page(world, monkeypatch):
    """Alice changes her request while Bob's page is being made, after its parts are read."""
    story = queries.story

    def read_then_change(case, user, at):
        read = story(case, user, at)
        monkeypatch.setattr(queries, "story", story)
        content = DraftContent(grants=[world.grant(WIDE)])
        version = fresh(case).version
        services.amend(case=case, actor=world.alice, at=START, version=version, content=content, router=world.router)
        return read

    monkeypatch.setattr(queries, "story", read_then_change)


@pytest.mark.parametrize("address", ["/exceptions/{}/", "/queue/?open={}", "/exceptions/{}/approval/"])
def test_a_page_binds_to_the_parts_it_shows(client, world, slow_page, address):
    case = world.requested()
    client.force_login(world.bob)

    page = client.get(address.format(case.reference)).content.decode()

    shown, bound = f"<code>{WIDE}</code>" in page, f'value="{ask.digest(fresh(case))}"' in page
    assert shown == bound


def test_a_stale_answer_binds_to_the_parts_it_then_shows(client, world, slow_page):
    case = world.requested()
    client.force_login(world.bob)
    seen = ask.digest(case)

    answer = {"digest": seen, "statement": "I accept it.", "capacity": "Head of identity"}
    page = client.post(f"/exceptions/{case.reference}/approval/", answer).content.decode()

    assert f"<code>{WIDE}</code>" in page
    assert f'value="{ask.digest(fresh(case))}"' in page
