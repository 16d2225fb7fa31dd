"""What is exported can be imported again and changes nothing; a formula stays text on the way."""

import io
from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog import services as catalog
from catalog.models import Identity
from intake import services, tables
from intake.kinds import KINDS
from intake.models import State
from tests.exceptions_app.world import START, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(full, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return deepcopy(full)


@pytest.fixture(scope="module")
def full(standing):
    """Something of every kind that is exported."""
    world = World()
    vendor = catalog.create_vendor(name="Skanna", actor=None, at=START, onboarding_ref="TPRM-7", review_on=START.date())
    catalog.change_identity(
        identity=world.identity,
        version=1,
        actor=None,
        at=START,
        vendor=vendor,
        external_ids=["arn:aws:iam::1:role/erp", "spiffe://house/erp"],
        last_rotated_on=START.date(),
        description='=HYPERLINK("https://evil.example","Invoice")',
    )
    catalog.change_system(system=world.system, version=1, actor=None, at=START, tags=["pci", "tier-1"])
    catalog.load_frameworks(actor=None, at=START)
    items = ["nist-csf-2-0:PR.AA-01", "owasp-nhi-2025:NHI7:2025"]
    catalog.change_control(control=world.control, version=1, actor=None, at=START, answers_to=items)
    return world


def taken_away(client, kind, form):
    response = client.get(reverse("catalog_export", args=[kind, form]))
    assert response.status_code == 200
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_exported_is_imported_again_and_changes_nothing(client, world, kind, form):
    client.force_login(world.petra)
    file = SimpleUploadedFile(f"{kind}.{form}", taken_away(client, kind, form))

    run = services.upload(kind=kind, upload=file, actor=world.petra, at=START)
    assert set(run.mapping) == {column.name for column in KINDS[kind].columns}
    services.check(run=run, mapping=run.mapping, actor=world.petra, at=START)
    run = services.work(run=services.claim(START), at=START)

    assert (run.state, run.problems) == (State.CHECKED, [])
    assert (run.counts["added"], run.counts["changed"], run.counts["proposed"]) == (0, 0, 0)
    assert run.counts["same"] == KINDS[kind].model.objects.count() > 0


def test_a_formula_is_escaped_in_csv_and_text_in_xlsx(client, world):
    client.force_login(world.alice)

    text = taken_away(client, "identities", "csv").decode()
    header, lines = tables.header_and_lines(io.BytesIO(taken_away(client, "identities", "xlsx")))

    assert "'=HYPERLINK" in text
    place = header.index("Description")
    assert [line.cells[place] for line in lines] == [Identity.objects.get().description]


def test_frameworks_are_exported_with_their_items(client, world):
    client.force_login(world.alice)

    text = taken_away(client, "frameworks", "csv").decode()

    assert "PR.AA-05" in text
    assert "PR.AC-4" in text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("start", ["=cmd", "+cmd", "-cmd", "@cmd", "%cmd", "|cmd", "cmd"])
def test_a_name_that_a_spreadsheet_would_run_is_the_same_name_afterwards(client, world, start, form):
    name = f"{start}|calc"
    catalog.change_system(system=world.system, version=2, actor=None, at=START, name=name)
    client.force_login(world.petra)
    file = SimpleUploadedFile(f"systems.{form}", taken_away(client, "systems", form))

    run = services.upload(kind="systems", upload=file, actor=world.petra, at=START)
    services.check(run=run, mapping=run.mapping, actor=world.petra, at=START)
    run = services.work(run=services.claim(START), at=START)

    assert (run.counts["changed"], run.problems) == (0, [])


def test_what_is_not_exported_is_not_found(client, world):
    client.force_login(world.alice)

    for kind, form in (("people", "csv"), ("identities", "exe")):
        assert client.get(reverse("catalog_export", args=[kind, form])).status_code == 404


def brought_back(client, person, kind, form):
    file = SimpleUploadedFile(f"{kind}.{form}", taken_away(client, kind, form))
    run = services.upload(kind=kind, upload=file, actor=person, at=START)
    services.check(run=run, mapping=run.mapping, actor=person, at=START)
    run = services.work(run=services.claim(START), at=START)
    assert run.state == State.CHECKED
    return run.counts


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("ids", [["CN=svc,OU=Apps,DC=acme"], ["a;b"], ["a;b", "c,d", "e,"]])
def test_external_ids_come_back_as_they_were(client, world, form, ids):
    client.force_login(world.petra)
    catalog.create_identity(
        name="svc", kind="service_account", environment="production", external_ids=ids, actor=None, at=START
    )

    assert brought_back(client, world.petra, "identities", form)["changed"] == 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "text",
    ["-x | y", "-x \\| y", "-", "'-", "'=1+1", "''=1+1", "'quoted'", "| a", "%a|b", "a;=1+1", "=1+1", "-5", "x | y"],
)
def test_text_comes_back_as_it_was(client, world, form, text):
    client.force_login(world.petra)
    catalog.create_vendor(name="Acme", actor=None, at=START, description=text)

    assert brought_back(client, world.petra, "vendors", form)["changed"] == 0


def test_who_is_asked_to_own_an_identity_stays_asked(client, world):
    client.force_login(world.petra)
    owned = Identity.objects.get(pk=world.identity.pk)
    catalog.change_identity(identity=owned, version=owned.version, actor=None, at=START, owner=world.alice)
    owned.refresh_from_db()
    catalog.change_identity(identity=owned, version=owned.version, actor=world.petra, at=START, owner=world.mallory)

    assert brought_back(client, world.petra, "identities", "csv")["changed"] == 0
