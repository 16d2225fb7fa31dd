"""The pages of frameworks: found under every code, outlined, and led to from the controls that answer to them."""

from html import unescape

import pytest
from django.urls import reverse

from audit.models import Event
from catalog import oscal, services
from catalog.codes import key_of
from catalog.models import Control, Framework, FrameworkItem
from tests.exceptions_app.world import START, World, fresh
from tests.portal.test_catalog import CAPS

pytestmark = pytest.mark.django_db
CSF = "nist-csf-2-0"


def make_world():
    services.load_frameworks(actor=None, at=START)
    return World()


@pytest.fixture
def petra(client, world):
    client.force_login(world.petra)
    return client


@pytest.fixture
def mapped(world):
    return services.change_control(
        control=world.control,
        version=world.control.version,
        actor=world.petra,
        at=START,
        answers_to=["owasp-nhi-2025:NHI7:2025", f"{CSF}:PR.AA-05"],
    )


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def posted(control, **changes):
    kept = {name: getattr(control, name) for name in ("title", "statement", "severity", "approver_group_id", *CAPS)}
    kept["approver_group"] = kept.pop("approver_group_id")
    return {**kept, "exceptions_allowed": "on", "version": control.version, **changes}


def test_the_list_counts_items_and_the_controls_that_answer(petra, mapped):
    page = text(petra.get(reverse("frameworks")))

    assert page.count('<th scope="row"') == 6
    assert ">134<" in page


@pytest.mark.parametrize("asked", ["PR.AC-4", "pr.aa-5", "Access permissions, entitlements"])
def test_a_search_finds_an_item_under_any_of_its_names(petra, asked):
    page = text(petra.get(reverse("frameworks"), {"q": asked}))

    assert reverse("framework_item", args=[CSF, "PR.AA-05"]) in page


def test_a_search_without_finds_says_what_would_be_understood(petra):
    assert "No item goes by these words" in text(petra.get(reverse("frameworks"), {"q": "no such thing"}))


@pytest.mark.parametrize("query", ["framework=nowhere", "page=x", "q=" + "a" * 300])
def test_an_odd_question_is_answered_all_the_same(petra, query):
    assert petra.get(f"{reverse('frameworks')}?{query}").status_code == 200


def test_withdrawn_items_are_shown_when_asked_for(petra):
    assert "AC-13" not in text(petra.get(reverse("frameworks"), {"q": "AC-13"})).partition("<table")[2]
    assert "AC-13" in text(petra.get(reverse("frameworks"), {"q": "AC-13", "withdrawn": "on"})).partition("<table")[2]


def test_a_framework_shows_one_part_at_a_time(petra, mapped):
    page = text(petra.get(reverse("framework", args=[CSF]), {"part": "PR"}))

    assert reverse("framework_item", args=[CSF, "PR.AA-05"]) in page
    assert reverse("framework_item", args=[CSF, "DE.CM-09"]) not in page
    assert ">106<" not in page
    assert 0 < page.count('<th scope="row"') < 106
    assert text(petra.get(reverse("framework", args=["csa-maestro"]))).count('<th scope="row"') == 7
    assert petra.get(reverse("framework", args=["nowhere"])).status_code == 404


def test_an_item_lists_its_controls_and_their_exceptions(client, world, mapped):
    case = world.requested()
    client.force_login(world.audrey)

    page = text(client.get(reverse("framework_item", args=[CSF, "PR.AA-05"])))

    assert reverse("control", args=[mapped.code]) in page
    assert reverse("case", args=[case.reference]) in page
    assert "PR.AC-4" in page
    assert reverse("framework_item", args=[CSF, "PR.AA"]) in page


def test_an_item_shows_nobody_the_exceptions_of_others(client, world, mapped):
    case = world.requested()
    client.force_login(world.mallory)

    assert case.reference not in text(client.get(reverse("framework_item", args=[CSF, "PR.AA-05"])))


@pytest.mark.parametrize("code", ["AC-2(1)", "GOVERN 1.1", "NHI4:2025"])
def test_codes_with_brackets_spaces_and_colons_have_addresses(petra, code):
    item = FrameworkItem.objects.get(code=code)

    assert code in text(petra.get(reverse("framework_item", args=[item.framework.slug, code])))


def test_a_withdrawn_item_leads_to_what_took_its_place(petra):
    old = FrameworkItem.objects.create(
        framework=FrameworkItem.objects.get(code="PR.AA-05").framework,
        code="PR.AC-04",
        key="PR.AC.4",
        title="Access permissions are managed",
        is_withdrawn=True,
        position=900,
    )

    page = text(petra.get(reverse("framework_item", args=[CSF, old.code])))

    assert reverse("framework_item", args=[CSF, "PR.AA-05"]) in page


def test_a_control_is_mapped_by_codes_of_any_edition_and_the_change_is_on_record(petra, mapped):
    response = petra.post(
        reverse("control_edit", args=[mapped.code]), posted(mapped, answers_to="pr.ac-4, NHI-09\nac-2.1")
    )

    control = Control.objects.get(pk=mapped.pk)
    assert response.status_code == 302
    assert control.answers_to == [f"{CSF}:PR.AA-05", "nist-sp-800-53-r5:AC-2(1)", "owasp-nhi-2025:NHI9:2025"]
    assert {row.item.code for row in control.mappings.all()} == {"PR.AA-05", "NHI9:2025", "AC-2(1)"}
    event = Event.objects.filter(kind="control.changed").latest("pk")
    assert event.body["changes"]["answers_to"]["before"] == mapped.answers_to
    page = text(petra.get(reverse("control", args=[control.code])))
    assert "Answers to" in page
    assert "PR.AA-05, NHI7:2025" in page


@pytest.mark.parametrize(
    ("codes", "words"),
    [("PR.ZZ-99", "No framework has an item called PR.ZZ-99"), ("PR.AC-4, nonsense", "called nonsense")],
)
def test_a_code_that_no_framework_has_is_named_and_nothing_is_saved(petra, mapped, codes, words):
    response = petra.post(reverse("control_edit", args=[mapped.code]), posted(mapped, answers_to=codes))

    assert words in text(response)
    assert Control.objects.get(pk=mapped.pk).answers_to == mapped.answers_to


def test_a_code_of_several_items_asks_which_is_meant(petra, mapped):
    response = petra.post(reverse("control_edit", args=[mapped.code]), posted(mapped, answers_to="PR.AC-1"))

    assert "PR.AC-1 may mean several items: nist-csf-2-0:PR.AA-01, nist-csf-2-0:PR.AA-05." in unescape(text(response))


def test_a_code_goes_on_meaning_what_it_meant_when_another_framework_has_it_too(petra, mapped):
    other = Framework.objects.create(slug="house", name="House rules", edition="1")
    for position, code in enumerate(["PR.AA-05", "PR.AA-03"]):
        other.items.create(code=code, key=key_of(code), title="Ours", position=position)

    kept = petra.post(reverse("control_edit", args=[mapped.code]), posted(mapped, answers_to="PR.AA-05, NHI7:2025"))
    asked = petra.post(reverse("control_edit", args=[mapped.code]), posted(fresh(mapped), answers_to="PR.AA-03"))
    told = petra.post(reverse("control_edit", args=[mapped.code]), posted(fresh(mapped), answers_to="house:PR.AA-03"))

    assert kept.status_code == told.status_code == 302
    assert "may mean several items" in text(asked)
    assert Control.objects.get(pk=mapped.pk).answers_to == ["house:PR.AA-03"]


def test_controls_are_found_by_the_codes_they_answer_to(petra, mapped):
    for asked in ("PR.AC-4", "NHI-07", "pr.aa-05"):
        assert reverse("control", args=[mapped.code]) in text(petra.get(reverse("controls"), {"q": asked})), asked
    assert reverse("control", args=[mapped.code]) not in text(petra.get(reverse("controls"), {"q": "DE.CM-09"}))


def test_the_history_says_what_happened_to_the_catalog(client, world, mapped):
    client.force_login(world.audrey)

    page = text(client.get(reverse("history")))

    assert "loaded a framework that comes with the product" in page
    assert "134 items added, 0 changed" in page
    assert "changed a control" in page


def test_a_second_writer_is_shown_both_mappings(petra, mapped, world):
    services.change_control(
        control=mapped, version=mapped.version, actor=world.petra, at=START, answers_to=[f"{CSF}:DE.CM-09"]
    )

    response = petra.post(
        reverse("control_edit", args=[mapped.code]),
        posted(mapped, answers_to="PR.AA-03", **{"initial-answers_to": "PR.AA-05, NHI7:2025"}),
    )

    assert response.status_code == 409
    page = response.content.decode()
    assert "DE.CM-09" in page
    assert "PR.AA-03" in page


def test_a_page_ends_where_items_are_part_of_each_other(petra):
    csf = FrameworkItem.objects.filter(framework__slug=CSF)
    one, other = csf.get(code="PR.AA"), csf.get(code="PR.AA-05")
    csf.filter(pk=one.pk).update(parent=other)

    assert "PR.AA" in text(petra.get(reverse("framework_item", args=[CSF, other.code])))


@pytest.mark.parametrize("code", ["A/1", "A/B/1"])
def test_a_code_with_a_slash_has_its_page(petra, code):
    house = Framework.objects.create(slug="house", name="House rules", edition="1")
    FrameworkItem.objects.create(framework=house, code=code, key=key_of(code), title="Doors are shut", position=1)

    assert code in text(petra.get(reverse("framework", args=["house"])))
    assert code in text(petra.get(reverse("frameworks"), {"q": "Doors are shut"}))
    assert "Doors are shut" in text(petra.get(reverse("framework_item", args=["house", code])))


def test_a_slash_in_an_oscal_catalog_is_part_of_the_code(petra):
    content = b'{"catalog": {"metadata": {"title": "House"}, "controls": [{"id": "a/1", "title": "Doors"}]}}'
    services.import_catalog(catalog=oscal.read(content), file_digest="0" * 64, actor=None, at=START)

    assert "Doors" in text(petra.get(reverse("framework_item", args=["house", "A/1"])))
