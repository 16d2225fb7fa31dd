"""Frameworks come with the product, take texts from OSCAL files, and are found under every name they go by."""

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import NotAllowed
from audit.models import Event
from catalog import oscal, services
from catalog.models import Framework, FrameworkItem
from tests.catalog.test_oscal import JSON, XML
from tests.factories import AT, alice, petra

pytestmark = pytest.mark.django_db
CSF = "nist-csf-2-0"


@pytest.fixture
def loaded():
    return services.load_frameworks(actor=None, at=AT)


def csf(*subcategories):
    """A catalog with CSF's title; subcategories have no title but their code, as NIST publishes them."""
    parts = [
        {"id": code, "class": "subcategory", "title": code, "parts": [{"name": "statement", "prose": text}]}
        for code, text in subcategories
    ]
    return oscal.Catalog(
        "NIST Cybersecurity Framework 2.0",
        "1.0.0",
        oscal.read(_json({"catalog": {"metadata": {"title": "T"}, "controls": parts}})).entries,
    )


def _json(document):
    return oscal.json.dumps(document).encode()


def test_the_shipped_frameworks_are_whole(loaded):
    csf_items = FrameworkItem.objects.filter(framework__slug=CSF)

    assert csf_items.filter(level="subcategory", is_withdrawn=False).count() == 106
    assert csf_items.get(code="ID.RA-07").parent.code == "ID.RA"
    assert {outcome.framework.slug: len(outcome.added) for outcome in loaded} == {
        CSF: 134,
        "nist-sp-800-53-r5": 1209,
        "nist-sp-800-207": 7,
        "nist-ai-rmf-1-0": 95,
        "owasp-nhi-2025": 10,
        "csa-maestro": 7,
    }
    assert not FrameworkItem.objects.filter(parent=None, code__contains="-").exclude(
        framework__slug__in=["nist-sp-800-207"]
    )


def test_loading_twice_changes_nothing_and_says_nothing(loaded):
    events = Event.objects.count()

    assert services.load_frameworks(actor=None, at=AT) == []
    assert Event.objects.count() == events == 6


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("PR.AC-4", "PR.AA-05"),
        ("PR.AC-04", "PR.AA-05"),
        ("NHI-04", "NHI4:2025"),
        ("NHI4", "NHI4:2025"),
        ("nhi4:2025", "NHI4:2025"),
        ("NHI-10", "NHI10:2025"),
        ("ac-2.1", "AC-2(1)"),
        ("PR.IP-3", "ID.RA-07"),
        ("govern 1.1", "GOVERN 1.1"),
    ],
)
def test_an_item_is_found_first_under_every_name_it_goes_by(loaded, asked, code):
    assert code in FrameworkItem.objects.called(asked).values_list("code", flat=True)
    assert FrameworkItem.objects.search(asked)[0] in FrameworkItem.objects.called(asked)


def test_an_item_is_found_by_words_and_by_the_beginning_of_its_code(loaded):
    assert FrameworkItem.objects.search("improper offboarding").get().code == "NHI1:2025"
    assert FrameworkItem.objects.search("PR.AA")[0].code == "PR.AA"
    assert not FrameworkItem.objects.search("no such words").exists()


def test_an_imported_catalog_fills_in_texts_and_leaves_titles(loaded):
    catalog = csf(("ID.RA-07", "Changes and exceptions are managed, and here is more."))

    outcome = services.import_catalog(catalog=catalog, file_digest="0" * 64, actor=None, at=AT)

    item = FrameworkItem.objects.get(code="ID.RA-07")
    assert (outcome.added, outcome.changed) == ((), ("ID.RA-07",))
    assert item.title.startswith("Changes and exceptions are managed, assessed for risk impact")
    assert item.text == "Changes and exceptions are managed, and here is more."
    event = Event.objects.latest("pk")
    assert (event.kind, event.stream.name) == ("framework.imported", f"catalog/frameworks/{CSF}")


def test_what_a_complete_edition_does_not_have_counts_as_withdrawn(loaded):
    catalog = csf(("ID.RA-07", "Same."), ("PR.AC-04", "Access permissions are managed."))

    outcome = services.import_catalog(catalog=catalog, file_digest="0" * 64, actor=None, at=AT)

    old = FrameworkItem.objects.get(code="PR.AC-04")
    assert outcome.withdrawn == ("PR.AC-04",)
    assert (old.is_withdrawn, old.title, old.text) == (True, "Access permissions are managed.", "")
    assert FrameworkItem.objects.filter(framework__slug=CSF, level="subcategory", is_withdrawn=False).count() == 106
    assert [item.code for item in FrameworkItem.objects.search("PR.AC-4")[:2]] == ["PR.AA-05", "PR.AC-04"]


def test_a_catalog_of_ones_own_becomes_a_framework_and_reading_it_again_changes_nothing(tmp_path, capsys):
    for name, content in (("house.xml", XML.encode()), ("house.json", _json(JSON))):
        (tmp_path / name).write_bytes(content)
        call_command("import_oscal_catalog", str(tmp_path / name))

    framework = Framework.objects.get(slug="house-rules")
    assert [(item.code, item.is_withdrawn) for item in framework.items.all()] == [
        ("KS", False),
        ("KS-2", False),
        ("KS-2(1)", True),
    ]
    assert "3 items added" in (told := capsys.readouterr().out)
    assert "0 items added, 0 changed" in told
    assert Event.objects.filter(kind="framework.imported").count() == 1


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"{", (), "Line 1"),
        (None, (), "cannot be read"),
        (XML.encode(), ("--framework", "none"), "no framework with the handle"),
    ],
)
def test_the_command_names_what_is_wrong_and_saves_nothing(tmp_path, content, more, words):
    file = tmp_path / "catalog.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=words):
        call_command("import_oscal_catalog", str(file), *more)

    assert not Framework.objects.exists()


def test_only_programme_managers_load_and_import(loaded):
    with pytest.raises(NotAllowed):
        services.load_frameworks(actor=alice(), at=AT)
    with pytest.raises(NotAllowed):
        services.import_catalog(catalog=csf(("ID.RA-07", "x")), file_digest="0" * 64, actor=alice(), at=AT)
    services.load_frameworks(actor=petra(), at=AT)


def test_a_group_within_itself_stays_where_it_stood_first():
    within = {"id": "b", "title": "B", "groups": [{"id": "a", "title": "A"}]}
    document = {"catalog": {"metadata": {"title": "House"}, "groups": [{"id": "a", "title": "A", "groups": [within]}]}}

    services.import_catalog(catalog=oscal.read(_json(document)), file_digest="0" * 64, actor=None, at=AT)

    assert FrameworkItem.objects.get(code="A").parent is None
    assert FrameworkItem.objects.get(code="B").parent.code == "A"
