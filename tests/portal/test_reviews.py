"""The pages of looking again: all reviews by how pressing they are, one on one screen, and word of a change."""

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from exceptions_app import rules, services
from exceptions_app.models import Evidence, Outcome, RemovalState, Review, Trigger
from exceptions_app.scope import Scope
from tests.exceptions_app.reading import body, last
from tests.exceptions_app.world import DAY, HOUR, START, fresh, stand_in

pytestmark = pytest.mark.django_db
NOW = START + 50 * DAY


@pytest.fixture
def case(world):
    """Ninety days at moderate risk, its safeguard fresh, its first review open."""
    grants = [world.grant("kv/erp/*", actions=("read", "write")), world.grant("kv/pay/key")]
    case = world.active(term_days=90, grants=grants, title="Static key of the ERP")
    for days in (20, 40):
        guard = case.safeguards.get()
        services.verify_safeguard(safeguard=guard, actor=world.connie, at=START + days * DAY, statement="It fires.")
    with time_machine.travel(NOW, tick=False):
        yield fresh(case)


def address(name, case):
    return reverse(name, args=[case.reference])


def said(client, case, **fields):
    """What a person posts who opened the page and changed only these fields."""
    form = client.get(address("case_review", case)).context["form"]
    shown = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    return shown | {"statement": "Read its calls of a month."} | fields


def review(client, case, **fields):
    return client.post(address("case_review", case), said(client, case, **fields))


def test_all_there_is_to_look_at_is_on_one_screen(client, world, case):
    services.report_change(case=case, actor=world.olga, at=NOW, trigger=Trigger.CODE_CHANGED, what="Release 5 is out.")
    client.force_login(world.connie)

    page = client.get(address("case_review", case)).content.decode()

    for words in (
        "In its turn",
        "The code it stands for changed",
        "Release 5 is out.",
        "kv/erp/*",
        "Invoices stop",
    ):
        assert words in page


@pytest.mark.parametrize("outcome", [Outcome.KEEP, Outcome.RENEW])
def test_keeping_it_is_two_fields_and_a_press(client, world, case, outcome):
    client.force_login(world.connie)

    answered = review(client, case, outcome=outcome)

    assert answered.status_code == 302
    assert body(case, "case.reviewed")["outcome"] == outcome
    assert not case.reviews.open(NOW).exists()


def test_narrowing_takes_what_is_no_longer_marked(client, world, case):
    client.force_login(world.connie)
    wide, other = case.grants.order_by("pk")
    fields = {f"grants-{wide.pk}-actions": ["read"], f"grants-{wide.pk}-resource": "kv/erp/key"}

    review(client, case, outcome=Outcome.NARROW, **fields)

    assert (fresh(wide).opens, fresh(other).opens) == (Scope(("read",), "kv/erp/key"), other.asked)
    assert (fresh(wide).removal_state, fresh(other).removal_state) == (RemovalState.OWED, RemovalState.NOT_OWED)
    page = client.get(address("case", case)).content.decode()
    assert "Taken away" in page
    assert "Not confirmed removed" in page


def test_what_is_marked_counts_only_where_it_is_narrowed(client, world, case):
    client.force_login(world.connie)
    grant = case.grants.order_by("pk").first()

    review(client, case, outcome=Outcome.KEEP, **{f"grants-{grant.pk}-actions": ["read"]})

    assert fresh(grant).granted is None


def test_narrowing_beyond_what_is_open_says_so_beside_its_field_and_keeps_the_text(client, world, case):
    client.force_login(world.connie)
    grant = case.grants.order_by("pk").first()

    answered = review(client, case, outcome=Outcome.NARROW, **{f"grants-{grant.pk}-resource": "kv/*"})

    page = answered.content.decode()
    assert answered.status_code == 409
    assert "This reaches beyond what is open." in page
    assert "Read its calls of a month." in page
    assert case.reviews.open(NOW).exists()


def test_ending_sooner_asks_for_a_day(client, world, case):
    client.force_login(world.connie)

    assert "Say on which day it ends." in review(client, case, outcome=Outcome.SHORTEN).content.decode()
    review(client, case, outcome=Outcome.SHORTEN, end_on="2026-05-01")

    assert fresh(case).expires_at.isoformat() == "2026-05-01T23:59:59+00:00"


def test_revoking_revokes(client, world, case):
    client.force_login(world.bob)
    review(client, case, outcome=Outcome.REVOKE)
    assert fresh(case).state == "revoked"


def test_evidence_is_kept_with_the_review(client, world, case):
    client.force_login(world.bob)
    review(client, case, outcome=Outcome.KEEP, url="https://logs.example.org/erp")

    assert Review.objects.first().evidence == Evidence.objects.get(purpose="review")
    assert "logs.example.org" in client.get(address("case", case)).content.decode()


def test_what_happened_meanwhile_is_shown_and_nothing_written_is_lost(client, world, case):
    client.force_login(world.connie)
    fields = said(client, case, outcome=Outcome.KEEP)
    services.report_change(case=case, actor=world.olga, at=NOW, trigger=Trigger.CODE_CHANGED, what="Release 5 is out.")

    answered = client.post(address("case_review", case), fields)

    page = answered.content.decode()
    assert answered.status_code == 409
    assert "Something else happened" in page
    assert "Release 5 is out." in page
    assert "Read its calls of a month." in page
    form = answered.context["form"]
    again = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    assert client.post(address("case_review", case), again).status_code == 302


def test_what_was_chosen_is_still_chosen_when_the_page_comes_back(client, world, case):
    client.force_login(world.connie)
    wide = case.grants.order_by("pk").first()
    fields = said(client, case, outcome=Outcome.NARROW, **{f"grants-{wide.pk}-resource": "kv/erp/key"})
    services.report_change(case=case, actor=world.olga, at=NOW, trigger=Trigger.CODE_CHANGED, what="Release 5 is out.")

    form = client.post(address("case_review", case), fields).context["form"]

    assert form[f"grants-{wide.pk}-actions"].value() == ["read", "write"]
    assert not form.errors


def test_a_delegate_finds_what_is_theirs_to_review(client, world, case):
    stand_in(world.connie, world.mallory, begins=START + 45 * DAY, days=10)
    client.force_login(world.mallory)

    assert listed(client, whose="answer") == ["Static key of the ERP"]


def test_who_gains_reads_why_they_cannot(client, world, case):
    client.force_login(world.olga)
    assert client.get(address("case_review", case)).status_code == 403
    assert "someone else reviews it" in client.get(address("case", case)).content.decode()


def test_the_page_says_what_comes_of_it_if_nobody_looks(client, world, case):
    client.force_login(world.olga)
    page = client.get(address("case", case)).content.decode()
    assert "Unless somebody reviews it, it is out of force from" in page
    assert "May review it now:" in page
    assert "unless somebody reviews it." in page
    assert "In force only until" in page


def test_who_answers_for_it_asks_the_reviewers_in_two_presses(client, world, case):
    client.force_login(world.olga)
    form = client.get(address("case_comments", case), {"ask": "review"}).context["form"]

    assert form["text"].value().startswith("Please review this: unless somebody does, it is out of force from ")
    able = {one.pk for one in User.objects.all() if rules.why_not(one, "review", case, NOW) is None}
    assert able >= set(form["to"].value()) != set()


def test_its_owner_has_it_end_sooner(client, world, case):
    client.force_login(world.olga)
    client.post(address("case_shortening", case), {"end_on": "2026-05-01", "reason": "The connector is live."})

    assert fresh(case).expires_at.isoformat() == "2026-05-01T23:59:59+00:00"
    assert last(case).kind == "case.shortened"


def test_saying_that_something_changed_shows_what_it_leads_to(client, world, case):
    client.force_login(world.olga)
    page = client.get(address("case_change", case)).content.decode()
    assert "It is linked to an incident → suspend it" in page

    client.post(address("case_change", case), {"trigger": "incident_linked", "reason": "INC-77"})

    assert fresh(case).state == "suspended"


def test_resuming_shows_what_opened_a_review_and_answers_it(client, world, case):
    services.report_change(case=case, actor=world.olga, at=NOW, trigger=Trigger.INCIDENT_LINKED, what="INC-77")
    client.force_login(world.connie)
    shown = client.get(address("case_resumption", case))
    assert "INC-77" in shown.content.decode()

    answered = client.post(
        address("case_resumption", case), {"seen": shown.context["form"]["seen"].value(), "reason": "Another key."}
    )

    assert answered.status_code == 302
    assert fresh(case).is_in_force(NOW)


def listed(client, **asked):
    return [row.case.title for row in client.get(reverse("reviews"), asked).context["page"].rows]


def test_the_most_pressing_come_first_and_each_kind_has_its_tab(client, world, case):
    late = world.active(START - 20 * DAY, term_days=90, identity=world.make_identity("svc-late"), title="Late")
    world.active(NOW - HOUR, term_days=90, identity=world.make_identity("svc-new"), title="New")
    for at in (START + 5 * DAY, START + 30 * DAY):
        services.verify_safeguard(safeguard=late.safeguards.get(), actor=world.bob, at=at, statement="It fires.")
    client.force_login(world.bob)

    with time_machine.travel(START + 42 * DAY, tick=False):
        assert listed(client, pressing="overdue") == ["Late"]
    assert listed(client, pressing="due") == ["Static key of the ERP"]
    assert listed(client, pressing="to_come") == ["New"]


def test_each_sees_what_is_theirs_to_review(client, world, case):
    found = {}
    for person in (world.bob, world.connie, world.olga, world.sven, world.audrey, world.mallory):
        client.force_login(person)
        answer = client.get(reverse("reviews"))
        found[person.name] = (len(answer.context["page"].rows), len(listed(client, whose="answer")))
        home = client.get(reverse("home")).context["home"]
        assert home.to_review.count == found[person.name][1]

    assert found == {
        "Bob": (1, 1),
        "Connie": (1, 1),
        "Olga": (1, 0),
        "Sven": (1, 0),
        "Audrey": (1, 0),
        "Mallory": (0, 0),
    }
