"""The case page: who sees it, what it answers, and that it costs the same however much has happened."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from accounts import services as people
from accounts.models import User
from audit import clock
from audit import services as ledger
from audit.actors import SYSTEM
from catalog.models import Tier
from exceptions_app import rules, services
from exceptions_app.models import Comment
from exceptions_app.queries import case as queries
from exceptions_app.queries.witnessing import witnesses_of
from exceptions_app.services import DraftContent
from portal.case.telling import TELLERS
from tests.exceptions_app.world import DAY, HOUR, World, fresh
from workflows.reactions import REACTIONS


def make_world():
    """Ten days ago the company came to be; a request waits nine days."""
    return World(at=datetime.now(UTC) - 10 * DAY, decide_within=90 * DAY)


def page(client, user, case, query=""):
    client.force_login(user)
    return client.get(f"/exceptions/{case.reference}/{query}")


def text(response):
    return " ".join(response.content.decode().split())


def test_case_exists_for_those_it_concerns_and_for_nobody_else(client, world):
    case = world.requested()
    path = f"/exceptions/{case.reference}/"

    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    for user in (world.alice, world.olga, world.bob, world.connie, world.audrey, world.petra):
        assert page(client, user, case).status_code == 200, user
    assert page(client, world.mallory, case).status_code == 404
    assert page(client, world.bob, world.draft(identity=world.make_identity("b"))).status_code == 404
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Tokyo", "America/New_York", "Pacific/Pago_Pago"])
def test_page_stands_whatever_day_is_stored(client, world, day, zone):
    case = world.draft(end_on=day, end_zone=zone, term_days=None)

    for reader in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        world.alice.time_zone = reader
        world.alice.save()
        assert page(client, world.alice, case).status_code == 200
        assert page(client, world.alice, case, "draft/").status_code == 200
        assert [client.get(path).status_code for path in ("/", "/exceptions/")] == [200, 200]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "It was not asked for yet"),
        ("requested", "Not in force: it is not approved yet."),
        ("approved", "Not in force yet: the clock starts it within a minute or so."),
        ("active", "In force now."),
        ("suspended", "Not in force: suspended until someone who does not gain lets it resume."),
        ("revoked", "Not confirmed removed"),
        ("rejected", "Rejected by Bob"),
        ("withdrawn", "Never began"),
    ],
)
def test_page_answers_in_every_state(client, world, state, words):
    case = getattr(world, state)()

    response = page(client, world.audrey, case)

    assert words in text(response)
    assert ("In force now." in text(response)) == (state == "active")


def test_a_suspended_one_says_who_suspended_it_why_and_whose_turn_it_is(client, world):
    case = world.suspended()

    shown = " ".join(text(page(client, world.alice, case)).split())

    assert "Connie suspended it, " in bold(shown)
    assert shown.index("Odd calls seen.") < shown.index("Opens")
    assert re.search(r"It is up to [^.]*\bBob\b[^.]* to resume it\.", shown)
    assert "?ask=resume" in shown
    assert "Connie" in [person.name for person in page(client, world.alice, case).context["comment_form"].people]


def test_one_that_nobody_owns_is_suspended_by_the_clock_and_cannot_resume_before_somebody_does(client, world):
    dan, petra = world.person("Dan"), world.petra
    case = world.active(owner=dan)
    people.deactivate(user=dan, actor=None, at=clock.now())
    services.hand_over_orphan(case=case, at=clock.now())

    shown = text(page(client, world.alice, fresh(case)))

    assert bold(shown).startswith("The clock suspended it: its owner left and nobody takes over")
    assert "Nobody owns it: its owner has left, or audits now. A programme manager hands it over first." in shown
    assert "It is up to" not in shown
    assert "?ask=resume" not in shown
    assert "Who may hand it over: Petra" in shown
    form = ask(client, world, case, "offer_ownership").context["form"]
    assert form["to"].value() == [petra.pk]
    assert form["text"].value() == "Nobody owns this any more. Please hand it over, or end it."


def bold(shown):
    """The first words in bold, without their marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", re.search(r"<strong>(.*?)</strong>", shown)[1]).split()).replace(" ,", ",")


def ask(client, world, case, what):
    client.force_login(world.alice)
    return client.get(f"/exceptions/{case.reference}/comments/", {"ask": what})


def test_what_somebody_asked_for_is_told_on_their_home(client, world):
    case = world.active()
    services.report_failure(safeguard=case.safeguards.get(), actor=world.alice, at=clock.now(), reason="It is off.")
    client.force_login(world.alice)
    before = text(client.get("/"))

    services.comment(case=case, actor=world.alice, at=clock.now(), text="Please look.", to=[world.bob])

    assert "failed, to be mended; out of force" in before
    assert "you wrote" not in before
    assert "you wrote" in text(client.get("/"))


def test_who_may_verify_is_named_and_asked_in_two_presses(client, world):
    case = world.active()
    services.report_failure(safeguard=case.safeguards.get(), actor=world.alice, at=clock.now(), reason="It is off.")

    shown = text(page(client, world.alice, case))
    form = ask(client, world, case, "verify").context["form"]
    client.post(
        f"/exceptions/{case.reference}/comments/?ask=verify", {"text": form["text"].value(), "to": form["to"].value()}
    )

    assert "Who may verify them:" in shown
    assert "?ask=verify" in shown
    comment = Comment.objects.get()
    assert comment.text.startswith("Please verify whether this works again by ")
    able = [one for one in User.objects.all() if rules.why_not(one, "verify", fresh(case), clock.now()) is None]
    assert {one.pseudonym for one in able} >= {UUID(key) for key in comment.told} != set()
    assert set(witnesses_of(fresh(case), clock.now())) == set(able)


def test_who_may_confirm_is_named_and_asked(client, world):
    case = world.revoked()

    assert "Who may confirm that it is gone:" in text(page(client, world.alice, case))
    form = ask(client, world, case, "confirm_removal").context["form"]
    assert form["text"].value().startswith("Please confirm that this access is gone: ")
    assert form["to"].value()


def test_who_may_do_it_is_not_told_to_ask(client, world):
    case = world.revoked()

    assert "?ask=" not in text(page(client, world.connie, case))


def test_case_past_its_end_is_not_shown_in_force_while_the_sweep_sleeps(client, world):
    case = world.active(term_days=5)
    assert fresh(case).state == "active"

    response = page(client, world.olga, case)

    shown = text(response)
    assert "No longer in force. The clock is about to record its end." in shown
    assert "could read" in shown
    assert "In force now" not in shown
    assert "Its end has come, and it is no longer in force." in shown
    assert response.context["standing"].state == "closed"


def test_grants_safeguards_and_decisions_are_told_in_plain_words(client, world):
    grant = world.grant("kv/prod/erp/*", actions=("read", "list"), networks=("10.4.0.0/16",), conditions="At night")
    case = world.active(grants=[grant])

    shown = text(page(client, world.audrey, case))

    assert "<strong>erp-sync</strong> may read and list <code>kv/prod/erp/*</code> on Vault" in shown
    assert "from <code>10.4.0.0/16</code> until <time" in shown
    assert '<span class="muted">Only if:</span> At night' in shown
    assert "0 of 1 verified" in shown
    assert "I accept that a stolen key works for 30 days." in shown
    assert "Head of identity" in shown


@pytest.mark.parametrize(("days", "told"), [(20, None), (25, " it ends if started now<"), (500, " it ends<")])
def test_a_cause_that_is_mended_after_the_end_is_named(client, world, days, told):
    day = (world.start + days * DAY).date()
    case = world.requested(remediation_on=day, term_days=12)

    shown = text(page(client, world.bob, case))
    mended = shown.partition(f'<time datetime="{day}">{day:%-d %b %Y}</time>')[2].partition("</dd>")[0]

    assert told in mended if told else "badge" not in mended


def test_who_decides_reads_beside_the_button_how_often_it_was_excepted_before(client, world):
    first = world.active()
    services.complete(case=first, actor=world.alice, at=world.start + HOUR, reason="Done.")
    case = world.requested(world.start + HOUR)

    shown = text(page(client, world.bob, case))

    assert f'#past-{case.pk}">1 earlier exception for this control and identity</a>' in shown
    assert f'id="past-{case.pk}"' in shown
    assert "earlier exception" not in text(page(client, world.bob, first))


def test_who_decides_reads_when_it_ends_at_the_earliest(client, world):
    case = world.requested()
    early = localtime() + 30 * DAY

    shown = text(page(client, world.bob, case))
    assert "for 30 days from its start." in shown
    assert f"<dt>Ends</dt><dd>{early:%-d %B %Y} if it starts at once, <time" in shown


def test_refused_acts_stay_visible_with_their_reason(client, world):
    case = world.requested()

    asks = text(page(client, world.alice, case))
    audits = text(page(client, world.audrey, case))
    decides = text(page(client, world.bob, case))

    assert "You asked for this exception, own it or edited it, or stand in for someone who did" in asks
    assert 'aria-disabled="true"' in asks
    assert "Auditors read everything and change nothing." in audits
    assert "Nothing waits for you here." in audits
    assert "Approve for 30 days" in decides


def test_a_backup_owner_who_never_answered_is_not_waited_for(client, world):
    unanswered = {"backup_owner": world.olga, "owner": world.alice}

    open_ = text(page(client, world.audrey, world.requested(**unanswered)))
    ended = text(page(client, world.audrey, world.closed(identity=world.make_identity("b"), **unanswered)))

    assert "has not answered yet" in open_
    assert "never answered" in ended
    assert "has not answered yet" not in ended


def test_verifying_is_offered_while_something_is_left_to_verify(client, world):
    case = world.requested()
    assert ">Verify a safeguard</a>" in text(page(client, world.bob, case)).replace("</svg>", ">")

    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.bob, at=world.start, statement="It fired.")

    after = text(page(client, world.bob, case))
    assert "Verify a safeguard" not in after
    assert "Verify again" in after


def test_an_approver_is_led_to_the_answer_from_the_head_of_the_page(client, world):
    case = world.requested()

    head = text(page(client, world.bob, case)).partition("</header>")[2].partition("<ol")[0]

    assert 'href="#approval-statement"' in head


def test_draft_offers_its_requester_to_continue(client, world):
    case = world.draft()

    assert f'href="/exceptions/{case.reference}/draft/"' in text(page(client, world.alice, case))


def test_who_is_asked_and_void_answers_are_listed(client, world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, world.start)
    content = world.content(title="Another title")
    services.amend(
        case=case, actor=world.alice, at=world.start, version=fresh(case).version, content=content, router=world.router
    )

    shown = text(page(client, world.audrey, case))

    assert "Round 1, no longer counts:" in shown
    assert "No longer counts: The request was changed." in shown
    assert "Asked:" in shown


def test_every_kind_of_event_has_words():
    kinds = {
        kind for kind in REACTIONS if kind.partition(".")[0] in {"case", "safeguard", "removal", "backup", "evidence"}
    }

    assert kinds <= set(TELLERS)


def test_edits_show_what_changed_word_by_word(client, world):
    case = world.draft()
    changed = DraftContent(
        {"justification": "Invoices stop if the nightly sync stops."}, grants=[world.grant("kv/new/*")]
    )
    services.save_draft(case=case, actor=world.alice, at=world.start + HOUR, version=case.version, content=changed)

    shown = text(page(client, world.alice, case))

    assert "2 changes" in shown
    assert "<ins>nightly </ins>" in shown
    assert re.search("<del>kv/erp/key</del>.*<ins>kv/new/\\*</ins>", shown)


def test_erased_words_leave_the_event_standing(client, world):
    case = world.draft()
    ledger.erase(person=world.alice.pseudonym, actor=SYSTEM, at=world.start, reason="Asked for it.")

    shown = text(page(client, world.petra, case))

    assert "What was written here has been erased." in shown
    assert "Erased" in shown
    assert "opened the draft" in shown


def test_queries_do_not_grow_with_what_happened(client, world):
    case = world.draft()
    page(client, world.petra, case)
    edit(world, case, 2)
    with CaptureQueriesContext(connection) as few:
        client.get(f"/exceptions/{case.reference}/")
    edit(world, case, 12)

    with CaptureQueriesContext(connection) as many:
        client.get(f"/exceptions/{case.reference}/")

    assert len(many) == len(few)
    assert len(few) < 40


def edit(world, case, times):
    for number in range(times):
        row = fresh(case)
        content = DraftContent({"title": f"Title {row.version}"}, grants=[world.grant(f"kv/{number}")])
        services.save_draft(case=row, actor=world.alice, at=world.start + HOUR, version=row.version, content=content)


def test_long_timelines_are_paged_by_sequence(client, world, monkeypatch):
    monkeypatch.setattr(queries.timeline, "__kwdefaults__", {"before": None, "size": 3})
    case = world.draft()
    edit(world, case, 5)

    first = page(client, world.petra, case)
    second = page(client, world.petra, case, "?before=4")

    assert [line.entry.event.sequence for line in first.context["lines"]] == [6, 5, 4]
    assert "?before=4#timeline" in text(first)
    assert [line.entry.event.sequence for line in second.context["lines"]] == [3, 2, 1]
    assert page(client, world.petra, case, "?before=nonsense").status_code == 200


def test_what_counts_as_a_renewal_says_after_which_exception(client, world):
    earlier = world.revoked()
    case = world.requested(earlier.ended_at + HOUR)

    for user in (world.alice, world.bob):
        shown = text(page(client, user, case))
        assert "Counts as renewal 1:" in shown
        assert f'href="/exceptions/{earlier.reference}/">{earlier.reference}</a> had the same control' in shown
    client.force_login(world.bob)
    assert "Counts as renewal 1" in text(client.get("/queue/"))
    assert "counts as renewal 1" in text(client.get("/exceptions/"))


def test_a_renewal_that_was_asked_for_says_what_it_renews(client, world):
    earlier = world.active()
    case = world.renewal(earlier, world.start + DAY)

    shown = text(page(client, world.bob, case))

    assert "Renewal number 1" in shown
    assert "Counts as" not in shown


def test_what_one_cannot_do_does_not_stand_under_what_one_can(client, world):
    shown = text(page(client, world.alice, world.requested()))

    assert shown.index("What you can do") < shown.index("What you cannot do") < shown.index(">Approve</button>")


def barred(shown):
    """The lines of whom a step asks who may not decide, by reason, without markup."""
    lines = re.findall(r'<p class="line small">(<span class="muted">May not decide.*?)</p>', shown)
    return [" ".join(re.sub(r"<span class=\"avatar.*?</span>|<.*?>", " ", line).split()) for line in lines]


def test_an_open_step_names_whom_it_asks_who_may_not_decide_and_why(client, world):
    editor, proxy = world.person("Edgar"), world.person("Proxy")
    for person in (world.alice, world.olga, world.olive, editor, proxy):
        people.add_member(group=world.group, member=person, actor=None, at=world.start)
    named = {"from_at": world.start, "until_at": world.start + 50 * DAY, "reason": "Leave"}
    absence = people.announce_absence(user=world.olive, actor=world.olive, delegate=proxy, at=world.start, **named)
    people.accept_delegation(absence=absence, actor=proxy, at=world.start)
    draft = world.draft(owner=editor, backup_owner=world.frida)
    for actor, owner in ((editor, editor), (world.alice, world.olga)):
        version = fresh(draft).version
        content = DraftContent({"owner": owner, "title": f"As {actor} says"})
        services.save_draft(case=draft, actor=actor, at=world.start, version=version, content=content)
    case = world.submit(draft, world.start)
    services.recuse(case=case, actor=world.bob, at=world.start, reason="My sister asks.")

    shown = text(page(client, world.alice, case))

    assert barred(shown) == [
        "May not decide because they asked for it: Alice",
        "May not decide because they own it: Olga",
        "May not decide because the identity is theirs: Olive",
        "May not decide because they edited the text, or answered for it before: Edgar",
        "May not decide because they stand in for someone who gains: Proxy",
        "May not decide because they stepped aside: Bob",
    ]


def test_whom_no_step_asks_is_not_named_as_barred(client, world):
    assert barred(text(page(client, world.audrey, world.requested()))) == []


def test_on_a_critical_request_the_second_step_names_who_decided_the_first(client, world):
    router = world.routed((world.group, 1), (world.group, 1))
    case = world.requested(raised_tier=Tier.CRITICAL, term_days=7, router=router)
    world.approve(case, world.start)

    assert barred(text(page(client, world.alice, case))) == [
        "May not decide because they decided another step, and nobody decides two where the risk is critical: Bob"
    ]


def test_a_case_that_is_decided_names_nobody_as_barred(client, world):
    people.add_member(group=world.group, member=world.alice, actor=None, at=world.start)

    assert barred(text(page(client, world.audrey, world.approved()))) == []


def test_whoever_an_appeal_asks_is_not_said_to_be_untold(client, world):
    case = world.active(safeguards=[world.safeguard(description="Alerts go to @soc")])
    services.report_failure(safeguard=case.safeguards.get(), actor=world.alice, at=clock.now(), reason="It is off.")
    form = ask(client, world, case, "verify").context["form"]
    said = {"text": f"{form['text'].value()} @Carol", "to": form["to"].value()}

    answer = client.post(f"/exceptions/{case.reference}/comments/?ask=verify", said, follow=True)

    assert Comment.objects.get().told
    assert "told: only those" not in text(answer)


def test_an_appeal_fits_into_a_comment_however_much_there_is_to_name(client, world):
    many = [world.safeguard(description=f"{number} {'x' * 900}") for number in range(7)]
    case = world.active(safeguards=many)
    for guard in case.safeguards.all():
        services.report_failure(safeguard=guard, actor=world.alice, at=clock.now(), reason="It is off.")
    form = ask(client, world, case, "verify").context["form"]

    said = {"text": form["text"].value(), "to": form["to"].value()}
    client.post(f"/exceptions/{case.reference}/comments/?ask=verify", said)

    assert Comment.objects.get().text.endswith("2 others")
