"""The leaver page and the page of orphans: what they say, to whom, and at what cost."""

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services as people
from accounts.models import User
from catalog import services as catalog
from exceptions_app import services
from exceptions_app.models import Trigger
from exceptions_app.queries import leaving
from tests.exceptions_app.world import DAY, START, fresh, stand_in

pytestmark = pytest.mark.django_db
NOW = START + 2 * DAY


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def dan(world):
    """Nobody stands above or beside him."""
    world.found()
    return world.person("Dan")


def page(client, reader, person):
    client.force_login(reader)
    return client.get(reverse("person_leaving", args=[person.pk]))


def said(response):
    """The text of the page without its tags."""
    main = re.search(r"<main.*</main>", response.text, re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def queries(client, name, *arguments):
    client.get(reverse(name, args=arguments))
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(reverse(name, args=arguments)).status_code == 200
    return len(caught)


# Leaving


def test_it_says_of_each_case_who_takes_it_over_and_what_becomes_of_it(client, world):
    boris = world.person("Boris")
    backed = world.draft(backup_owner=boris, title="Backed up", identity=world.make_identity("one"))
    services.accept_backup(case=backed, actor=boris, at=START)
    world.activate(world.approve(world.submit(backed, START), START), START)
    world.active(title="With nobody beside", identity=world.make_identity("two"))

    words = said(page(client, world.petra, world.olga))

    assert "Close the account: 2 exceptions move" in words
    assert "Boris owns it. A review opens." in words
    assert "Mona owns it. A review opens." in words
    assert "within a minute of closing the account" in words


def test_what_nobody_takes_over_is_said_first_with_who_was_passed_over(client, world, dan):
    people.change_user(user=dan, actor=None, at=START, manager=world.bob)
    world.active(owner=dan)

    words = said(page(client, world.petra, dan))

    assert "Close the account: 1 is suspended" in words
    assert "Nobody takes these over" in words
    assert "Suspended. Not Bob: approved it, verified a safeguard or reviewed it." in words


def test_what_does_not_move_by_itself_is_linked_with_what_to_do(client, world, dan):
    world.make_identity("robot", owner=dan)
    world.make_system("Store", owner=dan)
    world.make_control("NHI-OWN-01", owner=dan)

    response = page(client, world.petra, dan)

    for name, key in (("identity", "robot"), ("system", "store"), ("control", "NHI-OWN-01")):
        assert f'href="{reverse(name, args=[key])}"' in response.text
    assert "they own it once they accept" in said(response)


def test_where_a_person_is_missed_is_told(client, world, dan):
    people.create_team(name="Platform", lead=dan, actor=None, at=START)
    people.change_user(user=world.mallory, actor=None, at=START, manager=dan)
    world.make_group("Vault keepers", "Dan")
    stand_in(world.alice, dan)

    words = said(page(client, world.petra, dan))

    for sentence in (
        "Manager of Mallory",
        "Vault keepers nobody else",
        "Leads the teams Platform",
        "Stands in for Alice",
    ):
        assert sentence in words


def test_nothing_to_leave_says_so(client, world):
    assert "Nothing depends on this person" in said(page(client, world.petra, world.mallory))


def test_a_person_reads_their_own_and_hands_over_but_does_not_close_it(client, world):
    case = world.active()

    response = page(client, world.olga, world.olga)

    assert "When you leave" in said(response)
    assert reverse("case_ownership_offer", args=[case.reference]) in response.text
    assert reverse("person_deactivation", args=[world.olga.pk]) not in response.text
    assert reverse("person_leaving", args=[world.olga.pk]) in client.get(reverse("profile")).text


@pytest.mark.parametrize("reader", ["alice", "bob", "mallory"])
def test_nobody_else_reads_it(client, world, reader):
    assert page(client, getattr(world, reader), world.olga).status_code == 403


def test_an_auditor_reads_it_and_can_do_nothing(client, world):
    case = world.active()

    response = page(client, world.audrey, world.olga)

    assert case.reference in response.text
    assert "Hand over" not in response.text
    assert "Close the account" not in response.text


def test_a_case_the_reader_may_not_see_is_counted_and_not_named(client, world):
    case = world.active()
    sue = world.person("Sue")
    User.objects.filter(pk=sue.pk).update(is_superuser=True)

    response = page(client, fresh(sue), world.olga)

    assert case.reference not in response.text
    assert "1 that you may not see." in said(response)
    assert "Close the account: 1 exception moves" in said(response)


def test_more_than_fit_are_counted(client, world, monkeypatch):
    monkeypatch.setattr(leaving, "SHOWN", 2)
    for number in range(3):
        world.requested(identity=world.make_identity(f"svc-{number}"))

    response = page(client, world.petra, world.olga)

    assert [len(one["rows"]) for one in response.context["owned"]] == [2]
    assert "And 1 more." in said(response)


def test_the_page_of_a_person_leads_here_and_the_button_closes_the_account(client, world):
    world.active()
    client.force_login(world.petra)

    before = client.get(reverse("person", args=[world.olga.pk])).text
    closed = client.post(reverse("person_deactivation", args=[world.olga.pk]), follow=True)

    assert reverse("person_leaving", args=[world.olga.pk]) in before
    assert reverse("person_deactivation", args=[world.olga.pk]) not in before
    assert "Their exceptions move within a minute" in closed.text


def test_once_closed_it_says_what_has_moved_and_what_has_not(client, world):
    moved = world.active(title="Moves on", identity=world.make_identity("one"))
    earlier = world.active(title="Given away before", identity=world.make_identity("two"))
    services.offer_ownership(case=earlier, actor=world.olga, at=START, to=world.mallory, reason="Hers")
    services.accept_ownership(case=earlier, actor=world.mallory, at=START + DAY)
    people.deactivate(user=world.olga, actor=None, at=NOW)
    services.hand_over_orphan(case=moved, at=NOW)

    response = page(client, world.petra, world.olga)

    assert "What Olga left" in said(response)
    assert [case.title for case in response.context["moved"].rows] == ["Moves on"]
    assert "Mona owns it" in said(response)
    assert not response.context["owned"]


def test_thirty_cases_take_no_more_queries_than_five(client, world):
    boris = world.person("Boris")

    def add(first, number):
        for each in range(first, first + number):
            identity = world.make_identity(f"svc-{each}", owner=world.olga)
            state = (world.requested, world.active, world.approved)[each % 3]
            owner, backup = (world.olga, boris) if each % 2 else (boris, world.olga)
            case = state(owner=owner, backup_owner=backup, identity=identity)
            if each % 3:
                services.accept_backup(case=case, actor=backup, at=START)

    add(0, 5)
    client.force_login(world.petra)
    few = queries(client, "person_leaving", world.olga.pk)
    add(5, 25)

    assert queries(client, "person_leaving", world.olga.pk) == few


def test_requests_and_reviews_of_many_cases_take_no_more_queries_than_of_a_few(client, world):
    def add(first, number):
        for each in range(first, first + number):
            case = (world.requested, world.active)[each % 2](identity=world.make_identity(f"svc-{each}"))
            if case.state == "active":
                services.report_change(
                    case=case, actor=world.olga, at=NOW, trigger=Trigger.CODE_CHANGED, what="Release 5 is out."
                )

    add(0, 4)
    client.force_login(world.petra)
    few = queries(client, "person_leaving", world.bob.pk)
    add(4, 10)

    assert queries(client, "person_leaving", world.bob.pk) == few


# Orphans


def orphaned(world, owner, number, first=0):
    for each in range(first, first + number):
        case = world.active(owner=owner, identity=world.make_identity(f"svc-{each}"))
        world.make_system(f"Store {each}", owner=owner)
        stray = world.make_identity(f"stray-{each}", owner=world.olive)
        catalog.change_identity(identity=stray, actor=None, at=START, version=stray.version, owner=None)
        yield case


def test_orphans_are_listed_with_age_last_owner_and_what_to_do(client, world, dan):
    (case,) = orphaned(world, dan, 1)
    people.deactivate(user=dan, actor=None, at=START + DAY)
    services.hand_over_orphan(case=case, at=START + DAY)
    client.force_login(world.petra)

    response = client.get(reverse("orphans"))

    names = [line.name for line in response.context["lines"]]
    assert names[0] == "stray-0"
    assert set(names[1:]) == {"Store 0", case.title}
    for words in ("1 day ago", "Dan", "Olive", "It is suspended, and cannot resume. Hand it over, or end it."):
        assert words in said(response)
    for name, key in (
        ("case_ownership_offer", case.reference),
        ("system_edit", "store-0"),
        ("identity_edit", "stray-0"),
    ):
        assert reverse(name, args=[key]) in response.text
    assert len(client.get(reverse("orphans"), {"sort": "system"}).context["lines"]) == 1


def test_a_programme_manager_hears_of_orphans_at_home(client, world, dan):
    client.force_login(world.petra)
    assert "Without an owner:" not in client.get("/").text
    world.make_system("Store", owner=dan)
    people.deactivate(user=dan, actor=None, at=START)

    assert "Without an owner: 1" in said(client.get("/"))


@pytest.mark.parametrize(
    ("reader", "status"), [("petra", 200), ("audrey", 200), ("connie", 200), ("bob", 403), ("mallory", 403)]
)
def test_the_way_to_the_orphans_is_shown_to_those_who_may_go(client, world, dan, reader, status):
    client.force_login(getattr(world, reader))

    assert client.get(reverse("orphans")).status_code == status
    assert (f'href="{reverse("orphans")}"' in client.get("/").text) == (status == 200)


def test_who_only_reads_is_offered_no_act(client, world, dan):
    list(orphaned(world, dan, 1))
    people.deactivate(user=dan, actor=None, at=START)
    client.force_login(world.audrey)

    lines = client.get(reverse("orphans")).context["lines"]

    assert len(lines) == 3
    assert not any(line.act for line in lines)


def test_many_orphans_take_no_more_queries_than_a_few(client, world, dan):
    eva = world.person("Eva")
    list(orphaned(world, dan, 2))
    people.deactivate(user=dan, actor=None, at=START)
    client.force_login(world.petra)
    few = queries(client, "orphans")
    list(orphaned(world, eva, 8, first=2))
    people.deactivate(user=eva, actor=None, at=START)

    assert queries(client, "orphans") == few


def test_an_empty_list_says_what_would_be_here(client, world, dan):
    client.force_login(world.petra)

    assert "Everything has an owner" in said(client.get(reverse("orphans")))
