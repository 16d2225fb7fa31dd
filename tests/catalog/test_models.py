import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.triggers import append_only, standing
from catalog.models import Control, Identity, System, Tier
from tests.factories import ControlFactory, IdentityFactory, SystemFactory, olive

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "fields"),
    [
        (ControlFactory, {"severity": 0}),
        (ControlFactory, {"severity": 5}),
        (ControlFactory, {"code": "nhi-rot-01"}),
        (ControlFactory, {"code": ""}),
        (ControlFactory, {"title": ""}),
        (ControlFactory, {"statement": ""}),
        (ControlFactory, {"version": 0}),
        (ControlFactory, {"term_cap_critical": 0}),
        (ControlFactory, {"term_cap_low": 366}),
        (ControlFactory, {"term_cap_moderate": 181}),
        (ControlFactory, {"term_cap_high": 91}),
        (ControlFactory, {"term_cap_critical": 29}),
        (ControlFactory, {"term_cap_critical": 28, "term_cap_high": 27}),
        (ControlFactory, {"term_cap_high": 90, "term_cap_moderate": 80}),
        (ControlFactory, {"term_cap_low": 60}),
        (ControlFactory, {"lifetime_cap_critical": 91}),
        (ControlFactory, {"lifetime_cap_high": 181}),
        (ControlFactory, {"lifetime_cap_moderate": 366}),
        (SystemFactory, {"environment": "moon"}),
        (SystemFactory, {"criticality": 9}),
        (SystemFactory, {"name": ""}),
        (SystemFactory, {"slug": ""}),
        (SystemFactory, {"version": 0}),
        (IdentityFactory, {"kind": "robot"}),
        (IdentityFactory, {"environment": ""}),
        (IdentityFactory, {"credential_form": "hope"}),
        (IdentityFactory, {"name": ""}),
        (IdentityFactory, {"slug": ""}),
        (IdentityFactory, {"version": 0}),
    ],
)
def test_database_refuses_what_a_row_cannot_be(factory, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(**fields)


def test_database_wants_two_different_owners():
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityFactory(owner=olive(), backup_owner=olive())

    assert IdentityFactory(owner=None, backup_owner=None).pk
    assert IdentityFactory(owner=olive(), backup_owner=None).pk


def test_control_keeps_its_approver_group():
    control = ControlFactory()

    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        control.approver_group.delete()


@pytest.mark.parametrize(
    ("tier", "term", "lifetime"),
    [(Tier.CRITICAL, 14, 28), (Tier.HIGH, 30, 90), (Tier.MODERATE, 90, 180), (Tier.LOW, 180, 365)],
)
def test_caps_by_default(tier, term, lifetime):
    control = ControlFactory()

    assert (control.term_cap(tier), control.lifetime_cap(tier)) == (term, lifetime)
    assert (control.term_cap(int(tier)), control.lifetime_cap(int(tier))) == (term, lifetime)


def test_rows_are_called_by_what_people_know_them_by():
    assert str(Control(code="NHI-ROT-01", title="Rotation")) == "NHI-ROT-01 Rotation"
    assert str(System(name="Key vault")) == "Key vault"
    assert str(Identity(name="svc-erp")) == "svc-erp"


@pytest.mark.parametrize("model", [Control, Identity, System])
def test_every_history_table_is_guarded(model):
    guards = append_only(model.history.model._meta.db_table)

    assert {guard.name for guard in guards if guard.happening != "TRUNCATE"} <= standing(connection)
