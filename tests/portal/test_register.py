"""The register page: what its filters and its search find, and nothing beside it."""

import pytest

from exceptions_app import services
from tests.exceptions_app.world import World

pytestmark = pytest.mark.django_db
TITLE = "Legacy ERP's sync hard-codes kv/prod/erp for svc-erp under node.js 18.2.1 (see it@example.org)"


@pytest.fixture
def world():
    return World()


def found(client, **asked):
    return [case.reference for case, _is_in_force in client.get("/exceptions/", asked).context["rows"]]


@pytest.mark.parametrize("asked", [{"control": "NHI-NONE-01"}, {"identity": "nobody"}])
def test_a_name_that_nothing_bears_finds_nothing_not_even_drafts_that_name_nothing_yet(client, world, asked):
    services.open_draft(actor=world.alice, at=world.start)
    client.force_login(world.alice)

    assert found(client, **asked) == []


@pytest.mark.parametrize("asked", [{"control": "nhi-rot-01"}, {"identity": "erp-sync"}])
def test_a_control_or_an_identity_finds_its_cases(client, world, asked):
    case = world.draft()
    world.draft(control=world.make_control("NHI-OTH-01"), identity=world.make_identity("payroll"))
    client.force_login(world.alice)

    assert found(client, **asked) == [case.reference]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "words",
    [
        "legacy",
        "leg",
        "ERP's",
        "hard-codes",
        "hard-co",
        "codes",
        "kv/prod/erp",
        "kv/prod",
        "svc-erp",
        "node.js",
        "18.2.1",
        "it@example.org",
        "sync legacy",
        "svc-erp hard-codes",
        "legacy (see",
    ],
)
def test_a_title_is_found_by_its_words_as_they_are_written(client, world, words):
    case = world.draft(title=TITLE)
    client.force_login(world.alice)

    assert found(client, q=words) == [case.reference]


@pytest.mark.parametrize("words", ["svc-crm", "hard-wires", "kv/test", "&", "!", "':*", "\\", "a' | 'legacy", "((("])
def test_other_words_find_nothing_and_break_nothing(client, world, words):
    world.draft(title="Legacy ERP hard-codes its path")
    client.force_login(world.alice)

    assert found(client, q=words) == []
