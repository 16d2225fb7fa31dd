from uuid import UUID

import pytest

from accounts import services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from tests.accounts.asserts import assert_recorded, count_events
from tests.factories import AT, TeamFactory, UserFactory, alice, bob, dora, mallory, olive, petra, sue

pytestmark = pytest.mark.django_db


def stream(person):
    return f"accounts/users/{person.pseudonym}"


def test_programme_manager_opens_an_account():
    user = services.create_user(
        actor=petra(), at=AT, email=" New.Person@Example.com ", name="New Person", manager=olive(), is_auditor=True
    )

    user.refresh_from_db()
    assert (user.email, user.name, user.manager, user.is_auditor) == (
        "new.person@example.com",
        "New Person",
        olive(),
        True,
    )
    assert not user.has_usable_password()
    body = assert_recorded(user, stream=stream(user), kind="user.created", by=petra(), at=AT, sign="+")
    assert body["person"] == str(user.pseudonym)
    assert body["manager"] == str(olive().pseudonym)
    assert "id" not in body


def test_an_account_may_start_with_a_password():
    user = services.create_user(actor=petra(), at=AT, email="a@example.com", name="A", password="a long password")

    assert user.check_password("a long password")


def test_the_system_opens_the_first_account():
    user = services.create_user(actor=None, at=AT, email="first@example.com", name="First", is_superuser=True)

    assert_recorded(user, stream=stream(user), kind="user.created", by=None, at=AT, sign="+")


@pytest.mark.parametrize("who", [alice, mallory, bob])
def test_others_open_no_account(who):
    with pytest.raises(NotAllowed):
        services.create_user(actor=who(), at=AT, email="friend@example.com", name="Friend")

    assert not User.objects.filter(email="friend@example.com").exists()
    assert count_events() == 0


def test_a_deactivated_programme_manager_may_nothing():
    former = UserFactory(is_programme_manager=True, is_active=False)

    with pytest.raises(NotAllowed):
        services.create_user(actor=former, at=AT, email="friend@example.com", name="Friend")


def test_an_address_is_used_once_whatever_its_case():
    alice()

    with pytest.raises(NotPossible) as refusal:
        services.create_user(actor=petra(), at=AT, email="ALICE@example.com", name="Other")

    assert refusal.value.fields == {"email": ["Somebody already signs in with this e-mail address."]}
    assert count_events() == 0


def test_an_address_must_be_one():
    with pytest.raises(NotPossible) as refusal:
        services.create_user(actor=petra(), at=AT, email="nobody", name="Nobody")

    assert set(refusal.value.fields) == {"email"}


def test_a_time_zone_must_exist():
    with pytest.raises(NotPossible, match="Mars/Olympus is not a time zone"):
        services.create_user(actor=petra(), at=AT, email="m@example.com", name="M", time_zone="Mars/Olympus")


@pytest.mark.parametrize("role", ["is_staff", "is_superuser"])
def test_only_a_superuser_gives_access_to_the_administration_pages(role):
    with pytest.raises(NotAllowed, match="superuser"):
        services.create_user(actor=petra(), at=AT, email="friend@example.com", name="Friend", **{role: True})
    with pytest.raises(NotAllowed, match="superuser"):
        services.set_roles(user=alice(), actor=petra(), at=AT, **{role: True})

    assert getattr(services.set_roles(user=alice(), actor=sue(), at=AT, **{role: True}), role)


@pytest.mark.parametrize(
    "verb",
    [
        lambda **to: services.change_user(email="petra@example.com", **to),
        lambda **to: services.set_roles(is_superuser=False, **to),
        services.deactivate,
    ],
)
def test_only_a_superuser_changes_the_account_of_a_superuser(verb):
    with pytest.raises(NotAllowed, match="Only a superuser"):
        verb(user=sue(), actor=petra(), at=AT)

    assert count_events() == 0


def test_person_changes_own_profile():
    user = services.change_profile(user=alice(), actor=alice(), at=AT, time_zone="Europe/Stockholm")

    user.refresh_from_db()
    assert user.time_zone == "Europe/Stockholm"
    body = assert_recorded(user, stream=stream(user), kind="user.profile_changed", by=alice(), at=AT)
    assert body["changes"]["time_zone"] == {"before": "UTC", "after": "Europe/Stockholm"}


@pytest.mark.parametrize("who", [mallory, petra, sue])
def test_nobody_changes_the_profile_of_another(who):
    with pytest.raises(NotAllowed):
        services.change_profile(user=alice(), actor=who(), at=AT, time_zone="Asia/Tokyo")


def test_profile_refuses_an_unknown_time_zone():
    with pytest.raises(NotPossible):
        services.change_profile(user=alice(), actor=alice(), at=AT, time_zone="Europe/Atlantis")


def test_programme_manager_changes_details_and_roles_of_another():
    team = TeamFactory(name="Payments")

    user = services.change_user(user=alice(), actor=petra(), at=AT, team=team, manager=olive(), is_auditor=True)

    user.refresh_from_db()
    assert (user.team, user.manager, user.is_auditor) == (team, olive(), True)
    body = assert_recorded(user, stream=stream(user), kind="user.changed", by=petra(), at=AT)
    assert body == {
        "person": str(user.pseudonym),
        "changes": {
            "team": {"before": None, "after": "Payments"},
            "manager": {"before": None, "after": str(olive().pseudonym)},
            "is_auditor": {"before": False, "after": True},
        },
    }


@pytest.mark.parametrize("who", [alice, bob, mallory])
def test_others_change_nobody(who):
    with pytest.raises(NotAllowed):
        services.change_user(user=olive(), actor=who(), at=AT, is_programme_manager=True)

    assert not olive().is_programme_manager


def test_a_change_of_nothing_leaves_no_trace():
    before = alice().history.count()

    services.change_user(user=alice(), actor=petra(), at=AT, name="Alice Andersson")

    assert count_events() == 0
    assert alice().history.count() == before


def test_nobody_is_managed_in_a_circle():
    services.change_user(user=olive(), actor=petra(), at=AT, manager=alice())

    with pytest.raises(NotPossible, match="circle"):
        services.change_user(user=alice(), actor=petra(), at=AT, manager=olive())
    with pytest.raises(NotPossible, match="circle"):
        services.change_user(user=alice(), actor=petra(), at=AT, manager=alice())


def test_who_has_left_is_nobodys_manager():
    with pytest.raises(NotPossible, match="Dora Dahl is deactivated") as refusal:
        services.change_user(user=alice(), actor=petra(), at=AT, manager=dora())

    assert set(refusal.value.fields) == {"manager"}


def test_deactivation_keeps_every_row():
    person = bob()

    user = services.deactivate(user=person, actor=petra(), at=AT)

    user.refresh_from_db()
    assert not user.is_active
    assert user.memberships.count() == 1
    assert_recorded(user, stream=stream(user), kind="user.deactivated", by=petra(), at=AT)


def test_reactivation_opens_the_account_again():
    user = services.reactivate(user=dora(), actor=petra(), at=AT)

    assert user.is_active
    assert_recorded(user, stream=stream(user), kind="user.reactivated", by=petra(), at=AT)


@pytest.mark.parametrize("verb", [services.deactivate, services.reactivate])
def test_others_close_and_open_no_account(verb):
    with pytest.raises(NotAllowed):
        verb(user=olive(), actor=mallory(), at=AT)


def test_history_never_holds_a_password_or_a_sign_in():
    user = services.create_user(actor=None, at=AT, email="a@example.com", name="A", password="a long password")

    fields = {field.name for field in User.history.model._meta.fields}
    assert not fields & {"password", "last_login"}

    versions = user.history.count()
    user.set_password("another password")
    user.save(update_fields=["password"])
    user.last_login = AT
    user.save(update_fields=["last_login"])
    assert user.history.count() == versions

    user.name = "B"
    user.save(update_fields=["name", "password"])
    assert user.history.count() == versions + 1


def test_person_is_an_actor_by_pseudonym():
    person = alice()

    assert isinstance(person.pseudonym, UUID)
    assert (person.actor.kind, person.actor.id) == ("person", person.pseudonym)


@pytest.mark.parametrize(
    ("name", "whole", "short"),
    [("Alice Andersson", "Alice Andersson", "Alice"), ("", "alice@example.com", "alice")],
)
def test_person_is_called_by_name_or_address(name, whole, short):
    person = User(email="alice@example.com", name=name)

    assert (str(person), person.short_name, person.get_full_name(), person.get_short_name()) == (
        whole,
        short,
        whole,
        short,
    )
