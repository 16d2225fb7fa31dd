"""Framework items by table: an organisation's own list comes in; what the product ships keeps its own words."""

import pytest

from accounts.errors import Stale
from audit.models import Event
from catalog import services as catalog
from catalog.models import Control, Framework, FrameworkItem
from intake import services
from intake.models import State
from tests.factories import AT, ApproverGroupFactory, alice, petra
from tests.intake.test_services import checked, imported, media, problems, upload, work

__all__ = ["media"]

pytestmark = pytest.mark.django_db
HEADER = "Standard,ID,Title,Text,Part of,Withdrawn,Also called"
OURS = (
    "House rules 4,A,Access,,,no,",
    "House rules 4,A-1,Keys end,Every key has an end.,A,no,KEY-1; R-7",
    "House rules 4,A-2,Keys rotate,,A,yes,",
)


@pytest.fixture(autouse=True)
def people():
    alice()


def table(*lines, **options):
    return upload(*lines, kind="frameworks", header=HEADER, **options)


def bring(*lines):
    return imported(*lines, kind="frameworks", header=HEADER)


def test_a_framework_of_ones_own_comes_with_its_items():
    run = bring(*OURS)

    assert (run.state, run.counts["added"]) == (State.SAVED, 3)
    framework = Framework.objects.get()
    assert (framework.slug, framework.name) == ("house-rules-4", "House rules 4")
    top, key, rotate = framework.items.order_by("position")
    assert (key.parent, rotate.parent, top.parent) == (top, top, None)
    assert (key.text, rotate.is_withdrawn) == ("Every key has an end.", True)
    assert FrameworkItem.objects.called("r7").get() == key
    event = Event.objects.get(kind="framework.imported")
    assert event.stream.name == "catalog/frameworks/house-rules-4"
    assert (event.body["added"], event.body["file"]) == (3, run.sha256)


def test_the_same_table_twice_changes_nothing_and_a_cell_changes_its_item():
    bring(*OURS)

    again = checked(table(*OURS))
    assert (again.counts["same"], again.counts["added"], again.counts["changed"]) == (3, 0, 0)

    run = bring("house rules 4,a 1,Keys come to an end,,-,,KEY-1")
    item = FrameworkItem.objects.get(code="A-1")
    assert run.counts["changed"] == 1
    assert (item.title, item.text, item.parent) == ("Keys come to an end", "Every key has an end.", None)
    assert [alias.alias for alias in item.aliases.all()] == ["KEY-1"]


def test_a_bad_line_is_named_and_nothing_is_saved():
    run = checked(table("House,,No code,,,,", "房,A1,No handle,,,,", "House,A1,Lost,,B9,,", "House,A2,,,,,", OURS[0]))

    assert run.state == State.REFUSED
    assert [(line, column) for line, column, _sentence in problems(run)] == [
        (2, "ID"),
        (3, "ID"),
        (4, "Part of"),
        (5, "Title"),
    ]
    assert "B9" in problems(run)[2][2]
    assert not Framework.objects.exists()


def test_two_lines_of_one_code_are_refused():
    run = checked(table("House,A-1,One,,,,", "House,a.01,Two,,,,"))

    assert [line for line, _column, _sentence in problems(run)] == [3]


def test_what_the_product_ships_takes_texts_and_nothing_else():
    catalog.load_frameworks(actor=None, at=AT)
    name = Framework.objects.get(slug="nist-csf-2-0").name

    run = bring(f"{name},PR.AA-01,,What we do about it.,,,")
    assert FrameworkItem.objects.get(framework__name=name, code="PR.AA-01").text == "What we do about it."
    assert run.counts["changed"] == 1

    refused = checked(table("nist-csf-2-0,PR.AA-01,Our own title,,,,", "nist-csf-2-0,PR.AA-99,New,,,,"))
    assert [(line, column) for line, column, _sentence in problems(refused)] == [(2, "Title"), (3, "ID")]
    assert "comes with the product" in problems(refused)[0][2]


def test_items_cannot_be_part_of_each_other():
    bring("House,A,Access,,,,", "House,B,Keys,,A,,", "House,C,Doors,,B,,")

    run = checked(table("House,A,Access,,C,,"))
    at_once = checked(table("Other,A,Access,,,,", "Other,B,Keys,,A,,", "House,B,Keys,,-,,", "House,A,Access,,C,,"))

    assert problems(run) == [(2, "Part of", "C is part of A, so A cannot be part of it.")]
    assert (at_once.state, at_once.problems) == (State.CHECKED, [])


def test_a_circle_that_others_began_meanwhile_is_found_when_it_would_be_closed():
    bring("House,A,Access,,,,", "House,B,Keys,,,,")
    run = checked(table("House,A,Access,,B,,"))
    below = FrameworkItem.objects.get(code="B")
    services.confirm(run=run, actor=petra(), at=AT)
    plan = services._planned(run, AT)
    FrameworkItem.objects.filter(pk=below.pk).update(parent=FrameworkItem.objects.get(code="A"))

    with pytest.raises(Stale):
        services._save(run, plan, AT)


def test_what_changed_since_the_preview_is_shown_again():
    bring(*OURS)
    run = checked(table("House rules 4,A-1,Mine,,,,"))
    FrameworkItem.objects.filter(code="A-1").update(title="Theirs")
    services.confirm(run=run, actor=petra(), at=AT)
    run = work()

    assert (run.state, run.preview[0]["changes"]["title"]["before"]) == (State.CHECKED, "Theirs")


def test_controls_answer_to_items_by_table():
    bring(*OURS)
    ApproverGroupFactory(slug="approvers")
    header = "code,title,statement,severity,approver_group,answers_to"
    line = "NHI-NEW-01,New,It holds.,high,approvers,{}"

    refused = checked(upload(line.format("house-rules-4:Z-9"), kind="controls", header=header))
    assert problems(refused)[0][1:] == ("answers_to", "No framework has these items: house-rules-4:Z-9.")

    imported(line.format("house-rules-4:A-1"), kind="controls", header=header)
    assert Control.objects.get().mappings.get().item.code == "A-1"


@pytest.mark.parametrize("alias", ["x" * 61, "a1" * 30, "房"])
def test_another_name_that_cannot_be_kept_is_refused_with_its_line(alias):
    run = checked(table(f"House,A1,Title,,,,{alias}"))

    assert [(line, column) for line, column, _sentence in problems(run)] == [(2, "Also called")]


@pytest.mark.parametrize("lines", [("House,A-1,,,-,,",), ("House,A-1,,,,,R-9",), ("House,A-1,Other,,,,",)])
def test_what_others_changed_beside_a_change_is_not_overwritten(lines):
    bring("House,A,Access,,,,", "House,B,Doors,,,,", "House,A-1,Keys,,A,,R-7")
    run = checked(table(*lines))
    plan = services._planned(run, AT)
    services.confirm(run=run, actor=petra(), at=AT)
    item = FrameworkItem.objects.get(code="A-1")
    item.aliases.update(alias="R-8", key="R.8")
    FrameworkItem.objects.filter(pk=item.pk).update(parent=FrameworkItem.objects.get(code="B"), text="Theirs")

    with pytest.raises(Stale):
        services._save(run, plan, AT)
