"""What ends the force of an exception, and what comes with it: told alike wherever it is shown, and only while true."""

import pytest
import time_machine
from django.urls import reverse

from accounts import services as people
from exceptions_app import services
from exceptions_app.models import Response, Trigger
from exceptions_app.queries import case as queries
from exceptions_app.services import SafeguardContent
from portal.case.ownership import comes_with
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db


def shown(client, person, case, at, name="case"):
    client.force_login(person)
    with time_machine.travel(at, tick=False):
        return " ".join(client.get(reverse(name, args=[case.reference])).content.decode().split())


def told(case, person, at):
    return comes_with(queries.story(fresh(case), person, at), at)


def in_register(client, person, at):
    client.force_login(person)
    with time_machine.travel(at, tick=False):
        page = client.get("/exceptions/?view=force").content.decode()
    return page[page.index("<tbody") :]


def verified(world, case, at=START + HOUR):
    guard = case.safeguards.get()
    services.verify_safeguard(safeguard=guard, actor=world.connie, at=at, statement="It fires.")
    return fresh(case)


def offered(world, case, at=START + HOUR):
    nina = world.person("Nina")
    services.offer_ownership(case=case, actor=world.olga, at=at, to=nina, reason="I move on.")
    return nina


def test_the_register_says_until_when_where_the_page_does(client, world):
    case = verified(world, world.active(term_days=90))
    until_at = case.relied_until_at
    assert until_at < case.expires_at
    early, late = START + DAY, until_at - HOUR

    for at, is_said in ((early, False), (late, True)):
        assert ("In force only until" in shown(client, world.olga, case, at)) is is_said
        assert ("only until" in in_register(client, world.olga, at)) is is_said


def test_a_machine_that_vouches_for_it_is_no_warning(client, world):
    """What it says holds for hours only, always."""
    case = world.active(likelihood=4, impact=4)
    watch = services.watch_by_heartbeat(safeguard=case.safeguards.get(), actor=world.connie, at=START)
    services.hear(watch=watch, at=START + HOUR, message_id="m1")
    at = START + 2 * HOUR
    assert fresh(case).relied_until_at < at + 3 * DAY

    assert "In force only until" not in shown(client, world.olga, case, at)
    assert "only until" not in in_register(client, world.olga, at)


def test_what_is_taken_over_is_told_as_it_stands(world):
    case = verified(world, world.active(term_days=90))
    nina = offered(world, case)
    soon, late = START + DAY, fresh(case).relied_until_at - HOUR

    assert told(case, nina, soon)[0] == "Olga asks you: “I move on.”"
    assert any("verified and its reviews held in time" in one for one in told(case, nina, soon))
    assert any(one.startswith("Unless its safeguards are verified again") for one in told(case, nina, late))
    services.suspend(case=case, actor=world.connie, at=soon, reason="Odd calls seen.")
    after = told(case, nina, soon + HOUR)
    assert "It is suspended: somebody who does not gain from it has to let it resume." in after
    assert not [one for one in after if "out of force from" in one]


def test_an_overdue_review_is_told_as_overdue(world):
    case = world.active(term_days=90)
    due_at = case.reviews.get().due_at
    for at in (START + 25 * DAY, due_at - DAY):
        guard = case.safeguards.get()
        services.verify_safeguard(safeguard=guard, actor=world.connie, at=at, statement="It fires.")

    found = told(case, world.person("Nina"), due_at + HOUR)

    assert any(one.startswith("A review of it is overdue since") for one in found)


@pytest.mark.parametrize(
    ("verb", "does", "sentence"),
    [
        ("requested", Response.REVIEW, "its approvers are asked again"),
        ("approved", Response.REVIEW, "its approvers are asked again"),
        ("active", Response.REVIEW, "is asked to review it"),
        ("active", Response.SUSPEND, "it is suspended until somebody lets it resume"),
        ("active", Response.END, "it ends at once"),
        ("suspended", Response.SUSPEND, "is asked to review it"),
        ("active", Response.NOTHING, ""),
    ],
)
def test_what_a_new_owner_alone_does_to_it_is_told(world, verb, does, sentence):
    case = getattr(world, verb)(on_change={Trigger.OWNER_CHANGED.value: does.value})

    found = [one for one in told(case, world.person("Nina"), START + 2 * HOUR) if "changes hands" in one]

    assert len(found) == bool(sentence)
    assert all(sentence in one for one in found)


def test_what_a_reader_may_not_see_is_not_named_on_its_renewal(client, world):
    nina, case = world.person("Nina"), world.active()
    near = case.expires_at - DAY
    renewal = world.renewal(case, near, backup_owner=nina)

    page = shown(client, nina, renewal, near + HOUR)
    own = shown(client, world.alice, renewal, near + HOUR)

    assert shown(client, world.alice, case, near + HOUR)
    assert case.reference not in page
    assert "What it renews ends" not in page
    assert f"from the end of {case.reference}" in own
    assert "What it renews ends" in own


def test_renewals_too_short_for_the_cause_are_told_from_the_end_or_from_now(client, world):
    case = world.active(remediation_on=(START + 200 * DAY).date())  # thirty days in force, of 180 in all

    near = shown(client, world.alice, case, case.expires_at - DAY, "case_renewal")
    services.complete(case=case, actor=world.alice, at=START + 2 * DAY, reason="Not needed now.")
    later = shown(client, world.alice, case, START + 40 * DAY, "case_renewal")

    assert "Not enough" in near
    assert "Not enough" not in later


def test_what_ended_says_how_its_safeguards_were(client, world):
    case = world.active()
    guard = case.safeguards.get()
    services.verify_safeguard(safeguard=guard, actor=world.connie, at=START + HOUR, statement="It fires.")
    services.complete(case=case, actor=world.alice, at=START + DAY, reason="Done.")
    assert "Was verified" in shown(client, world.alice, case, START + 2 * DAY)

    other = world.active(identity=world.make_identity("other"))
    services.report_failure(safeguard=other.safeguards.get(), actor=world.alice, at=START + HOUR, reason="It is off.")
    services.revoke(case=other, actor=world.connie, at=START + 2 * HOUR, reason="No safeguard.")
    page = shown(client, world.alice, other, START + 2 * DAY)
    assert "Had failed" in page
    assert "Was verified" not in page


def test_what_failed_is_asked_for_apart_from_what_waits(client, world):
    guards = [
        SafeguardContent(*one, required=False)
        for one in (("monitoring", "Alerts on any caller"), ("other", "Logs kept"))
    ]
    case = world.active(safeguards=guards)
    first = case.safeguards.get(description="Alerts on any caller")
    services.report_failure(safeguard=first, actor=world.alice, at=START + HOUR, reason="It is off.")

    client.force_login(world.alice)
    with time_machine.travel(START + 2 * HOUR, tick=False):
        form = client.get(reverse("case_comments", args=[case.reference]), {"ask": "verify"}).context["form"]

    again, anew = form["text"].value().split("\n")
    assert again.startswith("Please verify whether this works again")
    assert again.endswith(": Alerts on any caller")
    assert anew.startswith("Please verify")
    assert anew.endswith(": Logs kept")


def test_a_backup_owner_who_accepted_may_suspend_and_one_who_did_not_may_not(world):
    nina = world.person("Nina")
    case = world.draft(backup_owner=nina)
    case = world.activate(world.approve(world.submit(case, START), START), START)
    with pytest.raises(Exception, match="may suspend this"):
        services.suspend(case=case, actor=nina, at=START + HOUR, reason="Odd calls seen.")
    services.accept_backup(case=fresh(case), actor=nina, at=START + HOUR)

    assert services.suspend(case=fresh(case), actor=nina, at=START + 2 * HOUR, reason="Odd calls.").state == "suspended"


def test_a_backup_owner_who_audits_now_is_let_go(world):
    nina = world.person("Nina")
    case = world.active(backup_owner=nina)
    services.accept_backup(case=case, actor=nina, at=START + HOUR)
    assert services.let_backup_go(case=fresh(case), at=START + 2 * HOUR) is None
    people.set_roles(user=nina, actor=None, at=START + 2 * HOUR, is_auditor=True)

    services.let_backup_go(case=fresh(case), at=START + 3 * HOUR)

    row = fresh(case)
    assert row.backup_owner is None
    assert row.reviews.filter(trigger=Trigger.OWNER_CHANGED).get().why == "Its backup owner, Nina, audits now."
