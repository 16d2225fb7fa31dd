"""What the search finds: the same words find the same cases on PostgreSQL and on SQLite."""

import pytest
from django.core.management import call_command

from catalog import services as catalog
from catalog.codes import key_of
from catalog.models import ControlItem, Framework, FrameworkItem, Identity
from exceptions_app import services
from exceptions_app.models import ExceptionCase, Wording
from exceptions_app.queries import register, searching

pytestmark = pytest.mark.smoke
TITLE = "Legacy ERP's sync hard-codes kv/prod/erp for svc-erp under node.js 18.2.1 (see it@example.org), Ärger_büro"

TEXTS = ("blocked", "normal_path", "justification", "if_conditions_change", "exit_plan", "title")
BARE = dict.fromkeys(TEXTS, "Nothing.")


def found(world, words):
    cases = register.found(world.alice, register.Filters(search=words), world.start)
    return sorted(cases.whole.values_list("reference", flat=True))


WAYS = {"few by key": (1000, 2), "some": (0, 2), "frequent": (0, 0)}
"""What `MANY` and `FREQUENT` have to be for words to be looked for in each way."""


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
        "ärger",
        "BÜRO",
    ],
)
def test_a_case_is_found_by_the_words_of_its_title_as_they_are_written(world, words, monkeypatch):
    case = world.draft(title=TITLE)
    world.draft(**BARE, grants=[])

    for way, (many, frequent) in WAYS.items():
        monkeypatch.setattr(searching, "MANY", many)
        monkeypatch.setattr(searching, "FREQUENT", frequent)
        assert found(world, words) == [case.reference], way


@pytest.mark.parametrize(
    "words", ["svc-crm", "hard-wires", "kv/test", "&", "!", "':*", "\\", "a' | 'legacy", "(((", "%", "_", "e", "egacy"]
)
def test_other_words_find_nothing_and_break_nothing(world, words):
    world.draft(**BARE | {"title": "Legacy ERP hard-codes its path"}, grants=[])

    assert found(world, words) == []


@pytest.mark.parametrize(
    "words",
    [
        "invoices stop",
        "connector",
        "workload identity",
        "payroll-sync",
        "payroll legacy",
        "NHI-ROT-01",
        "secrets rotated",
        "vault",
        "kv/erp/key",
        "read",
        "alerts caller",
        "CHG-4711",
        "inc-12",
        "JIRA-9",
    ],
)
def test_a_case_is_found_by_the_rest_of_its_ask_and_by_what_it_names(world, words):
    refs = {"change_ref": "CHG-4711", "incident_ref": "INC-12", "ticket_ref": "JIRA-9"}
    case = world.draft(title="Legacy key", identity=world.make_identity("payroll-sync"), **refs)
    other = world.make_control("AC-7", title="Else")
    world.draft(control=other, grants=[], safeguards=[], **BARE)

    assert found(world, words) == [case.reference]


def test_a_reference_is_found_by_how_it_begins(world):
    first, second = world.draft(), world.draft()

    assert found(world, first.reference.lower()) == [first.reference]
    assert found(world, first.reference[:8]) == sorted([first.reference, second.reference])
    assert found(world, "EXC-1999") == []


@pytest.mark.parametrize("code", ["PR.AA-05", "pr.aa-5"])
def test_a_code_of_a_framework_finds_the_exceptions_from_controls_that_answer_to_it(world, code):
    framework = Framework.objects.create(slug="csf", name="CSF", edition="2.0")
    item = FrameworkItem.objects.create(
        framework=framework, code="PR.AA-05", key=key_of("PR.AA-05"), title="Access", position=1
    )
    case = world.draft()
    ControlItem.objects.create(control=world.control, item=item)
    world.draft(control=world.make_control("AC-7"))

    assert found(world, code) == [case.reference]


def test_words_follow_each_change_of_the_draft(world):
    case = world.draft(title="Yesterday")
    services.save_draft(
        case=case,
        actor=world.alice,
        at=world.start,
        version=1,
        content=world.content(title="Tomorrow", grants=[world.grant("db/billing")]),
    )

    assert found(world, "yesterday") == found(world, "kv") == []
    assert found(world, "tomorrow billing") == [case.reference]


def test_words_follow_a_new_name_in_the_catalog(world):
    case = world.draft()
    identity = Identity.objects.get(pk=world.identity.pk)
    catalog.change_identity(identity=identity, version=1, actor=None, at=world.start, name="Kestrel")

    assert services.follow_names(identity__slug=identity.slug) == 1

    assert found(world, "kestrel") == [case.reference]


def test_words_can_be_made_anew(world):
    for title in ("One", "Two"):
        world.draft(title=title)
    kept = dict(Wording.objects.values_list("case", "words"))
    Wording.objects.all().delete()
    ExceptionCase.objects.get(title="One")

    call_command("rebuild_register")

    assert dict(Wording.objects.values_list("case", "words")) == kept
    assert len(kept) == 2
