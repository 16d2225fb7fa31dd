"""The profile: one's own name and time zone; the rest is told, not changed."""

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import User
from tests.accounts.asserts import assert_recorded, count_events
from tests.exceptions_app.world import START

pytestmark = pytest.mark.django_db


def test_a_stranger_is_sent_to_the_sign_in(client):
    assert client.get(reverse("profile")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("person", ["alice", "bob", "audrey", "petra", "mallory"])
def test_everyone_changes_their_own_time_zone_and_not_their_name(client, world, person):
    me = getattr(world, person)
    name = me.name
    client.force_login(me)

    response = client.post(reverse("profile"), {"name": "Another Name", "time_zone": "Asia/Tokyo"})

    assert response.url == reverse("profile")
    me = User.objects.get(pk=me.pk)
    assert (me.name, me.time_zone) == (name, "Asia/Tokyo")
    at = me.history.latest("history_id").history_date
    assert_recorded(me, stream=f"accounts/users/{me.pseudonym}", kind="user.profile_changed", by=me, at=at)


def test_a_profile_gives_nobody_roles_or_another_address(client, world):
    client.force_login(world.mallory)
    posted = {"name": "M", "time_zone": "UTC", "is_auditor": "on", "is_superuser": "on", "email": "bob@example.org"}

    client.post(reverse("profile"), posted | {"user": world.petra.pk})

    me = User.objects.get(pk=world.mallory.pk)
    assert (me.is_auditor, me.is_superuser, me.email) == (False, False, "mallory@example.org")


@pytest.mark.parametrize("zone", ["", "Nowhere/Else"])
def test_what_is_wrong_stands_beside_its_field(client, world, zone):
    client.force_login(world.alice)
    events = count_events()

    response = client.post(reverse("profile"), {"time_zone": zone})

    assert "time_zone" in response.context["form"].errors
    assert count_events() == events


def test_a_profile_says_what_its_person_may_do(client, world):
    def told(person):
        client.force_login(person)
        return " ".join(client.get(reverse("profile")).context["powers"])

    assert told(world.alice) == "You may ask for exceptions, own them and stand in as backup owner."
    assert "You decide for Identity approvers" in told(world.bob)
    assert "It is the fallback" in told(world.frida)
    assert "decide on nothing by virtue of it" in told(world.petra)
    assert "change nothing" in told(world.audrey)


def test_an_auditor_in_a_group_is_not_told_to_decide(client, world):
    services.change_user(user=world.bob, actor=None, at=START, is_auditor=True)
    client.force_login(world.bob)

    assert "You decide" not in client.get(reverse("profile")).text
