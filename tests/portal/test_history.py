"""The history page: days nobody means, and lists that say when they are not the whole."""

import pytest
from django.db import connection

from audit.models import Stream
from portal import history
from tests.audit.guards import suspended
from workflows import reactions

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("stream", ["EXC-2026-9999", "no such thing", "exceptions/"])
def test_a_mistyped_name_is_no_alarm(audrey, world, stream):
    world.draft()

    page = audrey.post("/history/verification/", {"stream": stream}).content.decode()

    assert "Nothing is recorded under this name." in page
    assert "not what was recorded" not in page


def test_all_streams_below_a_name_are_verified_with_the_whole_ledger(audrey, world):
    world.draft()

    page = audrey.get("/history/", {"stream": "exceptions/"})

    assert page.context["lines"]
    assert page.context["stream"] == ""


def test_a_case_without_its_stream_is_an_alarm(audrey, world):
    case = world.draft()
    with suspended(connection):
        Stream.objects.filter(name=case.stream).update(name="exceptions/EXC-1999-0001")

    page = audrey.post("/history/verification/", {"stream": case.reference}).content.decode()

    assert "The ledger is not what was recorded." in page


def test_a_list_of_what_was_in_force_says_how_much_of_it_is_shown(audrey, world, monkeypatch):
    monkeypatch.setattr(history, "SHOWN_IN_FORCE", 2)
    for number in range(3):
        world.active(identity=world.make_identity(f"robot-{number}"))

    page = audrey.get("/history/", {"as_of": world.start.date().isoformat()}).content.decode()

    assert "These are the 2 of 3 that end first." in page


def test_every_kind_of_event_can_be_asked_for():
    prefixes = [prefix for prefix, _label in history.KINDS if prefix]

    for kind in reactions.known_kinds():
        assert [prefix for prefix in prefixes if kind.startswith(prefix)] == [f"{kind.partition('.')[0]}."]
    assert len({str(label) for _prefix, label in history.KINDS}) == len(history.KINDS)
