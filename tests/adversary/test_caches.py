"""What a shared browser or a proxy still shows after Alice has signed out."""

import pytest

from tests.exceptions_app.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/exceptions/", "/exceptions/export.csv", "/exceptions/EXC-2026-0001/"])
def test_nothing_shown_to_a_person_is_answered_from_a_cache(client, address):
    world = World()
    world.active()
    client.force_login(world.alice)

    answer = client.get(address)

    assert answer.status_code == 200
    assert {"private", "no-cache"} <= {word.strip() for word in answer.get("Cache-Control", "").split(",")}
