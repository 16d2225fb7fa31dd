"""What controls, identities and systems have in common: rule, version, row, history, event."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from accounts.errors import NotAllowed, NotPossible, Stale
from audit.models import Event
from catalog import services
from catalog.models import Control, CredentialForm, Environment, Identity, IdentityKind, System, Tier
from tests.accounts.asserts import assert_recorded, count_events
from tests.factories import (
    AT,
    ApproverGroupFactory,
    ControlFactory,
    IdentityFactory,
    SystemFactory,
    TeamFactory,
    UserFactory,
    alice,
    audrey,
    bob,
    boris,
    dora,
    mallory,
    olive,
    petra,
    sue,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Kind:
    name: str
    model: type[models.Model]
    make: Any
    stream: str
    new: Any
    change: dict[str, Any]

    def verb(self, name):
        return getattr(services, f"{name}_{self.name}")

    def call(self, name, row, *, actor, version=None, **values):
        verb = self.verb(name)
        return verb(**{self.name: row}, version=version or row.version, actor=actor, at=AT, **values)


KINDS = [
    Kind(
        name="control",
        model=Control,
        make=lambda **fields: ControlFactory(code="NHI-ROT-01", **fields),
        stream="catalog/controls/NHI-ROT-01",
        new=lambda: {
            "code": " nhi-rot-01 ",
            "title": "Rotation",
            "statement": "Secrets are rotated.",
            "severity": Tier.HIGH,
            "approver_group": ApproverGroupFactory(slug="approvers"),
            "owner": olive(),
        },
        change={"title": "Rotation of secrets"},
    ),
    Kind(
        name="identity",
        model=Identity,
        make=lambda **fields: IdentityFactory(slug="svc-erp", **fields),
        stream="catalog/identities/svc-erp",
        new=lambda: {
            "name": "svc-erp",
            "kind": IdentityKind.SERVICE_ACCOUNT,
            "environment": Environment.PRODUCTION,
            "credential_form": CredentialForm.LONG_LIVED_SECRET,
            "owner": olive(),
            "backup_owner": boris(),
            "team": TeamFactory(name="Payments"),
        },
        change={"vendor_name": "Acme"},
    ),
    Kind(
        name="system",
        model=System,
        make=lambda **fields: SystemFactory(slug="key-vault", **fields),
        stream="catalog/systems/key-vault",
        new=lambda: {
            "name": " Key vault ",
            "environment": Environment.SHARED,
            "criticality": Tier.CRITICAL,
            "owner": olive(),
        },
        change={"description": "Where secrets live."},
    ),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
strangers = pytest.mark.parametrize("who", [alice, audrey, bob, mallory, sue])


@kinds
def test_programme_manager_creates(kind):
    row = kind.verb("create")(actor=petra(), at=AT, **kind.new())

    row.refresh_from_db()
    owner = "owner_asked" if kind.name == "identity" else "owner"
    assert (row.version, row.is_active, getattr(row, owner)) == (1, True, olive())
    body = assert_recorded(row, stream=kind.stream, kind=f"{kind.name}.created", by=petra(), at=AT, sign="+")
    assert body[owner] == str(olive().pseudonym)


@kinds
def test_programme_manager_changes(kind):
    [(field, value)] = kind.change.items()
    before = getattr(kind.make(), field)

    row = kind.call("change", kind.make(), actor=petra(), **kind.change)

    row.refresh_from_db()
    assert (getattr(row, field), row.version) == (value, 2)
    body = assert_recorded(row, stream=kind.stream, kind=f"{kind.name}.changed", by=petra(), at=AT)
    assert body == {"version": 2, "changes": {field: {"before": before, "after": value}}}


@kinds
def test_programme_manager_retires_and_reinstates(kind):
    retired = kind.call("retire", kind.make(), actor=petra())

    assert not kind.model.objects.in_use().exists()
    assert_recorded(retired, stream=kind.stream, kind=f"{kind.name}.retired", by=petra(), at=AT)

    reinstated = kind.call("reinstate", retired, actor=petra())

    assert kind.model.objects.in_use().get() == reinstated
    assert_recorded(reinstated, stream=kind.stream, kind=f"{kind.name}.reinstated", by=petra(), at=AT)


@kinds
@strangers
def test_others_change_nothing_in_the_catalog(kind, who):
    row, actor, new = kind.make(), who(), kind.new()

    with pytest.raises(NotAllowed, match="Only programme managers"):
        kind.verb("create")(actor=actor, at=AT, **new)
    with pytest.raises(NotAllowed):
        kind.call("change", row, actor=actor, **kind.change)
    with pytest.raises(NotAllowed):
        kind.call("retire", row, actor=actor)
    with pytest.raises(NotAllowed):
        kind.call("reinstate", row, actor=actor)

    row.refresh_from_db()
    assert row.version == 1
    assert count_events() == 0


@kinds
def test_a_programme_manager_who_has_left_changes_nothing(kind):
    former = UserFactory(is_programme_manager=True, is_active=False)

    with pytest.raises(NotAllowed):
        kind.call("change", kind.make(), actor=former, **kind.change)


@kinds
def test_a_later_writer_sees_the_row_as_it_stands(kind):
    first = kind.make()
    kind.call("change", first, actor=petra(), **kind.change)

    with pytest.raises(Stale) as refusal:
        kind.call("retire", first, actor=petra())

    assert refusal.value.current == first
    assert refusal.value.current.version == 2
    assert count_events() == 1


@kinds
def test_a_change_of_nothing_leaves_no_trace(kind):
    row = kind.make()
    versions = row.history.count()

    same = kind.call("change", row, actor=petra(), **{field: getattr(row, field) for field in kind.change})

    assert (same.version, row.history.count(), count_events()) == (1, versions, 0)


@kinds
def test_who_has_left_becomes_no_owner(kind):
    with pytest.raises(NotPossible, match="Dora Dahl is deactivated") as refusal:
        kind.verb("create")(actor=petra(), at=AT, **{**kind.new(), "owner": dora()})
    with pytest.raises(NotPossible):
        kind.call("change", kind.make(), actor=petra(), owner=dora())

    assert set(refusal.value.fields) == {"owner"}
    assert count_events() == 0


@kinds
def test_an_owner_who_has_left_does_not_stop_other_changes(kind):
    row = kind.make(owner=dora())

    assert kind.call("change", row, actor=petra(), **kind.change).version == 2


@kinds
def test_a_row_needs_a_handle_of_its_own(kind):
    kind.make()

    with pytest.raises(NotPossible) as refusal:
        kind.verb("create")(actor=petra(), at=AT, **kind.new())

    assert {"code", "slug"} & set(refusal.value.fields)


@kinds
def test_what_is_wrong_is_named_by_field(kind):
    fields = {"control": ("severity", 7), "identity": ("kind", "robot"), "system": ("environment", "moon")}
    field, value = fields[kind.name]

    with pytest.raises(NotPossible) as refusal:
        kind.call("change", kind.make(), actor=petra(), **{field: value})

    assert field in refusal.value.fields


def test_caps_must_fall_with_risk():
    with pytest.raises(NotPossible, match="A higher risk never has a longer cap"):
        services.change_control(control=ControlFactory(), version=1, actor=petra(), at=AT, term_cap_critical=31)
    with pytest.raises(NotPossible, match="no longer than the lifetime"):
        services.change_control(control=ControlFactory(), version=1, actor=petra(), at=AT, lifetime_cap_critical=10)


def test_a_code_is_written_one_way():
    with pytest.raises(NotPossible, match="capitals, digits and single hyphens"):
        services.create_control(
            code="NHI ROT 01",
            title="Rotation",
            statement="Secrets are rotated.",
            severity=Tier.LOW,
            approver_group=ApproverGroupFactory(),
            actor=petra(),
            at=AT,
        )


def test_a_backup_owner_is_somebody_else():
    with pytest.raises(NotPossible, match="somebody else than the owner"):
        services.change_identity(identity=IdentityFactory(), version=1, actor=petra(), at=AT, backup_owner=olive())


def test_a_name_without_latin_letters_needs_a_handle():
    with pytest.raises(NotPossible) as refusal:
        services.create_system(
            name="保管庫", environment=Environment.SHARED, criticality=Tier.LOW, actor=petra(), at=AT
        )

    assert set(refusal.value.fields) == {"slug"}


def test_starter_controls_are_loaded_once():
    group = ApproverGroupFactory()
    kept = ControlFactory(code="NHI-ROT-01", title="Our own words")

    created = services.load_starter(actor=None, at=AT, group_for=lambda _starter: group)
    again = services.load_starter(actor=None, at=AT, group_for=lambda _starter: group)

    assert (len(created), again, Control.objects.count()) == (24, [], 25)
    kept.refresh_from_db()
    assert kept.title == "Our own words"
    assert Event.objects.filter(kind="control.created", actor_kind="system").count() == 24


def test_only_programme_managers_load_them():
    with pytest.raises(NotAllowed):
        services.load_starter(actor=mallory(), at=AT, group_for=lambda _starter: ApproverGroupFactory())

    assert not Control.objects.exists()


def test_a_credential_was_not_rotated_on_a_day_to_come():
    identity, tomorrow = IdentityFactory(slug="svc-erp"), (AT + timedelta(days=2)).date()
    said = {"kind": IdentityKind.SERVICE_ACCOUNT, "environment": Environment.PRODUCTION, "last_rotated_on": tomorrow}

    for call in (
        lambda: services.change_identity(
            identity=identity, version=1, actor=petra(), at=AT, last_rotated_on=said["last_rotated_on"]
        ),
        lambda: services.create_identity(actor=petra(), at=AT, name="svc-new", **said),
    ):
        with pytest.raises(NotPossible) as refusal:
            call()
        assert list(refusal.value.fields) == ["last_rotated_on"]

    changed = services.change_identity(identity=identity, version=1, actor=petra(), at=AT, last_rotated_on=AT.date())
    assert changed.last_rotated_on == AT.date()
