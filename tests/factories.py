"""Rows to test with, and the people of every story.

Alice asks, Bob approves, Audrey audits, Mallory must not, Petra runs the programme, Olive owns identities and Boris
stands in for her, Dora has left, Sue is a superuser. Calling a persona twice gives the same person.
"""

from datetime import UTC, datetime
from functools import cache

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from accounts.models import ApproverGroup, GroupMembership, Team, User
from catalog.models import Control, CredentialForm, Environment, Identity, IdentityKind, System, Tier

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)  # a Monday morning
PASSWORD = "correct horse battery staple"


@cache
def hashed_password():
    return make_password(PASSWORD)


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"Team {n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        django_get_or_create = ("email",)

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.LazyFunction(hashed_password)


class ApproverGroupFactory(DjangoModelFactory):
    class Meta:
        model = ApproverGroup
        django_get_or_create = ("slug",)
        skip_postgeneration_save = True

    name = factory.LazyAttribute(lambda group: group.slug.replace("-", " ").capitalize())
    slug = factory.Sequence(lambda n: f"group-{n}")

    @factory.post_generation
    def members(self, created, people):
        for person in people or ():
            GroupMembership.objects.get_or_create(group=self, member=person, defaults={"added_at": AT})


def alice():
    return UserFactory(email="alice@example.com", name="Alice Andersson")


def bob(*groups):
    """An approver: a member of the groups given, or of one named Approvers."""
    person = UserFactory(email="bob@example.com", name="Bob Berg")
    for group in groups or [ApproverGroupFactory(slug="approvers")]:
        GroupMembership.objects.get_or_create(group=group, member=person, defaults={"added_at": AT})
    return person


def audrey():
    return UserFactory(email="audrey@example.com", name="Audrey Alm", is_auditor=True)


def mallory():
    return UserFactory(email="mallory@example.com", name="Mallory Malm")


def petra():
    return UserFactory(email="petra@example.com", name="Petra Palm", is_programme_manager=True)


def olive():
    return UserFactory(email="olive@example.com", name="Olive Olsson")


def boris():
    return UserFactory(email="boris@example.com", name="Boris Boman")


def dora():
    return UserFactory(email="dora@example.com", name="Dora Dahl", is_active=False)


def sue():
    return UserFactory(email="sue@example.com", name="Sue Sand", is_staff=True, is_superuser=True)


class ControlFactory(DjangoModelFactory):
    class Meta:
        model = Control
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"NHI-TST-{n:02}")
    title = "Secrets are rotated"
    statement = "A secret is replaced every 90 days. The old value is refused afterwards."
    severity = Tier.MODERATE
    approver_group = factory.SubFactory(ApproverGroupFactory)


class SystemFactory(DjangoModelFactory):
    class Meta:
        model = System
        django_get_or_create = ("slug",)

    name = factory.LazyAttribute(lambda system: system.slug.replace("-", " ").capitalize())
    slug = factory.Sequence(lambda n: f"system-{n}")
    environment = Environment.PRODUCTION
    criticality = Tier.MODERATE


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = Identity
        django_get_or_create = ("slug",)

    name = factory.LazyAttribute(lambda identity: identity.slug)
    slug = factory.Sequence(lambda n: f"svc-{n}")
    kind = IdentityKind.SERVICE_ACCOUNT
    environment = Environment.PRODUCTION
    credential_form = CredentialForm.LONG_LIVED_SECRET
    owner = factory.LazyFunction(olive)
    backup_owner = factory.LazyFunction(boris)
