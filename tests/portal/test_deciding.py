"""Deciding less, later, surer, together; and what one does while a request waits: through the pages."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.core import signing
from django.core.files.base import ContentFile
from django.urls import reverse

from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import ask, services
from exceptions_app.models import Assurance, Comment, Decision
from exceptions_app.scope import Scope
from portal.case.forms import shown_at
from portal.queue.bulk import LEFT
from tests.exceptions_app.world import DAY, HOUR, SINCE, World, fresh
from workflows.mails import words
from workflows.models import ApprovalRule, RuleStep

WORDS = "A stolen key would work for a month; the alert limits that."


def make_world():
    return World(at=datetime.now(UTC) - DAY)


def post(client, user, case, deed, **data):
    client.force_login(user)
    return client.post(f"/exceptions/{case.reference}/{deed}/", data)


def said(case, **further):
    return {"digest": ask.digest(fresh(case)), "statement": WORDS, "capacity": "Approver"} | further


def less(case, **changed):
    """What the form would post of the case's first grant, with these parts changed."""
    grant = case.grants.first()
    parts = {"actions": grant.actions, "resource": grant.resource, "networks": ", ".join(grant.networks)} | changed
    fields = {f"grants-{grant.pk}-{name}": value for name, value in parts.items()}
    return {"narrows": "True", "term_days": "30", "not_before_at": ""} | fields


def instant(at):
    """How a page marks up an instant."""
    return f'datetime="{at:%Y-%m-%dT%H:%M:%SZ}"'


def bound(case, **left):
    """What the page for many gives back of a request, of which earlier approvals left so much."""
    kept = {
        f"digest-{case.reference}": ask.digest(fresh(case)),
        f"left-{case.reference}": signing.dumps(left, salt=LEFT),
    }
    return {"case": case.reference} | kept


def page(client, user, path):
    client.force_login(user)
    return " ".join(client.get(path).content.decode().split())


def test_the_form_begins_with_what_is_asked_and_posted_so_narrows_nothing(client, world):
    case = world.requested()

    post(client, world.bob, case, "approval", **said(case), **less(case))

    assert Decision.objects.get().narrowing == {}
    assert case.grants.get().granted is None


def test_less_is_approved_and_shown_beside_what_was_asked(client, world):
    case = world.requested(grants=[world.grant("kv/erp/*", actions=("read", "write"))])
    changed = less(case, actions=["read"], resource="kv/erp/key", networks="10.4.0.0/16") | {"term_days": "7"}
    condition = {"safeguards-0-kind": "network", "safeguards-0-description": "Only from the jump host"}

    post(client, world.bob, case, "approval", **said(case), **changed, **condition)

    assert case.grants.get().opens == Scope(("read",), "kv/erp/key", ("10.4.0.0/16",))
    shown = page(client, world.alice, f"/exceptions/{case.reference}/")
    text = re.sub(r"<[^>]+>", "", shown)
    assert "Asked was: read and write kv/erp/*" in text
    assert "For 7 days at most" in text
    assert "Only read kv/erp/key, from 10.4.0.0/16" in text
    assert "Only with a further safeguard: Only from the jump host" in text
    assert "a condition of its approval" in text


def test_who_approves_reads_who_decides_after_them_before_and_after(client, world):
    case = world.requested(router=world.routed((world.group, 1), (world.make_group("CISO", "Cid"), 1)))

    before = page(client, world.bob, f"/exceptions/{case.reference}/")
    post(client, world.bob, case, "approval", **said(case))
    after = page(client, world.bob, f"/exceptions/{case.reference}/")

    assert "Your approval alone does not decide it: it also takes CISO." in before
    assert f"You approved {case.reference}. It is not decided yet: it waits for CISO." in after
    assert "nobody has accepted the risk" not in after


def test_who_approves_last_reads_for_how_long_and_when_it_starts(client, world):
    case = world.requested(safeguards=[world.safeguard(required=True)])

    post(client, world.bob, case, "approval", **said(case), **less(case) | {"term_days": "10"})
    after = page(client, world.bob, f"/exceptions/{case.reference}/")

    waits = "once its required safeguards are verified, by"
    told = f"It runs for 10 days {waits}"
    lapses_at = fresh(case).activate_by_at
    assert f"You approved {case.reference}. {told} <time {instant(lapses_at)}" in after
    assert f'<a href="/exceptions/{case.reference}/#safeguards">Go to the safeguards</a>' in after
    assert f"10 days after its start: at the latest on <time {instant(lapses_at + 10 * DAY)}" in after


def test_an_approver_is_told_that_nothing_has_changed_since_it_was_asked(client, world):
    case = world.requested()
    path, identity = f"/exceptions/{case.reference}/", world.identity

    before = page(client, world.bob, path)
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=world.start, vendor_name="Acme")
    after = page(client, world.bob, path)

    assert "Unchanged since it was asked on" in before
    assert "Unchanged since it was asked on" not in after


def test_who_comes_by_a_mail_is_told_whether_anything_has_changed_since(client, world):
    case, identity = world.requested(), world.identity
    link = urlsplit(words.link_as_told(case, ask.digest(case), world.bob))
    path = f"{link.path}?{link.query}"

    before = page(client, world.bob, path)
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=world.start, vendor_name="Acme")
    after = page(client, world.bob, path)

    assert "Nothing has changed since your mail." in before
    assert "The mail told it otherwise, or was not sent to you: read it again." in after
    for nonsense in ("", "0", "é" * 16):
        shown = page(client, world.bob, f"{link.path}?mail={nonsense}")
        assert "Nothing has changed since your mail." not in shown


def test_a_mail_vouches_for_its_reader_alone_and_for_the_safeguards_too(client, world):
    case = world.requested(safeguards=[world.safeguard(required=True)])
    link = urlsplit(words.link_as_told(case, ask.digest(case), world.bob))
    path = f"{link.path}?{link.query}"

    assert "Nothing has changed since your mail." in page(client, world.bob, path)
    assert "Nothing has changed since your mail." not in page(client, world.carol, path)
    guard = case.safeguards.get()
    services.verify_safeguard(safeguard=guard, actor=world.carol, at=world.start + HOUR, statement="It fired.")
    assert "Nothing has changed since your mail." not in page(client, world.bob, path)


def test_who_came_by_a_mail_and_has_more_to_decide_is_led_to_the_queue(client, world):
    first, second = world.requested(), world.requested()

    post(client, world.bob, first, "approval", **said(first))
    after_one = page(client, world.bob, f"/exceptions/{first.reference}/")
    post(client, world.bob, second, "approval", **said(second))
    after_both = page(client, world.bob, f"/exceptions/{second.reference}/")

    assert '1 more waits for your decision. <a href="/queue/">' in after_one
    assert "for your decision" not in after_both


def test_the_role_is_told_and_asked_for_only_where_it_is_missing(client, world):
    case = world.requested()

    begun = page(client, world.bob, f"/exceptions/{case.reference}/")
    emptied = post(client, world.bob, case, "approval", **said(case) | {"capacity": " "}).text

    assert re.search(r"You decide as</span>\s+<span class=.said.>Identity approvers", begun)
    assert "You decide as" not in emptied
    assert "Say in which role you accept the risk." in emptied


def test_what_was_sent_back_says_so_to_those_it_was_asked_of(client, world):
    case = world.requested()
    post(client, world.bob, case, "changes", digest=ask.digest(fresh(case)), reason="Name the job")

    shown = page(client, world.bob, f"/exceptions/{case.reference}/")

    assert "It was sent back for changes" in shown
    assert "It was not asked for yet" not in shown


def test_what_a_void_approval_took_back_is_still_told_as_of_the_request_it_was_given_to(client, world):
    case = world.requested(router=world.routed((world.group, 1), (world.make_group("CISO", "Cid"), 1)))
    post(client, world.bob, case, "approval", **said(case), **less(case, networks="10.4.0.0/16"))
    services.ask_for_changes(
        case=case,
        actor=world.person("Cid"),
        at=datetime.now(UTC),
        digest=ask.digest(fresh(case)),
        reason="Name it",
    )
    draft = fresh(case)
    services.save_draft(
        case=draft,
        actor=world.alice,
        at=datetime.now(UTC),
        version=draft.version,
        content=services.DraftContent({}, [world.grant("kv/other/*")], None),
    )

    text = re.sub(r"<[^>]+>", "", page(client, world.alice, f"/exceptions/{case.reference}/"))

    assert "Only read kv/erp/key, from 10.4.0.0/16" in text


def test_the_second_approver_sees_what_the_first_took_back(client, world):
    last = world.make_group("CISO", "Cid")
    case = world.requested(router=world.routed((world.group, 1), (last, 1)))
    post(client, world.bob, case, "approval", **said(case), **less(case) | {"term_days": "9"})

    shown = page(client, world.person("Cid"), f"/queue/?open={case.reference}")

    assert "Approved so far for less than is asked:" in shown
    assert "For 9 days at most" in shown
    assert re.search(r'name="term_days" value="9"', shown)


@pytest.mark.parametrize(
    ("wider", "sentence"),
    [
        ({"term_days": "31"}, "an approval can only shorten that"),
        ({"resource": "kv/*"}, "This reaches beyond kv/erp/key."),
        ({"networks": "ten"}, "ten"),
        ({"actions": []}, "Nothing would be left."),
    ],
)
def test_what_does_not_narrow_is_said_beside_its_field_and_keeps_the_text(client, world, wider, sentence):
    case = world.requested()
    grant = {name: value for name, value in wider.items() if name != "term_days"}
    fields = less(case, **grant) | {name: value for name, value in wider.items() if name == "term_days"}

    answer = post(client, world.bob, case, "approval", **said(case), **fields)

    shown = answer.content.decode()
    assert sentence in shown
    assert WORDS in shown
    assert '<details class="deed less" open>' in shown
    assert fresh(case).state == "requested"


def prove(client, method, minutes_ago=0, **further):
    """As if the person had proved who they are in this session."""
    session = client.session
    at = datetime.now(UTC).timestamp() - 60 * minutes_ago
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": at} | further]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def test_a_step_that_wants_a_fresh_sign_in_gets_it_and_no_word_is_lost(client, world):
    world.bob.set_password("norrsken-freight-9")
    world.bob.save()
    case = world.requested(router=world.routed((world.group, 1), assurance=Assurance.FRESH))
    path = f"/exceptions/{case.reference}/approval/"

    shown = page(client, world.bob, f"/exceptions/{case.reference}/")
    refused = client.post(path, said(case))
    kept = client.post(refused["Location"], {"password": "norrsken-freight-9"})
    again = client.get(kept["Location"]).content.decode()
    done = client.post(path, said(case))

    assert "sign in afresh, then approve" in shown
    assert refused["Location"].startswith(reverse("account_reauthenticate"))
    assert WORDS in again
    assert done["Location"] == f"/exceptions/{case.reference}/"
    [proof] = Decision.objects.get().sign_in["proofs"]
    assert proof["method"] == "password"
    assert "Signed in by password" in page(client, world.alice, f"/exceptions/{case.reference}/")


def test_who_has_no_second_factor_is_led_to_where_one_is_set_up(client, world):
    case = world.requested(router=world.routed((world.group, 1), assurance=Assurance.MFA))

    refused = post(client, world.bob, case, "approval", **said(case))

    assert refused["Location"] == reverse("profile_signing_in")
    assert "you have none yet" in page(client, world.bob, f"/exceptions/{case.reference}/")
    assert fresh(case).state == "requested"


def test_who_will_need_a_second_factor_reads_it_before_anything_is_asked(client, world):
    rule = ApprovalRule.objects.create(name="Critical", slug="critical", valid_from_at=world.start)
    RuleStep.objects.create(rule=rule, order=1, name="Group", source="group", group=world.group, assurance="mfa")

    assert "Rules that ask for it: Critical." in page(client, world.bob, "/")
    assert "second factor" not in page(client, world.alice, "/")
    assert "second factor" not in page(client, world.audrey, "/")


@pytest.mark.parametrize("post_it", [True, False])
def test_rejecting_names_a_reason_in_a_word(client, world, post_it):
    case = world.requested()
    word = {"preset": "too_wide"} if post_it else {}

    shown = post(client, world.bob, case, "rejection", digest=ask.digest(case), reason="Ask for one key.", **word)

    assert fresh(case).state == ("rejected" if post_it else "requested")
    if post_it:
        assert "It opens too much, or for too long" in page(client, world.alice, f"/exceptions/{case.reference}/")
    else:
        assert "Choose why, in a word: it is counted." in shown.content.decode()


def test_what_was_rejected_is_asked_again_in_one_press(client, world):
    case = world.rejected()

    shown = page(client, world.alice, f"/exceptions/{case.reference}/")
    answer = post(client, world.alice, case, "duplicate")

    assert "Ask again" in shown
    assert answer["Location"].endswith("/edit/") or "EXC-" in answer["Location"]


def test_stepping_aside_leaves_it_to_the_others(client, world):
    case = world.requested()

    post(client, world.bob, case, "recusal", reason="My sister asks.")

    assert "Stepped aside" in page(client, world.carol, f"/exceptions/{case.reference}/")
    assert case.title not in page(client, world.bob, "/queue/")
    assert case.title in page(client, world.carol, "/queue/")


def test_who_is_at_it_is_seen_in_the_queue_of_the_others(client, world):
    case = world.requested()

    post(client, world.bob, case, "taking", origin="queue")

    assert "you are at it" in page(client, world.bob, "/queue/?show=taken")
    assert "Bob is at it" in page(client, world.carol, "/queue/")
    assert "Nothing fits these filters" in page(client, world.carol, "/queue/?show=free")
    post(client, world.bob, case, "release")
    assert "is at it</span>" not in page(client, world.carol, "/queue/")


def test_the_requester_reminds_the_approvers_once_a_day(client, world):
    case = world.requested()

    first = post(client, world.alice, case, "reminder")
    second = post(client, world.alice, case, "reminder")

    assert first.status_code == 302
    assert second.status_code == 403
    assert "Once a day is enough" in second.content.decode()


def test_the_risk_is_raised_to_a_higher_one_only(client, world):
    case = world.requested(term_days=7)

    form = page(client, world.bob, f"/exceptions/{case.reference}/risk/")
    post(client, world.bob, case, "risk", tier="4", reason="It reaches payroll.")

    assert 'value="4"' in form
    assert 'value="2"' not in form
    assert fresh(case).risk_tier == 4
    text = page(client, world.alice, f"/exceptions/{case.reference}/")
    assert "raised the risk from moderate to critical" in text


def test_a_question_reaches_those_it_names_and_stays(client, world):
    case = world.requested()

    post(client, world.bob, case, "comments", text="Which key, @Olga?", to=[world.alice.pk])
    post(client, world.alice, case, "comments", text="The one of the night run.")
    nothing = post(client, world.alice, case, "comments", text=" ")

    asked, answered = Comment.objects.order_by("pk")
    assert set(asked.told) == {str(world.alice.pseudonym), str(world.olga.pseudonym)}
    assert answered.told == []
    assert "Write what you want to say." in nothing.content.decode()
    shown = page(client, world.carol, f"/exceptions/{case.reference}/")
    assert shown.count("Which key, @Olga?") == 2  # in the conversation, and in the history
    assert "2 comments" in page(client, world.bob, f"/queue/?open={case.reference}")


@pytest.mark.parametrize("deed", ["recusal", "taking", "release", "reminder", "risk", "comments"])
def test_whom_it_does_not_concern_it_turns_away(client, world, deed):
    case = world.requested()

    assert post(client, world.mallory, case, deed, reason="x", text="x", tier="4").status_code == 404
    assert post(client, world.audrey, case, deed, reason="x", text="x", tier="4").status_code == 403


@pytest.fixture
def several(world):
    """Two that may be approved together, one decided one by one, one from which Bob gains."""
    together, alone = ({"router": world.routed((world.group, 1), in_bulk=yes)} for yes in (True, False))
    return [
        world.requested(title="First", **together),
        world.requested(title="Second", **together),
        world.requested(title="Alone", **alone),
        world.requested(title="His own", owner=world.bob, **together),
    ]


def test_only_what_allows_it_can_be_marked(client, world, several):
    shown = page(client, world.bob, "/queue/")

    assert [case.title for case in several if f'value="{case.reference}"' in shown] == ["First", "Second"]


def test_those_marked_are_shown_as_they_stand_and_the_others_say_why_not(client, world, several):
    client.force_login(world.bob)

    shown = " ".join(
        client.get("/queue/approval/", {"case": [one.reference for one in several]}).content.decode().split()
    )

    assert "Approve 2 requests</h1>" in shown
    assert "This step is decided one by one: open it and read it." in shown
    assert "so someone else decides" in shown
    assert [case.title for case in several if f"digest-{case.reference}" in shown] == ["First", "Second"]


def test_each_is_approved_for_itself_and_what_changed_stays(client, world, several):
    second = several[1]
    client.force_login(world.bob)
    data = {name: value for case in several for name, value in bound(case).items()}
    data |= {"case": [case.reference for case in several], "statement": WORDS}
    services.amend(
        case=second,
        actor=world.alice,
        at=world.start + HOUR,
        version=fresh(second).version,
        content=services.DraftContent({"term_days": 9}),
        router=world.routed((world.group, 1), in_bulk=True),
    )

    shown = client.post("/queue/approval/", data).content.decode()

    assert [fresh(case).state for case in several] == ["approved", "requested", "requested", "requested"]
    assert "You approved 1 request<" in shown
    assert "This changed after you opened it" in shown
    assert Decision.objects.get().statement == WORDS


def test_of_each_it_is_kept_when_the_page_showed_it_first(client, world, several):
    case = several[0]
    shown = page(client, world.bob, f"/queue/approval/?case={case.reference}")
    [note] = re.findall(rf'name="shown-{case.reference}" value="([^"]+)"', shown)
    data = bound(case) | {f"shown-{case.reference}": note}

    again = client.post("/queue/approval/", data | {"statement": ""}).content.decode()
    client.post("/queue/approval/", data | {"statement": WORDS})

    assert note in again
    assert (
        Decision.objects.get().sign_in["shown_at"]
        == shown_at(note, case.reference, ask.digest(case), world.bob).isoformat()
    )


def test_many_are_approved_for_what_earlier_steps_left_of_each(client, world):
    last = world.make_group("CISO", "Cid")
    case = world.requested(router=world.routed((world.group, 1), (last, 1), in_bulk=True))
    post(client, world.bob, case, "approval", **said(case), **less(case) | {"term_days": "10"})
    client.force_login(world.person("Cid"))

    shown = client.get("/queue/approval/", {"case": case.reference}).content.decode()
    client.post("/queue/approval/", bound(case, term_days=10) | {"statement": WORDS})

    assert "Approved so far for less, and by you for no more: For 10 days at most." in shown
    kept = Decision.objects.get(person=world.person("Cid")).narrowing
    assert kept == {"term_days": 10, "as_left": True}


def test_many_are_approved_for_no_more_than_their_page_said_was_left(client, world):
    router = world.routed((world.group, 2), in_bulk=True)
    end = {"term_days": None, "end_on": (world.start + 20 * DAY).date(), "end_zone": "UTC"}
    case = world.requested(router=router, **end)
    post(client, world.bob, case, "approval", **said(case), **less(case) | {"term_days": "5"})
    shown = page(client, world.carol, f"/queue/approval/?case={case.reference}")
    hidden = dict(re.findall(r'name="((?:digest|shown|left)-[^"]+)" value="([^"]*)"', shown))
    now = {"actor": world.alice, "at": world.start + HOUR, "version": fresh(case).version}
    services.amend(case=case, content=services.DraftContent({}), router=router, **now)

    client.post("/queue/approval/", hidden | {"case": case.reference, "statement": WORDS})

    assert Decision.objects.get(person=world.carol).narrowing == {"term_days": 5}


def test_what_was_left_is_taken_from_no_page_but_ours(client, world, several):
    case = several[0]
    client.force_login(world.bob)

    shown = client.post("/queue/approval/", bound(case) | {f"left-{case.reference}": "{}", "statement": WORDS})

    assert "This changed after you opened it" in shown.content.decode()
    assert fresh(case).state == "requested"


def test_what_answers_to_other_facts_took_back_is_not_told_as_left(client, world):
    case = world.requested(router=world.routed((world.group, 2)))
    post(client, world.bob, case, "approval", **said(case), **less(case) | {"term_days": "5"})
    before = page(client, world.carol, f"/exceptions/{case.reference}/")
    type(world.system).objects.filter(pk=world.system.pk).update(name="Vault two")

    after = page(client, world.carol, f"/exceptions/{case.reference}/")

    told = "Approved so far for less than is asked:"
    assert [told in shown for shown in (before, after)] == [True, False]


def test_who_approves_a_renewal_in_time_reads_when_it_begins(client, world):
    case = world.active()
    ends_at = fresh(case).expires_at
    with time_machine.travel(ends_at - 5 * DAY, tick=False):
        renewal = services.renew(case=case, actor=world.alice, at=ends_at - 5 * DAY, changed=SINCE)
        renewal = world.submit(renewal, ends_at - 5 * DAY)
        post(client, world.bob, renewal, "approval", **said(renewal))

        assert "Not in force yet: begins on" in page(client, world.bob, f"/exceptions/{renewal.reference}/")


def test_a_word_that_names_no_risk_is_asked_for_again_and_kept(client, world, several):
    case = several[0]

    alone = post(client, world.bob, case, "approval", **said(case, statement="Fine"), **less(case)).content.decode()
    together = client.post("/queue/approval/", bound(case) | {"statement": "Fine"}).content.decode()

    for shown in (alone, together):
        assert "That names no risk yet: say in a few words which you accept." in shown
        assert ">\nFine</textarea>" in shown
    assert not Decision.objects.exists()


def test_a_page_shown_again_still_binds_to_what_the_first_one_showed(client, world, several):
    case = several[0]
    client.force_login(world.bob)
    data = bound(case) | {"statement": ""}
    content = services.DraftContent({"exit_plan": "None at all."})
    router = world.routed((world.group, 1), in_bulk=True)
    now = {"actor": world.alice, "at": world.start + HOUR, "version": fresh(case).version}
    services.amend(case=case, content=content, router=router, **now)

    again = client.post("/queue/approval/", data).content.decode()
    client.post("/queue/approval/", data | {"statement": WORDS})

    assert "This changed after you opened it" in again
    assert f"digest-{case.reference}" not in again
    assert fresh(case).state == "requested"


def test_the_queries_do_not_grow_with_what_is_marked(client, world, django_assert_max_num_queries):
    router = world.routed((world.group, 1), in_bulk=True)
    cases = [world.requested(identity=world.make_identity(f"robot-{n}"), router=router) for n in range(8)]
    client.force_login(world.bob)

    with django_assert_max_num_queries(30):
        client.get("/queue/approval/", {"case": [case.reference for case in cases]})


def test_when_it_was_shown_is_of_the_document_and_the_person(client, world):
    case = world.requested()
    other = re.search(r'name="shown" value="([^"]+)"', page(client, world.carol, f"/exceptions/{case.reference}/"))[1]
    own = re.search(r'name="shown" value="([^"]+)"', page(client, world.bob, f"/exceptions/{case.reference}/"))[1]
    digest = ask.digest(case)

    assert shown_at(own, case.reference, digest, world.bob) is not None
    assert shown_at(own, case.reference, "0" * 64, world.bob) is None
    assert shown_at(other, case.reference, digest, world.bob) is None
    post(client, world.bob, case, "approval", **said(case, shown=own))
    assert "shown_at" in Decision.objects.get().sign_in


def test_what_goes_back_leads_to_the_queue_and_says_so(client, world):
    last = world.make_group("CISO", "Cid")
    grants = [world.grant("kv/erp/*", actions=("read", "write"))]
    case = world.requested(grants=grants, router=world.routed((world.group, 1), (last, 1)))
    post(client, world.bob, case, "approval", **said(case), **less(case, actions=["read"]))

    answer = post(client, world.person("Cid"), case, "approval", **said(case), **less(case, actions=["write"]))

    assert answer["Location"] == "/queue/"
    assert "have nothing in common, so it went back" in client.get("/queue/").content.decode()


def test_what_was_not_confirmed_is_not_approved(client, world, several):
    client.force_login(world.bob)

    client.post("/queue/approval/", {"case": several[0].reference, "statement": WORDS})

    assert fresh(several[0]).state == "requested"


def test_marking_nothing_and_saying_nothing_says_so(client, world, several):
    client.force_login(world.bob)
    data = bound(several[0]) | {"statement": ""}

    assert "No request was marked." in client.get("/queue/approval/").content.decode()
    assert "Say which risk you accept" in client.post("/queue/approval/", data).content.decode()
    assert fresh(several[0]).state == "requested"


def asked_in_full(world):
    """A renewal in which every part of the document that is decided on is filled in."""
    terms = {"required_safeguards": {"monitoring": int(Tier.LOW)}, "severity": Tier.HIGH}
    control = world.make_control("NHI-LOG-02", title="Calls are logged", statement="Each call leaves a line.", **terms)
    identity = world.make_identity("mail-sync", vendor=catalog.create_vendor(name="Acme", actor=None, at=world.start))
    gate = world.make_system("Mail gate", slug="gate-7", criticality=Tier.CRITICAL)
    grants = [world.grant("mail/out/*", system=gate, networks=("10.4.0.0/16",), conditions="At night")]
    common = {"control": control, "identity": identity, "grants": grants, "impact": 4, "raised_tier": Tier.HIGH}
    guards = [world.safeguard(required=True), world.safeguard("A second pair of eyes")]
    earlier = world.approved(term_days=5, safeguards=guards, **common)
    looked = {"actor": world.connie, "at": world.start, "statement": "It fired."}
    services.verify_safeguard(safeguard=earlier.safeguards.get(required=True), **looked)
    world.activate(earlier, world.start)
    services.complete(case=earlier, actor=world.alice, at=world.start + HOUR, reason="It works again.")
    references = {"change_ref": "CHG-17", "incident_ref": "INC-18", "ticket_ref": "TCK-19"}
    fields = references | {
        "excess": "It reads all.",
        "excess_reason": "One right for all.",
        "backup_owner": world.petra,
    }
    draft = services.renew(case=fresh(earlier), actor=world.alice, at=world.start + HOUR, changed=SINCE)
    content = services.DraftContent(fields)
    now = {"actor": world.alice, "at": world.start + HOUR}
    services.save_draft(case=draft, version=draft.version, content=content, **now)
    services.attach_link(case=draft, title="Vendor answer", url="https://acme.example/9", **now)
    file = ContentFile(b"Proven.", name="proof.txt")
    services.attach_file(case=draft, title="Trial run", upload=file, **now)
    router = world.routed((world.group, 1), in_bulk=True)
    return world.submit(draft, world.start + HOUR, router=router)


def told(document):
    """What each part of a document says to the eye, in the world's words."""
    ask_, facts = document["ask"], document["facts"]
    texts = ["title", "blocked", "normal_path", "justification", "if_conditions_change", "exit_plan", "excess"]
    texts += ["excess_reason", "change_ref", "incident_ref", "ticket_ref", "reference", "renews", *SINCE]
    yield from (ask_[name] for name in texts)
    yield f"likelihood {ask_['likelihood']} × impact {ask_['impact']}"
    yield from (f"raised by a person to {Tier(ask_['raised_tier']).label}", f"Renewal number {ask_['renewal_number']}")
    yield from ("Long-lived secret", f"for {ask_['term_days']} days", f'datetime="{ask_["remediation_on"]}"')
    yield from (">Alice<", ">Olga<", ">Petra ", "has not answered yet", "https://acme.example/9")
    yield from (ask_["evidence"][0]["title"], ask_["evidence"][1]["title"], ask_["evidence"][1]["sha256"])
    yield from ("mail/out/*", "10.4.0.0/16", "At night", "Mail gate (gate-7): Staging, criticality Critical")
    yield from ("Alerts on any other caller</span>", "Required, not verified", "A second pair of eyes</span>")
    yield from ("Monitoring or alerting:</span>", "Monitoring or alerting, not required before the start:</span>")
    yield from (facts["control"][name] for name in ("code", "title", "statement"))
    yield f"Severity High, owned by Connie. At this risk at most {facts['control']['term_cap_days']} days at a time, "
    yield from (
        "with: monitoring or alerting.",
        "mail-sync",
        "Service account, Staging, vendor Acme; owned by Olive",
        "Closed",
    )


@pytest.mark.parametrize("place", ["/queue/approval/?case={}", "/queue/?open={}", "/exceptions/{}/approval/"])
def test_all_that_an_approval_binds_to_is_on_the_screen(client, world, place):
    case = asked_in_full(world)

    shown = unescape(page(client, world.bob, place.format(case.reference))).casefold()

    assert [words for words in told(ask.document(case)) if words.casefold() not in shown] == []


def test_the_digest_of_a_page_for_many_is_of_the_rows_it_shows(client, world):
    case = asked_in_full(world)

    assert ask.digest(case) in page(client, world.bob, f"/queue/approval/?case={case.reference}")


def after_writing(client, world, case, text):
    """What the page says once the comment is written, but for the text itself."""
    post(client, world.alice, case, "comments", text=text)
    return unescape(" ".join(client.get(f"/exceptions/{case.reference}/").content.decode().split()))


def test_who_is_on_the_page_and_takes_no_part_is_named_as_not_told(client, world):
    later = world.make_group("CISO", "Cid", "Dora")
    case = world.requested(router=world.routed((world.group, 1), (later, 1)))

    shown = after_writing(client, world, case, "@Cid and @dora, and @Bob: please look.")

    assert "Cid and Dora were not told: only those who take part in it are." in shown
    assert "Whom you named" not in shown
    assert Comment.objects.get().told == [str(world.bob.pseudonym)]


@pytest.mark.parametrize("name", ["Mallory", "Nobody"])
def test_whether_anybody_else_exists_is_not_told(client, world, name):
    world.mallory  # noqa: B018 — is a user
    case = world.requested()

    shown = after_writing(client, world, case, f"What does @{name} say?")

    assert "Whom you named and who takes no part in it is not told: only those who take part are." in shown
    assert f"{name} was not told" not in shown


def test_who_takes_part_and_an_address_are_no_missed_mention(client, world):
    case = world.requested()

    shown = after_writing(client, world, case, "@Bob, @olga@example.org, @Alice: write to help@vendor.example.")

    assert "not told" not in shown
