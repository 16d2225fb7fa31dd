"""The administration pages read governed rows and change none, for accounts and catalog alike."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import ApproverGroup, GroupMembership, Team, User
from catalog.models import Control, Identity, System
from tests.factories import (
    ApproverGroupFactory,
    ControlFactory,
    IdentityFactory,
    SystemFactory,
    TeamFactory,
    UserFactory,
    alice,
    bob,
    sue,
)

pytestmark = pytest.mark.django_db

MAKERS = {
    User: alice,
    Team: TeamFactory,
    ApproverGroup: ApproverGroupFactory,
    GroupMembership: lambda: GroupMembership.objects.get(member=bob()),
    Control: ControlFactory,
    Identity: IdentityFactory,
    System: SystemFactory,
}
models = pytest.mark.parametrize("model", MAKERS)


def page(model, name, *args):
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{name}", args=args)


@models
def test_staff_read_every_governed_row(client, model):
    row = MAKERS[model]()
    client.force_login(UserFactory(is_staff=True))

    assert client.get(page(model, "changelist"), {"q": "a"}).status_code == 200
    assert client.get(page(model, "change", row.pk)).status_code == 200


@models
def test_not_even_a_superuser_changes_a_governed_row(client, model):
    row = MAKERS[model]()
    client.force_login(sue())

    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "change", row.pk), {}).status_code == 403
    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    client.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()


@models
def test_who_is_not_staff_sees_nothing(client, model):
    MAKERS[model]()
    client.force_login(alice())

    assert client.get(page(model, "changelist")).status_code in {302, 403}


def test_a_person_is_shown_without_the_password(client):
    person = alice()
    client.force_login(sue())

    assert person.password not in client.get(page(User, "change", person.pk)).content.decode()


def test_ways_around_the_governed_rows_are_gone():
    assert not {Group, EmailAddress, Authenticator} & set(site._registry)
