"""The pages of approval rules: read by managers and auditors, proposed by one manager, accepted by another."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import services as accounts
from audit import clock
from tests.exceptions_app.world import START, World
from workflows import rule_contents, rulebook
from workflows.models import ApprovalRule, RuleProposal

pytestmark = pytest.mark.django_db

EMPTY = {
    "name": "Long ones",
    "is_on": "on",
    "longer_than_days": "30",
    "why": "The audit asks",
    "steps-TOTAL_FORMS": "1",
    "steps-INITIAL_FORMS": "0",
    "steps-0-order": "4",
    "steps-0-name": "Last word",
    "steps-0-source": "group",
    "steps-0-group": "ciso",
    "steps-0-count": "2",
    "steps-0-assurance": "session",
    "act": "propose",
}


def make_world():
    world = World()
    accounts.create_group(name="CISO", actor=None, at=START)
    return world


@pytest.fixture
def petra(client, world):
    client.force_login(world.petra)
    return client


def test_a_rule_is_proposed_read_and_accepted(petra, world):
    proposed = petra.post(reverse("rule_new"), EMPTY)
    address = reverse("rule", args=["long-ones"])
    assert proposed.url == address
    mine = petra.get(address)
    assert (mine.context["may_accept"], mine.context["may_withdraw"]) == (False, True)
    assert "Proposed, and not in force." in mine.text
    assert "Long ones" in petra.get(reverse("rules")).text

    petra.force_login(world.person("Peter", is_programme_manager=True))
    assert address in petra.get(reverse("home")).text
    page = petra.get(address)
    said = {one.label: one.after for one in page.context["proposed"]}
    assert said["Term longer than (days)"] == "30"
    assert said["Whom it asks"] == "4. Last word: 2 people of CISO"
    proposal = page.context["proposal"]
    answered = petra.post(reverse("rule_acceptance", args=["long-ones", proposal.pk]), {"seen": proposal.mark})

    assert answered.url == address
    rule = ApprovalRule.objects.get()
    assert (rule.longer_than_days, rule.steps.get().count) == (30, 2)
    told = petra.get(address).context["told"]
    assert (told.when, told.asks) == (["longer than 30 days"], ["4. Last word: 2 people of CISO"])
    titles = [entry.title for entry in petra.get(address).context["changes"]]
    assert titles == ["Change accepted", "Created", "Change proposed"]


def test_what_a_rule_would_have_changed_is_read_before_it_is_proposed(petra, world):
    now = clock.now()
    world.requested(now - timedelta(days=9), term_days=40, remediation_on=(now + timedelta(days=90)).date())
    at = ApprovalRule.objects.count()

    page = petra.post(reverse("rule_new"), EMPTY | {"act": "rehearse"})

    assert page.context["rehearsal"].added == [("Last word", 1)]
    assert page.context["rehearsal"].removed, "the control's group is asked no more where only this rule holds"
    assert "would have been added to 1" in page.text
    assert ApprovalRule.objects.count() == at
    assert not RuleProposal.objects.exists()


def test_how_a_step_would_have_been_asked_otherwise_is_read_as_well(petra, world):
    own = {"steps-0-name": "Approver group", "steps-0-source": "control_group", "steps-0-group": ""}
    now = clock.now()
    world.requested(now - timedelta(days=9), term_days=40, remediation_on=(now + timedelta(days=90)).date())

    page = petra.post(reverse("rule_new"), EMPTY | own | {"steps-0-assurance": "mfa", "act": "rehearse"})

    assert "would have needed 2 people instead of 1 in 1" in page.text
    assert "would have wanted a second factor in 1" in page.text


def test_a_change_shows_what_is_there_and_sends_on_only_what_differs(petra, world):
    [rule] = rulebook.load(rulebook.starter_rules(security="ciso", vendors="ciso")[1:2], at=START)
    page = petra.get(reverse("rule_edit", args=[rule.slug]))
    shown = page.context["form"].initial
    assert (shown["name"], shown["tier_at_least"]) == ("Critical risk", 4)
    assert [row.initial["name"] for row in page.context["steps"].forms] == ["Control owner", "CISO group"]
    sent = {
        "name": rule.name,
        "is_on": "on",
        "tier_at_least": "4",
        "valid_from_at": page.context["form"]["valid_from_at"].value().strftime("%Y-%m-%dT%H:%M"),
        "longer_than_days": "7",
        "why": "Short ones need no CISO",
        "steps-TOTAL_FORMS": "2",
        "steps-INITIAL_FORMS": "0",
        "act": "propose",
    }
    for place, step in enumerate(rule_contents.facts_of(rule)["steps"]):
        sent |= {f"steps-{place}-{name}": "" if fact is None else fact for name, fact in step.items()}

    petra.post(reverse("rule_edit", args=[rule.slug]), sent)

    assert RuleProposal.objects.get().after == {"longer_than_days": 7}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"steps-0-group": ""}, "group"),
        ({"steps-0-source": "person", "steps-0-group": ""}, "person"),
        ({"steps-0-source": "moon"}, "source"),
        ({"steps-0-order": "0"}, "order"),
        ({"steps-0-count": "99"}, "count"),
        ({"steps-0-person": "nobody known"}, "person"),
    ],
)
def test_what_is_wrong_with_a_step_stands_beside_it_and_nothing_is_lost(petra, wrong, field):
    page = petra.post(reverse("rule_new"), EMPTY | wrong)

    assert field in page.context["steps"].forms[0].errors
    assert page.context["form"]["why"].value() == "The audit asks"
    assert not RuleProposal.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "New"}, "name"),
        ({"why": ""}, "why"),
        ({"controls": "NHI-XXX-99"}, "controls"),
        ({"tier_at_least": "9"}, "tier_at_least"),
        ({"environments": ["moon"]}, "environments"),
        ({"longer_than_days": "-1"}, "longer_than_days"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_beside_it(petra, wrong, field):
    page = petra.post(reverse("rule_new"), EMPTY | wrong)

    assert field in page.context["form"].errors


def test_a_rule_that_asks_nobody_is_refused(petra):
    page = petra.post(reverse("rule_new"), EMPTY | {"steps-0-DELETE": "on"})

    assert "at least one step" in page.text
    assert not RuleProposal.objects.exists()


def test_rows_come_and_go_without_a_script(petra):
    more = petra.post(reverse("rule_new"), EMPTY | {"add": "steps"})

    assert len(more.context["steps"].forms) == 2
    assert more.context["form"]["name"].value() == "Long ones"


def test_whom_a_rule_would_ask_reads_why_they_cannot_accept_it(petra, world):
    peter = world.person("Peter", is_programme_manager=True)
    asks_him = {"steps-0-source": "person", "steps-0-group": "", "steps-0-person": peter.email}
    petra.post(reverse("rule_new"), EMPTY | asks_him)
    petra.force_login(peter)

    page = petra.get(reverse("rule", args=["long-ones"]))

    assert (page.context["may_accept"], page.context["may_decline"]) == (False, True)
    assert "would make you an approver" in page.text
    proposal = RuleProposal.objects.get()
    accepted = petra.post(reverse("rule_acceptance", args=["long-ones", proposal.pk]), {"seen": proposal.mark})
    assert accepted.status_code == 403
    declined = petra.post(reverse("rule_refusal", args=["long-ones", proposal.pk]), {"reason": "Not me"})
    assert declined.url == reverse("rules")


def test_nobody_else_reads_rules(client, world):
    for person in (world.alice, world.bob):
        client.force_login(person)
        assert client.get(reverse("rules")).status_code == 403


def test_a_rule_nobody_proposed_is_not_there(petra):
    assert petra.get(reverse("rule", args=["nothing"])).status_code == 404
    assert petra.get(reverse("rule_edit", args=["nothing"])).status_code == 404
