"""There is one door: whoever else writes a governed row, by whatever path, is refused and nothing is written."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from audit.models import Event
from exceptions_app import door, services
from exceptions_app.models import Decision, ExceptionCase, Period
from exceptions_app.models.governed import Governed
from tests.exceptions_app.world import DAY, START, fresh

pytestmark = pytest.mark.django_db
GOVERNED = [model for model in apps.get_app_config("exceptions_app").get_models() if issubclass(model, Governed)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lived(founded):
    return founded.active()


@pytest.fixture
def case(lived, world):
    """An active case: it has a row of every governed model but evidence."""
    return fresh(lived)


@pytest.fixture
def unchanged(case):
    """Afterwards the case and its ledger are as they were."""
    before, events = snapshot(), Event.objects.count()
    yield
    assert (snapshot(), Event.objects.count()) == (before, events)


def snapshot():
    return {model: list(model._base_manager.order_by("pk").values()) for model in GOVERNED}


WAYS = {
    "saving": lambda case: case.save(),
    "saving some fields": lambda case: case.save(update_fields=["title"]),
    "saving as fixtures do": lambda case: case.save_base(raw=True),
    "deleting": lambda case: case.delete(),
    "creating": lambda case: ExceptionCase.objects.create(reference="X", created_at=START, updated_at=START),
    "get_or_create": lambda case: ExceptionCase.objects.get_or_create(
        reference="X", defaults={"created_at": START, "updated_at": START}
    ),
    "update_or_create": lambda case: ExceptionCase.objects.update_or_create(
        reference=case.reference, defaults={"title": "Mine"}
    ),
    "updating": lambda case: ExceptionCase.objects.filter(pk=case.pk).update(state="active"),
    "updating all": lambda case: ExceptionCase.objects.update(title="Mine"),
    "updating through the base manager": lambda case: ExceptionCase._base_manager.update(title="Mine"),
    "updating through a relation": lambda case: case.owner.owned_cases.update(title="Mine"),
    "updating through the manager made for a database": lambda case: ExceptionCase.objects.using("default").update(
        title="Mine"
    ),
    "bulk_update": lambda case: ExceptionCase.objects.bulk_update([case], ["title"]),
    "bulk_create": lambda case: ExceptionCase.objects.bulk_create(
        [ExceptionCase(reference="X", created_at=START, updated_at=START)]
    ),
    "bulk_create, overwriting": lambda case: ExceptionCase.objects.bulk_create(
        [case], update_conflicts=True, unique_fields=["reference"], update_fields=["title"]
    ),
    "deleting a set": lambda case: ExceptionCase.objects.all().delete(),
    "deleting a set of parts": lambda case: case.grants.all().delete(),
    "deleting through the base manager": lambda case: Period._base_manager.all().delete(),
    "deleting without collecting": lambda case: case.periods.all()._raw_delete("default"),
    "adding through a relation": lambda case: case.periods.create(from_at=START, until_at=START + 900 * DAY),
    "moving parts through a relation": lambda case: case.grants.add(*case.grants.all(), bulk=True),
    "loading a fixture": lambda case: next(
        serializers.deserialize("json", serializers.serialize("json", [case]))
    ).save(),
    "restoring an old version": lambda case: case.history.last().instance.save(),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("way", WAYS)
def test_every_other_way_of_writing_is_refused(case, way):
    case.title = "Mine"

    with pytest.raises(door.SecondDoor), transaction.atomic():
        WAYS[way](case)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("model", GOVERNED, ids=lambda model: model.__name__)
def test_every_governed_model_is_behind_the_door(case, model):
    row = model._base_manager.first() or model()

    for write in (
        row.save,
        row.delete,
        lambda: row.save_base(raw=True),
        lambda: model.objects.update(pk=1),
        lambda: model._base_manager.update(pk=1),
        lambda: model.objects.all().delete(),
        lambda: model.objects.bulk_create([model()]),
        lambda: model._base_manager.bulk_create([model()]),
    ):
        with pytest.raises(door.SecondDoor), transaction.atomic():
            write()


def test_every_model_of_the_app_that_holds_decisions_is_governed():
    others = {model.__name__ for model in apps.get_app_config("exceptions_app").get_models()} - {
        model.__name__ for model in GOVERNED
    }

    assert {name for name in others if not name.startswith("Historical")} == {
        "ReferenceCounter",
        "Wording",  # both follow from governed rows, like an index
        "AskedGroup",
        "Watch",  # what checks find; what follows from that stands on the safeguard
        "Heartbeat",
    }


def test_state_cannot_be_assigned(case):
    with pytest.raises(AttributeError):
        case.state = "revoked"
    with door.opened(), pytest.raises(AttributeError):
        case.state = "revoked"

    assert fresh(case).state == "active"


def test_closing_the_door_survives_an_error():
    with pytest.raises(ZeroDivisionError), door.opened():
        1 / 0  # noqa: B018
    with pytest.raises(door.SecondDoor):
        door.check("This")


def test_one_threads_open_door_is_closed_to_another():
    from concurrent.futures import ThreadPoolExecutor

    with door.opened(), ThreadPoolExecutor(1) as pool, pytest.raises(door.SecondDoor):
        pool.submit(door.check, "This").result()


def test_only_services_and_their_writer_open_the_door():
    openers = {
        path.relative_to(ROOT).as_posix()
        for app in ("accounts", "audit", "catalog", "config", "exceptions_app", "portal", "waivers", "workflows")
        for path in (ROOT / app).rglob("*.py")
        if _opens(path)
    }

    assert openers, "the search finds those who rightly open it"
    assert all(name.startswith("exceptions_app/services/") or name == "exceptions_app/recording.py" for name in openers)


def _opens(path):
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return any(
        (isinstance(func, ast.Attribute) and func.attr == "opened" and getattr(func.value, "id", "") == "door")
        or (isinstance(func, ast.Name) and func.id == "opened")
        for func in calls
    )


@pytest.mark.parametrize("model", GOVERNED, ids=lambda model: model.__name__)
def test_the_administration_pages_only_read(world, case, model):
    page = admin.site._registry.get(model)
    if page is None:
        assert model is not ExceptionCase, "the case itself can be read there"
        return
    request = RequestFactory().post("/admin/")
    request.user = world.person("Root", is_staff=True, is_superuser=True)

    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert not page.get_actions(request)


# Past Django altogether: what the database itself refuses


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exceptions_app_period SET until_at = '2030-01-01 00:00:00+00:00'",
        "UPDATE exceptions_app_period SET from_at = '2020-01-01 00:00:00+00:00'",
        "DELETE FROM exceptions_app_period",
        "UPDATE exceptions_app_decision SET verdict = 'reject'",
        "UPDATE exceptions_app_decision SET statement = 'I never said so.'",
        "UPDATE exceptions_app_decision SET digest = ''",
        "DELETE FROM exceptions_app_decision",
        "UPDATE exceptions_app_route SET document = '{}'",
        "UPDATE exceptions_app_route SET digest = ''",
        "DELETE FROM exceptions_app_route",
        "UPDATE exceptions_app_step SET count = count + 1",
        "DELETE FROM exceptions_app_step",
        "DELETE FROM exceptions_app_editor",
        "DELETE FROM exceptions_app_exceptioncase",
        "UPDATE exceptions_app_exceptioncase SET reference = 'EXC-2026-9999'",
        "UPDATE exceptions_app_exceptioncase SET expires_at = latest_end_at",
        "UPDATE exceptions_app_historicalexceptioncase SET title = 'Other'",
        "DELETE FROM exceptions_app_historicalexceptioncase",
    ],
)
def test_the_database_refuses_what_never_happens(case, statement):
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(statement)


def test_the_database_keeps_an_ended_case_ended(world):
    case = world.closed()

    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE exceptions_app_exceptioncase SET state = 'active', end_reason = '', ended_at = NULL")

    assert fresh(case).state == "closed"


def test_the_database_keeps_a_void_decision_void(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)
    services.amend(
        case=case,
        actor=world.alice,
        at=START,
        version=fresh(case).version,
        content=world.content(term_days=20),
        router=world.router,
    )

    assert Decision.objects.get(step__route__case=case).voided_at
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE exceptions_app_decision SET voided_at = NULL, void_reason = ''")
