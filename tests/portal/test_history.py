"""The history page: days nobody means, and lists that say when they are not the whole."""

import pytest

from tests.exceptions_app.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def audrey(client, world):
    client.force_login(world.audrey)
    return client


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
@pytest.mark.parametrize("field", ["since", "until", "as_of"])
def test_a_day_beyond_reckoning_is_refused_beside_its_field(audrey, field, day):
    answer = audrey.get("/history/", {field: day})

    assert answer.status_code == 200
    assert answer.context["form"].errors == {field: ["Give a year between 2000 and 2100."]}
