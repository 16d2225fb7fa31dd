"""The page of absences: announced, answered, ended, and seen by others where they need it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import Absence
from tests.exceptions_app.world import World

pytestmark = pytest.mark.django_db

PAGE = "profile_away"


def make_world():
    return World(at=timezone.now() - timedelta(days=1))


def day(days):
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def announce(client, person, who, **changes):
    client.force_login(person)
    posted = {"from_on": day(0), "until_on": day(5), "delegate": who.email, "reason": "Leave"}
    return client.post(reverse(PAGE), posted | changes)


def accepted(client, person, delegate):
    announce(client, person, delegate)
    absence = Absence.objects.get()
    client.force_login(delegate)
    client.post(reverse("absence_answer", args=[absence.pk]), {"accept": "1"})
    return absence


def test_an_absence_covers_whole_days_in_ones_own_zone(client, world):
    services.change_profile(user=world.alice, actor=world.alice, at=world.start, time_zone="Asia/Tokyo")

    response = announce(client, world.alice, world.bob, from_on=day(2))

    assert response.url == reverse(PAGE)
    absence = Absence.objects.get()
    zone = absence.person.zone
    assert absence.from_at.astimezone(zone).isoformat()[11:19] == "00:00:00"
    assert absence.until_at.astimezone(zone).isoformat()[11:19] == "23:59:59"


def test_an_absence_from_today_begins_now(client, world):
    announce(client, world.alice, world.bob, from_on=day(-3))

    assert abs(Absence.objects.get().from_at - timezone.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until_on": day(70)}, "until_on"),
        ({"until_on": day(-3), "from_on": day(-5)}, "until_on"),
        ({"from_on": ""}, "from_on"),
        ({"from_on": "soon"}, "from_on"),
        ({"delegate": "nobody@example.com"}, "delegate"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, world, changes, field):
    response = announce(client, world.alice, world.bob, **changes)

    assert field in response.context["form"].errors
    assert not Absence.objects.exists()


def test_who_is_asked_sees_it_at_home_and_answers(client, world):
    announce(client, world.alice, world.bob)
    client.force_login(world.bob)
    assert "You are asked to stand in" in client.get(reverse("home")).text

    client.post(reverse("absence_answer", args=[Absence.objects.get().pk]), {"decline": "1"})

    assert Absence.objects.get().declined_at
    assert "You are asked to stand in" not in client.get(reverse("home")).text


def test_the_absence_of_others_is_nowhere(client, world):
    announce(client, world.alice, world.bob)
    client.force_login(world.mallory)

    for name in ("absence_answer", "absence_end"):
        assert client.post(reverse(name, args=[Absence.objects.get().pk])).status_code == 404


def test_the_route_and_the_queue_say_who_is_away_and_who_stands_in(client, world):
    case = world.requested()
    carol, boris = world.person("Carol"), world.person("Boris")
    accepted(client, world.bob, boris)

    client.force_login(carol)
    assert "Bob is away until" in client.get(reverse("case", args=[case.reference])).text

    Absence.objects.all().delete()
    accepted(client, world.alice, boris)
    client.force_login(carol)
    assert "Alice is away until" in client.get(reverse("queue")).text


def test_a_persons_page_says_when_they_are_away_and_for_whom_they_stand_in(client, world):
    accepted(client, world.alice, world.bob)
    client.force_login(world.petra)

    assert "Stands in now" in client.get(reverse("person", args=[world.alice.pk])).text
    assert "Stands in for" in client.get(reverse("person", args=[world.bob.pk])).text
    assert "Out of office" in client.get(reverse("person", args=[world.alice.pk])).text


def test_who_stands_in_decides_nothing_of_it(client, world):
    case = world.requested()
    accepted(client, world.alice, world.bob)
    client.force_login(world.bob)

    assert client.get(reverse("case_approval", args=[case.reference])).status_code == 403


def test_being_back_ends_it(client, world):
    absence = accepted(client, world.alice, world.bob)
    client.force_login(world.alice)

    client.post(reverse("absence_end", args=[absence.pk]))

    assert "Ended early" in client.get(reverse(PAGE)).text
