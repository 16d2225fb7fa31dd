"""What an owner of the tables could change behind our back, the verification finds: in present rows and in history."""

import random
from copy import deepcopy
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from audit.verify import verify
from exceptions_app import services
from exceptions_app.models import ExceptionCase, Period, RemovalHow, Trigger
from exceptions_app.models.governed import Governed
from tests.audit.guards import suspended
from tests.exceptions_app.reading import assert_intact
from tests.exceptions_app.world import DAY, HOUR, START, World, fresh

pytestmark = pytest.mark.django_db
GOVERNED = [model for model in apps.get_app_config("exceptions_app").get_models() if issubclass(model, Governed)]
TABLES = [*GOVERNED, *(model.history.model for model in GOVERNED)]


@pytest.fixture
def lives(lived, db):
    return deepcopy(lived)


@pytest.fixture(scope="module")
def lived(standing):
    """Two cases: one asked, amended, decided by two, paused, renewed and ended; one still waiting."""
    world = World()
    case = world.draft()
    services.attach_link(case=case, actor=world.alice, at=START, title="Ticket", url="https://tickets.example.org/1")
    case = world.submit(fresh(case), START, router=world.routed((world.group, 2)))
    services.comment(case=case, actor=world.bob, at=START, text="Which key?", to=[world.alice])
    world.approve(case, START)
    services.amend(
        case=case,
        actor=world.alice,
        at=START,
        version=fresh(case).version,
        content=services.DraftContent({"term_days": 20}),
        router=world.routed((world.group, 2)),
    )
    for actor in (world.bob, world.carol):
        world.approve(case, START, actor=actor)
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.sven, at=START, statement="Seen.")
    case = world.activate(case, START)
    services.record_use(case=case, actor=world.alice, at=START + DAY, used_at=START + DAY, what="The nightly sync.")
    services.suspend(case=case, actor=world.connie, at=START + DAY, reason="Odd calls.")
    services.offer_ownership(case=case, actor=world.olga, at=START + DAY, to=world.person("Nina"), reason="I move on.")
    services.decline_ownership(case=case, actor=world.person("Nina"), at=START + DAY)
    services.resume(case=case, actor=world.bob, at=START + 2 * DAY, statement="All well.")
    services.revoke(case=case, actor=world.connie, at=START + 3 * DAY, reason="Leaked.")
    grant = case.grants.get()
    services.confirm_removal(grant=grant, actor=world.sven, at=START + 4 * DAY, how=RemovalHow.SECRET_ROTATED)
    other = world.active(identity=world.make_identity("payroll"), term_days=90)
    told = {"trigger": Trigger.CODE_CHANGED, "why": "Release 5.", "cause": "release 5"}
    services.fire_many(keys=[other.pk], at=START + DAY, **told)
    world.review(other, START + 2 * DAY)
    return world


def test_an_untouched_life_has_no_difference(lives):
    assert_intact()


@pytest.mark.parametrize("table", TABLES, ids=lambda model: model.__name__)
def test_every_column_of_every_row_is_watched(lives, table):
    columns = [field for field in table._meta.concrete_fields if not field.primary_key]

    assert [field.name for field in columns if not _is_found(table, field)] == []


def _is_found(table, field):
    """Whether changing the column on some row is found; True where constraints refuse every change of it."""
    rng = random.Random(f"{table.__name__}.{field.name}")
    rows = list(table._base_manager.order_by("pk"))
    for row in rng.sample(rows, len(rows)):
        with transaction.atomic():
            changed = _changed(row, field)
            found = not changed or not verify().ok
            transaction.set_rollback(True)
        if changed:
            return found
    return True


def _changed(row, field):
    table, column = row._meta.db_table, field.column
    value = field.get_db_prep_save(_other(row, field), connection)
    try:
        with suspended(connection), transaction.atomic(), connection.cursor() as cursor:
            statement = f'UPDATE {table} SET "{column}" = %s WHERE {row._meta.pk.column} = %s'
            cursor.execute(statement, [value, row.pk])
    except IntegrityError:
        return False
    return True


def _other(row, field):
    old = getattr(row, field.attname)
    match field:
        case models.ForeignKey():
            keys = field.related_model._base_manager.exclude(pk=old).values_list("pk", flat=True)
            return keys.order_by("pk").first() or (old or 0) + 1
        case models.DateTimeField():
            return (old or START) - timedelta(microseconds=1)
        case models.DateField():
            return (old or START.date()) + DAY
        case models.BooleanField():
            return not old
        case models.JSONField():
            return [old, "tampered"]
        case models.IntegerField():
            return (old or 0) + 1
        case models.FileField():
            return "evidence/other.pdf"
        case _:
            others = [value for value, _label in field.flatchoices if value not in {old, ""}]
            return others[0] if others else ("0" * 64 if len(old or "") == 64 else f"{old or ''}x")


@pytest.mark.parametrize("table", TABLES, ids=lambda model: model.__name__)
def test_a_row_that_is_gone_is_missed(lives, table):
    row = table._base_manager.order_by("pk").last()

    with transaction.atomic():
        with suspended(connection), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table._meta.db_table} WHERE {table._meta.pk.column} = %s", [row.pk])
        report = verify()
        transaction.set_rollback(True)

    assert not report.ok


def test_a_period_slipped_in_is_found(lives):
    case = ExceptionCase.objects.first()
    with suspended(connection), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exceptions_app_period (case_id, from_at, until_at) VALUES (%s, %s, %s)",
            [case.pk, START, START + 900 * DAY],
        )

    report = verify()

    slipped = Period.objects.latest("pk")
    assert str(report.first) == f"exceptions_app.period: row {slipped.pk} is not what was last recorded of it."


def test_force_cannot_be_stretched_unseen(lives):
    case = ExceptionCase.objects.last()
    with suspended(connection), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exceptions_app_period SET until_at = %s WHERE case_id = %s", [case.expires_at + HOUR, case.pk]
        )

    assert "exceptions_app.period" in str(verify().first)
