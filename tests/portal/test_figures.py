"""The page How we decide: who reads it, over which period, and that it says no more than is known."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from exceptions_app import ask, services
from tests.exceptions_app.world import DAY, HOUR, START, World, fresh
from workflows import rulebook

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


def make_world():
    return World(at=clock.now() - 100 * DAY)


@pytest.fixture
def petra(client, world):
    client.force_login(world.petra)
    return client


def decided(world, number, *, days_ago, verdict="approve", took=2 * HOUR):
    asked_at = clock.now() - days_ago * DAY - took
    remedied_on = (asked_at + 60 * DAY).date()
    identity = world.make_identity(f"robot-{number}")
    case = world.requested(asked_at, identity=identity, remediation_on=remedied_on)
    if verdict == "approve":
        return world.approve(case, asked_at + took)
    said = {"case": fresh(case), "actor": world.bob, "at": asked_at + took, "digest": ask.digest(fresh(case))}
    return services.reject(**said, reason="Too wide")


def row(page, of="approvers", place=0):
    line = page.context[of][place]
    return line.name, {cell.label: (cell.value, cell.under) for cell in line.cells}


def test_programme_managers_and_auditors_read_it_and_nobody_else(client, world):
    answers = {}
    for person in (world.petra, world.audrey, world.alice, world.bob):
        client.force_login(person)
        answers[str(person)] = client.get(reverse("figures")).status_code

    assert answers == {"Petra": 200, "Audrey": 200, "Alice": 403, "Bob": 403}


def test_it_is_found_from_the_rules_and_in_the_navigation(petra):
    for page in (reverse("rules"), reverse("home")):
        assert f'href="{reverse("figures")}"' in petra.get(page).text


def test_an_empty_installation_is_told_what_would_be_here(petra):
    page = petra.get(reverse("figures"))

    assert "Nothing was decided in this period" in page.text
    assert "Once approvers answer requests" in page.text
    assert "<table" not in page.text


@pytest.mark.parametrize(
    ("asked", "found"), [("", 2), ("30", 1), ("90", 2), ("365", 3), ("7", 2), ("0", 2), ("x", 2), ("9" * 50, 2)]
)
def test_the_period_is_one_of_three_and_ninety_days_if_nothing_is_said(petra, world, asked, found):
    for number, days in enumerate((5, 50, 95)):
        decided(world, number, days_ago=days)

    page = petra.get(reverse("figures"), {"days": asked} if asked else {})

    assert row(page)[1]["Decisions"][0] == str(found)
    assert [tab["href"] for tab in page.context["tabs"] if tab["current"]] == [
        f"?days={asked if asked in {'30', '365'} else 90}"
    ]


def test_numbers_stand_there_with_shares_from_five_decisions_on(petra, world):
    for number in range(5):
        decided(world, number, days_ago=9, verdict="reject" if number == 0 else "approve", took=(number + 1) * HOUR)

    name, cells = row(petra.get(reverse("figures")))

    assert name == "Bob"
    assert cells == {
        "Decisions": ("5", ""),
        "Median time": ("3 hours", "P90 4 hours"),
        "Approved": ("4", "80 %"),
        "Narrowed": ("0", ""),
        "Rejected": ("1", "20 %"),
        "Under 30 s": ("–", ""),
        "Lapsed": ("0", ""),
        "Escalated": ("0", ""),
    }
    assert row(petra.get(reverse("figures")), "rules") == ("control", cells)


def test_of_few_decisions_no_share_is_told(petra, world):
    for number in range(4):
        decided(world, number, days_ago=9, took=20 * MINUTES)

    cells = row(petra.get(reverse("figures")))[1]

    assert cells["Decisions"] == ("4", "too few to say")
    assert (cells["Approved"], cells["Rejected"]) == (("4", ""), ("0", ""))
    assert cells["Median time"] == ("20 minutes", "P90 20 minutes")


def test_a_sentence_above_the_numbers_says_what_they_cannot_tell(petra, world):
    decided(world, 1, days_ago=9, took=10 * timedelta(seconds=1))

    page = petra.get(reverse("figures")).text

    assert page.index("a fast decision may be a well-prepared one") < page.index("<table")
    assert "under a minute" in page


def test_steps_that_never_reject_are_named_with_their_number(petra, world):
    for number in range(10):
        decided(world, number, days_ago=20)
    first = petra.get(reverse("figures"))
    decided(world, 10, days_ago=10, verdict="reject")
    second = petra.get(reverse("figures"))

    assert [(step.rule, step.step, step.decisions) for step, _slug in first.context["always_yes"]] == [
        ("control", "Identity approvers", 10)
    ]
    assert second.context["always_yes"] == []
    assert "None: no step had 10 decisions" in second.text


def test_a_rule_in_use_leads_to_its_page_and_one_of_old_is_only_named(petra, world):
    [rule] = rulebook.load(rulebook.starter_rules(security="x", vendors="y")[:1], at=START)
    decided(world, 1, days_ago=9)
    rule.name = "control"
    rule.save()

    assert f'href="{reverse("rule", args=[rule.slug])}"' in petra.get(reverse("figures")).text
    rule.name = "Another"
    rule.save()
    assert row(petra.get(reverse("figures")), "rules")[0] == "control"
    assert f'href="{reverse("rule", args=[rule.slug])}"' not in petra.get(reverse("figures")).text


def test_more_decisions_take_no_more_queries(petra, world):
    decided(world, 1, days_ago=9)
    petra.get(reverse("figures"))
    with CaptureQueriesContext(connection) as few:
        petra.get(reverse("figures"))
    for number in range(2, 6):
        decided(world, number, days_ago=number, verdict="reject")
    with CaptureQueriesContext(connection) as many:
        petra.get(reverse("figures"))

    assert len(few) == len(many)
