import pytest
from django.contrib.auth.models import AnonymousUser

from catalog import queries
from catalog.models import Control, Identity, System, Vendor
from tests.factories import (
    ApproverGroupFactory,
    ControlFactory,
    IdentityFactory,
    SystemFactory,
    UserFactory,
    alice,
    audrey,
    bob,
    boris,
    dora,
    mallory,
    olive,
    petra,
)

pytestmark = pytest.mark.django_db


def test_search_looks_where_people_would():
    control = ControlFactory(code="NHI-ROT-01", title="Secrets are rotated")
    ControlFactory(code="NHI-LOG-01", title="Every use is on record")
    identity = IdentityFactory(slug="svc-erp", name="ERP sync", vendor=Vendor.objects.create(name="Acme", slug="acme"))
    IdentityFactory(slug="deploy-bot")
    system = SystemFactory(slug="key-vault", name="Secrets store")
    SystemFactory(slug="warehouse")

    for text in ("rot-01", " ROTATED "):
        assert list(Control.objects.search(text)) == [control]
    for text in ("erp s", "SVC-", "acme"):
        assert list(Identity.objects.search(text)) == [identity]
    for text in ("vault", "secrets"):
        assert list(System.objects.search(text)) == [system]
    assert Control.objects.search(" ").count() == 2
    assert not System.objects.search("nothing like it").exists()


@pytest.mark.parametrize("who", [alice, audrey, bob, mallory, petra])
def test_everyone_who_is_signed_in_reads_the_catalog(who):
    ControlFactory(), IdentityFactory(), SystemFactory()

    for model in (Control, Identity, System):
        assert model.objects.visible_to(who()).count() == 1


@pytest.mark.parametrize("who", [AnonymousUser, dora])
def test_others_read_nothing_of_it(who):
    ControlFactory(), IdentityFactory(), SystemFactory()

    for model in (Control, Identity, System):
        assert not model.objects.visible_to(who()).exists()


def test_a_control_says_who_decides():
    group = ApproverGroupFactory(slug="approvers", members=[dora()])
    control = ControlFactory(approver_group=group)

    assert "nobody can decide" in str(queries.approvers(control).warning)

    ApproverGroupFactory(is_fallback=True, members=[alice()])
    assert "The fallback group decides instead" in str(queries.approvers(control).warning)

    person = bob(group)
    assert queries.approvers(control) == queries.Approvers((person,), None)


def manager(**fields):
    return UserFactory(email="manager@example.com", **fields)


@pytest.mark.parametrize(
    ("owner", "backup", "answers", "warning"),
    [
        (olive, boris, olive, None),
        (olive, None, olive, None),
        (dora, boris, boris, "The backup owner answers"),
        (None, boris, boris, "The backup owner answers"),
        (dora, None, None, "Nobody answers"),
        (None, None, None, "Nobody answers"),
    ],
)
def test_an_identity_says_who_answers_for_it(owner, backup, answers, warning):
    identity = IdentityFactory(owner=owner and owner(), backup_owner=backup and backup())

    found = queries.ownership(identity)

    assert found.answers == (answers and answers())
    assert (found.warning is None) if warning is None else (warning in str(found.warning))


def test_the_manager_of_an_owner_who_has_left_answers_last():
    owner = UserFactory(is_active=False, manager=manager())

    found = queries.ownership(IdentityFactory(owner=owner, backup_owner=None))

    assert found.answers == manager()
    assert "manager answers" in str(found.warning)
