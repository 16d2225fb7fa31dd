import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import ApproverGroup, GroupMembership, Team, User
from audit.triggers import append_only, standing
from tests.factories import AT, ApproverGroupFactory, UserFactory, alice, bob, petra

pytestmark = pytest.mark.django_db


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


@pytest.mark.parametrize("fields", [{"email": "Upper@example.com"}, {"email": ""}, {"email": "alice@example.com"}])
def test_database_keeps_addresses_lower_case_and_unique(fields):
    person = alice()

    refused(lambda: User.objects.bulk_create([User(**fields)]))
    refused(lambda: User.objects.filter(pk=person.pk).update(manager=person))


def test_database_knows_one_fallback():
    ApproverGroupFactory(is_fallback=True)

    refused(lambda: ApproverGroupFactory(is_fallback=True))


def test_database_knows_one_membership_a_person_and_group():
    group = ApproverGroupFactory()

    refused(
        lambda: GroupMembership.objects.bulk_create(
            GroupMembership(group=group, member=alice(), added_at=AT) for _ in "12"
        )
    )


def test_database_lets_nobody_add_themselves():
    group = ApproverGroupFactory()

    refused(lambda: GroupMembership.objects.create(group=group, member=petra(), added_by=petra(), added_at=AT))


def test_database_wants_names():
    refused(lambda: Team.objects.create(name=""))
    refused(lambda: ApproverGroup.objects.create(name="", slug="x"))
    refused(lambda: ApproverGroup.objects.create(name="x", slug=""))


def test_people_with_a_past_are_never_deleted():
    bob()

    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        bob().delete()


def test_history_is_append_only_in_the_database():
    person = alice()

    with pytest.raises(DatabaseError), transaction.atomic():
        person.history.update(name="Malice")
    with pytest.raises(DatabaseError), transaction.atomic():
        person.history.all().delete()


@pytest.mark.parametrize("model", [User, Team, ApproverGroup, GroupMembership])
def test_every_history_table_is_guarded(model):
    guards = append_only(model.history.model._meta.db_table)

    assert {guard.name for guard in guards if guard.happening != "TRUNCATE"} <= standing(connection)


def test_search_finds_by_name_and_address():
    alice(), bob()

    assert list(User.objects.get_queryset().search(" andersson ")) == [alice()]
    assert list(User.objects.get_queryset().search("bob@")) == [bob()]
    assert User.objects.get_queryset().search("").count() == 2


def test_sign_in_finds_an_address_in_any_case():
    assert User.objects.get_by_natural_key("ALICE@example.com" if alice() else "") == alice()


def test_active_leaves_out_who_has_left():
    person = alice()
    UserFactory(is_active=False)

    assert list(User.objects.active()) == [person]
