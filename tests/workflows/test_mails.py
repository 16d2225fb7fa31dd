"""What each mail says, to whom, and how it reads. A real mail server."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts import services as accounts
from exceptions_app import ask
from exceptions_app import services as cases
from exceptions_app.models import Outcome, Trigger
from exceptions_app.narrowing import Narrowing
from exceptions_app.routing import RoutePlan, StepPlan
from tests.workflows.stage import ANSWERS, AT, DAY, fresh, person
from tests.workflows.test_effects import work
from workflows import mails, sweeps
from workflows import services as workflows
from workflows.mails.words import mark, minute, one_line

HOUR = DAY / 24


def decide(stage, case, verb, at=AT, **words):
    return verb(case=case, actor=stage.bob, at=at, digest=ask.digest(fresh(case)), **words)


def clock(at):
    sweeps.run_all(sweeps.CLOCK, name="sweep_clock", at=at)


def remind(at):
    sweeps.run_all(sweeps.REMINDERS, name="sweep_reminders", at=at)


def rejected(stage):
    decide(stage, stage.requested(), cases.reject, reason="Build the rule first")


def returned(stage):
    case = stage.requested()
    work()
    decide(stage, case, cases.ask_for_changes, reason="Name the hosts")


def lapsed_undecided(stage):
    stage.requested()
    clock(AT + 7 * DAY)


def withdrawn(stage):
    case = stage.requested()
    work()
    cases.withdraw(case=case, actor=stage.alice, at=AT, reason="Not needed any more")


def reopened(stage):
    case = stage.approved()
    accounts.remove_member(group=stage.group, member=stage.bob, actor=None, at=AT)
    clock(AT)
    assert fresh(case).state == "requested"


def suspended(stage):
    cases.suspend(case=stage.active(), actor=stage.bob, at=AT + DAY, reason="Seen from outside")


def resumed(stage):
    case = stage.active()
    cases.suspend(case=case, actor=stage.bob, at=AT + DAY, reason="Seen from outside")
    cases.resume(case=fresh(case), actor=stage.bob, at=AT + DAY + HOUR, statement="It was a test")


def to_review(stage, at=AT + 73 * DAY):
    stage.active(term_days=120)
    remind(at)


def late_to_review(stage):
    accounts.change_group(group=stage.group, lead=person("Lena"), actor=None, at=AT)
    to_review(stage, AT + 91 * DAY)


def reviewed(stage):
    case, at = stage.active(term_days=120), AT + 73 * DAY
    seen = set(case.reviews.values_list("pk", flat=True))
    finding = cases.Finding(Outcome.KEEP, "Read its calls of a month")
    cases.review(case=case, actor=stage.bob, at=at, finding=finding, seen=seen)


def shortened(stage):
    case, at = stage.active(), AT + DAY
    cases.shorten(case=case, actor=stage.bob, at=at, until_at=AT + 10 * DAY, reason="The connector is live")


def changed_around(stage):
    case = stage.active()
    cases.report_change(case=case, actor=stage.alice, at=AT + DAY, trigger=Trigger.FIX_AVAILABLE, what="Version 5.2")


def owner_changed(stage):
    mona = person("Mona")
    dan = person("Dan", manager=mona)
    stage.active(owner=dan)
    accounts.deactivate(user=dan, actor=stage.petra, at=AT + DAY)
    clock(AT + DAY)


def superseded(stage):
    case = stage.active()
    renewal = cases.renew(case=case, actor=stage.alice, at=AT + 50 * DAY, changed=ANSWERS)
    stage.submit(renewal, at=AT + 50 * DAY)
    stage.approve(renewal, at=AT + 50 * DAY)
    clock(AT + 60 * DAY)


def completed(stage):
    cases.complete(case=stage.active(), actor=stage.alice, at=AT + DAY, reason="The patch came early")


def revoked(stage):
    cases.revoke(case=stage.active(), actor=stage.bob, at=AT + DAY, reason="The vendor was breached")


def ending(stage):
    stage.active()
    remind(AT + 53 * DAY)


def owing(stage):
    completed(stage)
    remind(AT + 8 * DAY)


def half_time(stage):
    stage.requested()
    remind(AT + 4 * DAY)


def escalated(stage):
    accounts.change_group(group=stage.group, lead=person("Lena"), actor=None, at=AT)
    stage.requested()
    remind(AT + 5.5 * DAY)


def stepped_aside(stage):
    accounts.change_group(group=stage.group, lead=person("Lena"), actor=None, at=AT)
    accounts.remove_member(group=stage.group, member=stage.bea, actor=None, at=AT)
    cases.recuse(case=stage.requested(), actor=stage.bob, at=AT, reason="My sister asks")


def nudged(stage):
    cases.nudge(case=stage.requested(), actor=stage.alice, at=AT + DAY)


def commented(stage):
    cases.comment(case=stage.requested(), actor=stage.bob, at=AT, text="Which key?", to=[stage.alice])


def changed(stage):
    case = fresh(stage.requested())
    content = cases.DraftContent({"term_days": 30})
    workflows.amend(case=case, actor=stage.alice, at=AT, version=case.version, content=content)


def shared(stage):
    """Petra drafts for Alice and asks her to complete it."""
    content = cases.DraftContent({"title": "Key", "owner": stage.alice})
    draft = cases.open_draft(actor=stage.petra, at=AT, content=content)
    cases.share_draft(case=draft, actor=stage.petra, at=AT, note="The scope is missing")


def offered(stage):
    case = stage.active()
    cases.offer_ownership(case=case, actor=stage.alice, at=AT + DAY, to=person("Mona"), reason="I change teams")


def unverified(stage):
    stage.active(term_days=120)
    remind(AT)


def failed(stage):
    guard = stage.active().safeguards.get()
    cases.report_failure(safeguard=guard, actor=stage.bob, at=AT + DAY, reason="The rule was deleted")


STORIES = [
    # what happened, when the mails go (days later), who gets which subject
    (lambda stage: stage.requested(), 0, {"bob bea": "Decide by 9 Nov 09:00 UTC"}),
    (changed, 0, {"bob bea": "Decide by 9 Nov 09:00 UTC"}),
    (half_time, 4, {"bob bea": "Decide by 9 Nov 09:00 UTC, half the time has gone"}),
    (escalated, 5.5, {"lena": "Decide by 9 Nov 09:00 UTC, the others have not"}),
    (stepped_aside, 0, {"lena": "Decide by 9 Nov 09:00 UTC, the others have not"}),
    (nudged, 1, {"bob bea": "Decide by 9 Nov 09:00 UTC, a reminder"}),
    (commented, 0, {"alice": "Bob writes to you"}),
    (lambda stage: stage.requested(backup_owner=stage.petra), 0, {"petra": "Will you be the backup owner?"}),
    (lambda stage: stage.approved(safeguard_required=True), 0, {"alice": "Approved"}),
    (offered, 1, {"mona": "Will you take over this exception?"}),
    (shared, 0, {"alice": "A draft waits for you to complete it"}),
    (rejected, 0, {"alice": "Rejected"}),
    (returned, 0, {"alice": "Change and ask again", "bea": "Sent back, nothing to decide"}),
    (lapsed_undecided, 7, {"alice": "Lapsed"}),
    (withdrawn, 0, {"bob bea": "Withdrawn, nothing to decide"}),
    (reopened, 0, {"alice": "Has to be decided again", "bea": "Decide by 9 Nov 09:00 UTC"}),
    (lambda stage: stage.active(), 0, {"alice": "In force until 1 Jan"}),
    (suspended, 1, {"alice bea omar": "Suspended, do not rely on it"}),
    (unverified, 0, {"alice omar": "Verify its safeguards by 7 Feb"}),
    (failed, 1, {"alice omar": "A safeguard failed"}),
    (to_review, 73, {"bob bea omar": "Review by 31 Jan", "alice": "To be reviewed by 31 Jan"}),
    (late_to_review, 91, {"bob lena omar": "Review overdue since 31 Jan"}),
    (reviewed, 73, {"alice": "Reviewed, it stays"}),
    (shortened, 1, {"alice omar": "Ends sooner, on 12 Nov"}),
    (changed_around, 1, {"bob bea omar": "Review by 3 Dec"}),
    (resumed, 1.1, {"alice": "In force again until 1 Jan"}),
    (owner_changed, 1, {"alice mona": "New owner: Mona"}),
    (lambda stage: [stage.active(), clock(AT + 60 * DAY)], 60, {"alice omar": "Ended, remove access"}),
    (superseded, 60, {"alice": "Ended"}),
    (completed, 1, {"omar": "Ended, remove access"}),
    (revoked, 1, {"alice omar": "Revoked, remove access"}),
    (ending, 53, {"alice": "Ends 1 Jan"}),
    (owing, 8, {"alice omar": "Access not confirmed removed"}),
]


@pytest.mark.parametrize(("story", "days", "wanted"), STORIES, ids=lambda value: getattr(value, "__name__", ""))
def test_each_event_reaches_those_it_concerns(committed, smtp_sink, story, days, wanted):
    story(committed)

    work(AT + days * DAY)

    got = {(message["To"].partition("@")[0], subject(message)) for message in smtp_sink.messages}
    assert {(name, text) for names, text in wanted.items() for name in names.split()} <= got


def subject(message):
    return re.fullmatch(r"\[Stopgap\] (.*): EXC-2026-\d{4} .*", message["Subject"].strip())[1]


@pytest.mark.parametrize(("approved", "told"), [(True, {"bob", "bea"}), (False, set())])
def test_another_backup_asks_again_only_where_somebody_had_answered(committed, smtp_sink, approved, told):
    step = StepPlan("Platform security", committed.group, 2, ("test",), 5 * DAY)
    draft = committed.draft(backup_owner=committed.petra)
    case = cases.submit(case=draft, actor=committed.alice, at=AT, router=lambda case: RoutePlan((step,)))
    if approved:
        committed.approve(case)
    cases.decline_backup(case=case, actor=committed.petra, at=AT)

    work()

    said = "The facts shown with the request changed."
    letters = [one for one in smtp_sink.messages if said in one.get_body(("plain",)).get_content()]
    assert {letter["To"].partition("@")[0] for letter in letters} == told


def test_a_reminder_of_the_end_leads_to_where_it_is_renewed(committed, smtp_sink):
    ending(committed)
    work(AT + 53 * DAY)

    [letter] = [one for one in smtp_sink.to("alice@example.org") if "Ends " in one["Subject"]]
    assert "/exceptions/EXC-2026-0001/renewal/" in letter.get_body(("plain",)).get_content()


def test_what_some_have_decided_is_not_told_as_decided_by_nobody(committed, smtp_sink):
    step = StepPlan("Platform security", committed.group, 2, ("test",), 4 * DAY)
    accounts.change_group(group=committed.group, lead=person("Lena"), actor=None, at=AT)
    case = cases.submit(case=committed.draft(), actor=committed.alice, at=AT, router=lambda case: RoutePlan((step,)))
    committed.approve(case)
    for days in (2.1, 3.1, 5):
        remind(AT + days * DAY)
        clock(AT + days * DAY)
        work(AT + days * DAY)

    texts = [one.get_body(("plain",)).get_content() for one in smtp_sink.messages]
    assert len(texts) > 5
    assert not [text for text in texts if "obody decided" in text or "nobody has decided" in text]


def test_a_renewal_approved_in_time_is_told_to_begin_where_the_one_before_it_ends(committed, smtp_sink):
    case, at = committed.active(), AT + 50 * DAY
    renewal = committed.submit(cases.renew(case=case, actor=committed.alice, at=at, changed=ANSWERS), at=at)
    committed.approve(renewal, at=at)
    work(at)

    said = {subject(one): one.get_body(("plain",)).get_content() for one in smtp_sink.to("alice@example.org")}
    assert "It comes into force on Friday 1 January 2027" in said["Approved"]
    assert "In force from 1 Jan until 2 Mar" in said


def test_of_two_comments_each_reaches_whom_it_is_for(committed, smtp_sink):
    case = committed.requested()
    cases.comment(case=case, actor=committed.bob, at=AT, text="Which key?", to=[committed.alice])
    cases.comment(case=case, actor=committed.bob, at=AT, text="Have you seen it?", to=[committed.bea])

    work()

    told = {message["To"] for message in smtp_sink.messages if "writes to you" in subject(message)}
    assert told == {"alice@example.org", "bea@example.org"}


def test_the_stories_above_show_every_mail():
    shown = len({text for _story, _days, wanted in STORIES for text in wanted.values()})

    assert shown >= len(mails.MAILS) - 1  # progress needs a route of two steps


@pytest.fixture
def request_mail(committed, smtp_sink):
    """The mail that tells Bob, in Stockholm, of a request with awkward words."""
    accounts.change_profile(user=committed.bob, actor=committed.bob, at=AT, time_zone="Europe/Stockholm")
    committed.requested(title="Gefahr & <b>“Öresund”</b>")
    with override_settings(BASE_URL="https://stopgap.example.org"):
        work()
    [message] = smtp_sink.to("bob@example.org")
    return message


def test_a_mail_is_readable_as_text_and_as_html(request_mail):
    text = request_mail.get_body(("plain",)).get_content()
    html = request_mail.get_body(("html",)).get_content()

    for part in (text, html):
        assert "Alice asks for this exception." in part
        assert "https://stopgap.example.org/exceptions/EXC-2026-0001/" in part
        assert "You get this mail because you decide this for" not in part
        for fact in (
            "svc-erp",
            "NHI-ROT-01 Secrets are rotated",
            "60 days",
            "low",
        ):
            assert fact in part
    assert "Decide by 9 Nov 10:00 CET: EXC-2026-0001 Gefahr & <b>“Öresund”</b>" in request_mail["Subject"]
    assert "Gefahr &amp; &lt;b&gt;“Öresund”&lt;/b&gt;" in html
    assert "You get this mail because you are asked for the step “Platform security”." in text
    assert "{%" not in text + html


def test_who_is_asked_reads_what_it_opens_why_and_behind_what(committed, smtp_sink):
    case = committed.requested()
    work()
    [letter] = smtp_sink.to("bob@example.org")

    for part in ("plain", "html"):
        text = letter.get_body((part,)).get_content()
        for said in (
            f"/exceptions/{case.reference}/?mail={mark(ask.digest(case), case.safeguards.all(), committed.bob)}",
            "read kv/erp/0 on Vault, only if: At night",
            "Invoices stop otherwise",
            "The vendor reads it from a file",
            "ong-lived secret",
            "Only from 10.4.0.0/16 (not verified yet)",
        ):
            assert said in text, (part, said)


def test_who_asked_reads_what_was_granted_of_it_and_for_how_long(committed, smtp_sink):
    case = committed.requested(grants=2)
    kept, withheld = case.grants.order_by("pk")
    less = Narrowing(term_days=10, grants={withheld.pk: None})
    decide(committed, case, cases.approve, statement="Seen, and small", capacity="Head", narrowing=less)
    work()

    [letter] = [one for one in smtp_sink.to("alice@example.org") if subject(one) == "Approved"]

    text = letter.get_body(("plain",)).get_content()
    assert "Approved for: 10 days" in text
    assert f"read {kept.resource} on Vault" in text
    assert f"{withheld.resource} on Vault: withheld" in text


def test_who_asked_reads_who_decides_next(committed, smtp_sink):
    last = accounts.create_group(name="CISO", actor=None, at=AT)
    accounts.add_member(group=last, member=committed.petra, actor=None, at=AT)
    steps = [StepPlan(group.name, group, 1, ("test",), 5 * DAY) for group in (committed.group, last)]
    case = cases.submit(
        case=committed.draft(), actor=committed.alice, at=AT, router=lambda case: RoutePlan(tuple(steps))
    )
    committed.approve(case)
    work()

    [letter] = [one for one in smtp_sink.to("alice@example.org") if subject(one) == "One step further"]

    assert "It now waits for CISO, until Saturday 7 November 2026" in letter.get_body(("plain",)).get_content()


def test_a_mail_says_that_a_machine_wrote_it_and_which_case_it_belongs_to(request_mail):
    assert request_mail["Auto-Submitted"] == "auto-generated"
    assert request_mail["References"] == "<EXC-2026-0001@stopgap.example.org>"
    assert (
        request_mail["Subject"].strip()
        == "[Stopgap] Decide by 9 Nov 10:00 CET: EXC-2026-0001 Gefahr & <b>“Öresund”</b>"
    )


def test_a_subject_names_the_minute_at_which_it_is_too_late():
    stockholm = ZoneInfo("Europe/Stockholm")

    with timezone.override(stockholm):
        assert minute(datetime(2026, 11, 22, 23, 1, tzinfo=UTC)) == "23 Nov 00:01 CET"


def test_approvers_read_that_approving_is_not_enough(committed, smtp_sink):
    committed.requested(safeguard_required=True)
    work()

    [asked] = smtp_sink.to("bob@example.org")

    wanted = "Only from 10.4.0.0/16 (has to be verified before it starts)"
    assert wanted in asked.get_body(("plain",)).get_content()


def test_who_has_several_roles_gets_one_mail_with_every_reason(committed, smtp_sink):
    committed.active()

    work()

    [_approved, activated] = smtp_sink.to("alice@example.org")
    assert "because you asked for it and you own it." in activated.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "title", ["Key\r\nBcc: eve@example.org", "Key\nX-Evil: 1", "Key\u2028Bcc: eve@example.org", "Key\x00\x1b[31m"]
)
def test_a_title_writes_no_headers(committed, smtp_sink, title):
    committed.requested(title=one_line(title) if "\x00" in title else title)

    work()

    assert len(smtp_sink.messages) == 2
    for message in smtp_sink.messages:
        assert message["Bcc"] is None
        assert message["X-Evil"] is None
        assert "\n" not in message.policy.header_source_parse([f"Subject: {message['Subject']}"])[1].strip()


def test_one_line_leaves_no_control_characters():
    assert one_line("  a\r\nb\u2028c\x00\x7f\u202ed\t e ") == "a b c d e"


def test_nobody_is_told_of_a_case_they_may_not_see(committed, smtp_sink):
    """Bea was asked, and has left the group since."""
    case = committed.requested()
    work()
    smtp_sink.messages.clear()
    accounts.remove_member(group=committed.group, member=committed.bea, actor=None, at=AT)
    decide(committed, case, cases.reject, reason="Name the hosts")

    work()

    assert {message["To"] for message in smtp_sink.messages} == {"alice@example.org"}


def test_the_one_who_did_it_gets_no_mail_about_it(committed, smtp_sink):
    completed(committed)

    work(AT + DAY)

    assert smtp_sink.to("alice@example.org") == []


def test_debts_name_what_counts_as_removed(committed, smtp_sink):
    owing(committed)

    work(AT + 8 * DAY)

    [_ended, message] = smtp_sink.to("omar@example.org")
    text = message.get_body(("plain",)).get_content()
    assert "1 grant waits for proof that access is gone: kv/erp/0 (Vault)." in text
    assert "What counts: The secret was rotated or deleted." in text


def test_where_only_an_auditor_owns_control_and_system_the_approvers_hear_of_the_debt(committed, smtp_sink):
    accounts.set_roles(user=committed.omar, actor=None, at=AT, is_auditor=True)
    owing(committed)

    work(AT + 8 * DAY)

    assert smtp_sink.to("omar@example.org") == []
    for approver in ("bob", "bea"):
        assert smtp_sink.to(f"{approver}@example.org")[-1]["Subject"].startswith(
            "[Stopgap] Access not confirmed removed"
        )
