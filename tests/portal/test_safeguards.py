"""The pages of safeguards: all of them by how they stand, and how one is checked by itself."""

import pytest
import time_machine
from django.urls import reverse

from exceptions_app import ask, services
from exceptions_app.models import Safeguard, Watch
from exceptions_app.services import SafeguardContent
from tests.exceptions_app.world import DAY, HOUR, START

pytestmark = pytest.mark.django_db
NOW = START + 31 * DAY


@pytest.fixture
def guards(world):
    """One of each kind of standing, by name, at NOW: each in a case of its own."""
    names = ("failed", "stale", "due", "unverified", "fresh")
    verified = {"failed": START + 30 * DAY, "stale": START, "due": START + 3 * DAY, "fresh": START + 30 * DAY}
    for name in names:
        asked = [SafeguardContent("monitoring", f"The {name} one", required=name != "unverified")]
        case = world.approved(safeguards=asked, term_days=90, identity=world.make_identity(f"svc-{name}"))
        if name in verified:
            verify(world, case, START)
        world.activate(case, START)
        if verified.get(name, START) > START:
            verify(world, case, verified[name])
    failing = Safeguard.objects.select_related("case").get(description="The failed one")
    services.report_failure(safeguard=failing, actor=world.olga, at=NOW - HOUR, reason="It is off.")
    with time_machine.travel(NOW, tick=False):
        yield {name: Safeguard.objects.select_related("case").get(description=f"The {name} one") for name in names}


def verify(world, case, at):
    guard = Safeguard.objects.select_related("case").get(case=case)
    services.verify_safeguard(safeguard=guard, actor=world.bob, at=at, statement="It fires.")


def listed(client, **asked):
    rows = client.get(reverse("safeguards"), asked).context["page"].rows
    return [row.description.split()[1] for row in rows]


def test_the_worst_come_first_and_each_kind_has_its_tab(client, world, guards):
    client.force_login(world.bob)

    assert listed(client) == ["failed", "stale", "due", "unverified", "fresh"]
    for name in guards:
        assert listed(client, freshness=name) == [name]
    tabs = client.get(reverse("safeguards")).context["tabs"]
    assert [tab["count"] for tab in tabs] == [5, 1, 1, 1, 1, 1]


def test_everybody_sees_what_exists_for_them_and_what_is_theirs(client, world, guards):
    found = {}
    for person in (world.bob, world.olga, world.audrey, world.mallory):
        client.force_login(person)
        found[person.name] = [len(listed(client, whose=whose)) for whose in ("", "mine", "verify")]

    assert found == {"Bob": [5, 0, 5], "Olga": [5, 5, 0], "Audrey": [5, 0, 0], "Mallory": [0, 0, 0]}


def test_what_cannot_be_read_of_the_filters_is_left_out(client, world, guards):
    client.force_login(world.bob)

    assert len(listed(client, freshness="rotten", whose="nobody", page="x")) == 5
    assert listed(client, q="svc-due") == ["due"]


def test_the_number_of_queries_does_not_grow_with_the_list(client, world, guards, django_assert_max_num_queries):
    client.force_login(world.bob)
    client.get(reverse("safeguards"))

    with django_assert_max_num_queries(16):
        client.get(reverse("safeguards"))


def test_home_says_what_to_verify_and_what_falls(client, world, guards):
    client.force_login(world.bob)
    again = client.get(reverse("home")).context["home"].to_verify_again
    client.force_login(world.olga)
    falling = client.get(reverse("home")).context["home"].unguarded

    for listing in (again, falling):
        assert {case.identity.name for case in listing.cases} == {
            "svc-failed",
            "svc-stale",
            "svc-due",
            "svc-unverified",
        }


def check(client, guard, **posted):
    address = reverse("safeguard_watch", args=[guard.case.reference, guard.pk])
    digest = ask.digest_of_safeguard(guard)
    return client.post(address, {"digest": digest} | posted, follow=True)


def test_a_heartbeats_secret_is_shown_once(client, world, guards):
    client.force_login(world.bob)

    made = check(client, guards["fresh"], make="heartbeat").content.decode()
    later = client.get(reverse("safeguard_watch", args=[guards["fresh"].case.reference, guards["fresh"].pk]))

    secret = Watch.objects.get().secret
    assert secret in made
    assert str(Watch.objects.get().address) in made
    assert secret not in later.content.decode()
    case_page = client.get(reverse("case", args=[guards["fresh"].case.reference])).content.decode()
    assert secret not in case_page
    assert "By a heartbeat: nothing heard yet" in case_page


def test_a_probe_is_set_up_and_ended(client, world, guards, receiver):
    client.force_login(world.bob)
    asked = {"url": f"{receiver.url}/health", "status": "200", "pointer": "/ok", "expected": "true"}

    told = check(client, guards["fresh"], make="probe", **asked).content.decode()
    assert "The address is asked within a minute" in told
    watch = Watch.objects.get()
    assert (watch.how, watch.expected_status, watch.pointer, watch.expected) == ("probe", 200, "/ok", "true")
    assert "no longer checked by itself" in check(client, guards["fresh"], make="nothing").content.decode()
    assert not Watch.objects.exists()


REFUSED = {
    "an address inside": ({"url": "https://127.0.0.1/health"}, "not public"),
    "no address": ({"url": ""}, "Give the address that is asked."),
    "not http": ({"url": "ftp://example.org/"}, "not a complete web address"),
    "a pointer that is none": ({"pointer": "ok"}, "begins with “/”"),
    "a value of nowhere": ({"expected": "true"}, "Say where in its JSON"),
    "no value": ({"pointer": "/ok"}, "Say which value is expected there."),
    "no status": ({"status": "99"}, "a number from 100 to 599"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_probe_that_could_not_work_is_refused_and_nothing_is_lost(client, world, guards, receiver, what, settings):
    client.force_login(world.bob)
    given, said = REFUSED[what]
    if what == "an address inside":
        settings.OUTGOING_ALLOWED = []
    posted = {"url": f"{receiver.url}/health", "status": "200", "pointer": "", "expected": ""} | given

    page = check(client, guards["fresh"], make="probe", **posted)

    assert said in page.content.decode()
    assert page.context["form"]["url"].value() == posted["url"]
    assert not Watch.objects.exists()


def test_a_safeguard_that_changed_meanwhile_is_not_checked_by_what_was_set_up_for_another(client, world, guards):
    client.force_login(world.bob)
    address = reverse("safeguard_watch", args=[guards["fresh"].case.reference, guards["fresh"].pk])

    answer = client.post(address, {"digest": "0" * 64, "make": "heartbeat"})

    assert answer.status_code == 409
    assert not Watch.objects.exists()


def test_saying_that_it_fails_says_what_comes_of_it(client, world, guards):
    client.force_login(world.olga)
    guard = guards["fresh"]
    address = reverse("safeguard_failure", args=[guard.case.reference, guard.pk])
    posted = {"digest": ask.digest_of_safeguard(guard), "reason": "It is off."}

    page = client.post(address, posted, follow=True).content.decode()

    assert "It is on record that a safeguard of" in page
    assert "the exception is out of force from" in page
    assert "In force now, until" in page
