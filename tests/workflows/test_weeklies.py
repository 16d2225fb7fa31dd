"""The mail of a Monday: what one answers for, and one's team. A real mail server."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts import services as accounts
from accounts.errors import NotPossible
from accounts.models import MailChoice
from audit.models import Event
from catalog import services as catalog
from exceptions_app import ask
from exceptions_app import services as cases
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import register, weekly
from exceptions_app.queries.filtering import Filters
from tests.workflows.stage import ANSWERS, AT, DAY, fresh, person
from tests.workflows.test_effects import Killed, work
from workflows import inbox, mails, sweeps, weeklies
from workflows.mails import post
from workflows.models import Effect, EffectState, Weekly

MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)
WEEK = 7 * DAY
LINK = re.compile(r"http\S+")


@pytest.fixture
def swept(committed):
    """The stage, on which the clock has come round."""
    sweeps.note_run(weeklies.SWEEP, AT)
    return committed


def sweep(at=MONDAY):
    """What the clock does in a minute: raise, come to the end, send."""
    raised = weeklies.raise_due(at=at)
    sweeps.note_run(weeklies.SWEEP, at)
    work(at)
    return raised


def weeks(smtp_sink, name):
    return [one for one in smtp_sink.to(f"{name}@example.org") if " in force, " in one["Subject"]]


def text(letter):
    return letter.get_body(("plain",)).get_content()


def owing(stage):
    """Alice owns one that goes on, one that ends in three weeks, and one that ended with access unconfirmed."""
    goes_on = stage.active(title="Goes on", term_days=60)
    ending = stage.another().active(title="Ends soon", term_days=28)
    ended = stage.another().active(title="Ended")
    cases.complete(case=ended, actor=stage.alice, at=AT + DAY, reason="The patch came early")
    return goes_on, ending, ended


def test_an_owner_is_told_what_is_in_force_ending_and_owed(swept, smtp_sink):
    goes_on, ending, ended = owing(swept)

    sweep()

    [letter] = weeks(smtp_sink, "alice")
    assert letter["Subject"] == "[Stopgap] Your week: 2 in force, 1 ending, 1 owed"
    for body in (text(letter), letter.get_body(("html",)).get_content()):
        assert f"{ending.reference} Ends soon: ends on Monday 30 November 2026, 09:00 UTC, 21 days left" in body
        assert f"{ended.reference} Ended: access is not confirmed removed" in body
        assert goes_on.reference not in body
    assert weeks(smtp_sink, "bob") == weeks(smtp_sink, "omar") == []


def test_what_is_to_end_is_told_as_settled(swept, smtp_sink):
    _goes_on, ending, _ended = owing(swept)
    cases.let_end(case=ending, actor=swept.alice, at=AT + DAY)

    sweep()

    [letter] = weeks(smtp_sink, "alice")
    assert "21 days left, and is not to be renewed" in text(letter)
    assert f"/exceptions/{ending.reference}/renewal/" not in text(letter)


def test_every_line_has_one_link_that_leads_its_reader_somewhere(swept, smtp_sink, client):
    owing(swept)
    client.force_login(swept.alice)

    sweep()

    [letter] = weeks(smtp_sink, "alice")
    links = LINK.findall(text(letter))
    assert len(links) == text(letter).count("\n- ")
    for link in links:
        assert client.get(link.removeprefix("http://localhost:8000").partition("#")[0]).status_code == 200, link
    assert letter.get_body(("html",)).get_content().count("<a href") == len(links)


def test_the_number_in_force_is_the_registers_behind_its_link(swept, client):
    owing(swept)
    not_accepted = {"owner": swept.bea, "backup_owner": swept.alice}
    swept.another().active(actor=swept.petra, **not_accepted)

    week = weekly.week_of(swept.alice, MONDAY)

    found = register.found(swept.alice, Filters(held=True, in_force=True), MONDAY)
    assert week.in_force == register.counted(found).number == 2
    client.force_login(swept.alice)
    page = client.get("/exceptions/", {"whose": "held"}).text
    assert "I answer for" in page
    assert page.count("<tbody") == 1


def test_who_accepted_to_back_an_owner_is_told_too_and_who_is_asked_is_asked(swept, smtp_sink):
    draft = swept.draft(backup_owner=swept.bea)
    accepted = swept.draft(backup_owner=swept.petra, identity=swept.another().identity)
    cases.accept_backup(case=accepted, actor=swept.petra, at=AT)
    for case in (draft, accepted):
        swept.approve(swept.submit(case))
    sweeps.run(sweeps.ACTIVATE, at=AT)

    sweep()

    [backs] = weeks(smtp_sink, "petra")
    assert backs["Subject"] == "[Stopgap] Your week: 1 in force, 0 ending, 0 owed"
    [is_asked] = weeks(smtp_sink, "bea")
    assert is_asked["Subject"] == "[Stopgap] Your week: 0 in force, 0 ending, 1 owed"
    assert f"{draft.reference} {draft.title}: you are asked to be its backup owner" in text(is_asked)


def test_who_backs_an_owner_reads_whose_it_is(swept, smtp_sink):
    case = swept.draft(backup_owner=swept.petra)
    cases.accept_backup(case=case, actor=swept.petra, at=AT)
    swept.approve(swept.submit(case))
    sweeps.run(sweeps.ACTIVATE, at=AT)
    cases.report_failure(safeguard=case.safeguards.get(), actor=swept.alice, at=AT + 6 * DAY, reason="It is off.")

    sweep()

    [backs], [owns] = weeks(smtp_sink, "petra"), weeks(smtp_sink, "alice")
    assert f"{case.reference} {case.title} (Alice owns it, you are the backup): in force only" in text(backs)
    assert f"{case.reference} {case.title}: in force only" in text(owns)


def test_what_was_sent_back_and_what_one_is_asked_to_take_over_is_owed(swept, smtp_sink):
    returned = swept.requested()
    digest = ask.digest(fresh(returned))
    cases.ask_for_changes(case=returned, actor=swept.bob, at=AT, digest=digest, reason="Name the hosts")
    swept.another().draft()  # never asked for, so nobody waits for it
    offered = swept.another().active()
    cases.offer_ownership(case=offered, actor=swept.alice, at=AT, to=person("Mona"), reason="I change teams")

    sweep()

    [alices] = weeks(smtp_sink, "alice")
    assert f"{returned.reference} {returned.title}: sent back to you, to be changed" in text(alices)
    assert f"/exceptions/{returned.reference}/draft/" in text(alices)
    assert "For you to do: 1" in text(alices)
    [monas] = weeks(smtp_sink, "mona")
    assert f"{offered.reference} {offered.title}: you are asked to take it over" in text(monas)


def test_what_falls_out_of_force_is_told_with_the_instant(swept, smtp_sink):
    case = swept.active()
    cases.report_failure(safeguard=case.safeguards.get(), actor=swept.alice, at=AT + 6 * DAY, reason="It is off.")

    sweep()

    what = "a safeguard failed: it is to be mended, then verified by somebody else"
    said = f"in force only until Sunday 15 November 2026, 09:00 UTC; {what}"
    [letter] = weeks(smtp_sink, "alice")
    assert f"{case.reference} {case.title}: {said}" in text(letter)


def test_what_others_wait_for_is_told_to_who_answers_for_something(swept, smtp_sink):
    ended = swept.active()
    cases.complete(case=ended, actor=swept.alice, at=AT + DAY, reason="The patch came early")
    swept.another().active(actor=swept.petra, owner=swept.omar)

    sweep()

    [letter] = weeks(smtp_sink, "omar")
    assert "Asked of you, for what others own: 1" in text(letter)
    assert "Confirm that access is gone: 1" in text(letter)


def test_a_suspended_one_is_owed_and_not_in_force(swept, smtp_sink):
    case = swept.active()
    cases.suspend(case=case, actor=swept.bob, at=AT, reason="Seen from outside")

    sweep()

    [letter] = weeks(smtp_sink, "alice")
    assert f"{case.reference} {case.title}: suspended, until somebody else resumes it or it is ended" in text(letter)
    assert "Waits for others; ask them: 1" in text(letter)
    assert "In force" not in text(letter)


def test_reviews_and_safeguards_that_lapse_are_owed(swept, smtp_sink):
    case = swept.active(term_days=120)
    at = AT + 95 * DAY

    assert weekly.Owed.SAFEGUARD in weekly.week_of(swept.alice, AT + 85 * DAY).owed
    week = weekly.week_of(swept.alice, at)

    assert [one.reference for one in week.owed[weekly.Owed.REVIEW].cases] == [case.reference]


def test_the_lead_of_a_team_is_told_of_it_and_may_open_it(swept, smtp_sink, client):
    lena = person("Lena")
    team = accounts.create_team(name="Payments & co", lead=lena, actor=None, at=AT)
    own, other = led(swept, team, owner=lena), led(swept, team, owner=swept.bea)
    draft = led(swept, team, owner=swept.petra, verb="draft")

    sweep()

    [letter] = weeks(smtp_sink, "lena")
    said = text(letter)
    assert (said.count("In force: 1"), said.count("In force: 2")) == (1, 1)
    client.force_login(lena)
    pages = [client.get(f"/exceptions/{one.reference}/").status_code for one in (own, other, draft)]
    assert pages == [200, 200, 404]
    assert "Team Payments & co" in said
    assert "/exceptions/?team=Payments+%26+co&view=force" in said
    assert "What you answer for" in said


def test_what_ends_leads_to_where_it_is_renewed_unless_that_is_under_way(swept, smtp_sink):
    ending = swept.active(term_days=28)
    other = swept.another().active(term_days=28)
    draft = cases.renew(case=other, actor=swept.alice, at=AT, changed=ANSWERS)
    swept.submit(draft, at=AT)

    sweep()

    said = text(weeks(smtp_sink, "alice")[0])
    assert f"/exceptions/{ending.reference}/renewal/" in said
    assert f"/exceptions/{other.reference}/renewal/" not in said
    assert said.count("its renewal is under way") == 1


def test_what_nobody_used_is_owed_an_answer(swept, smtp_sink):
    case = swept.active(term_days=60)

    sweep(MONDAY + 2 * WEEK)

    said = text(weeks(smtp_sink, "alice")[0])
    assert f"{case.reference} {case.title}: no use on record: is it still needed?" in said


def led(stage, team, owner, verb="active"):
    identity = catalog.create_identity(
        actor=None, at=AT - DAY, name=f"svc-{owner}", kind="service_account", environment="development", team=team
    )
    return getattr(replace(stage, identity=identity), verb)(owner=owner)


def test_it_comes_at_eight_where_each_person_is(swept, smtp_sink):
    accounts.change_profile(user=swept.alice, actor=swept.alice, at=AT, time_zone="Asia/Tokyo")
    swept.active()
    swept.another().active(owner=swept.petra)

    sweep(MONDAY - 9 * MINUTE * 60 - MINUTE)
    assert weeks(smtp_sink, "alice") == []
    sweep(MONDAY - 9 * MINUTE * 60)
    assert len(weeks(smtp_sink, "alice")) == 1
    assert weeks(smtp_sink, "petra") == []
    sweep()

    assert (len(weeks(smtp_sink, "alice")), len(weeks(smtp_sink, "petra"))) == (1, 1)


def test_however_often_the_clock_sweeps_it_is_one(swept, smtp_sink):
    swept.active()

    assert [weeklies.raise_due(at=MONDAY) for _ in range(2)] == [1, 0]
    for minutes in (0, 1, 600):
        sweep(MONDAY + minutes * MINUTE)

    assert len(weeks(smtp_sink, "alice")) == 1
    assert Event.objects.filter(kind="weekly.due").count() == Weekly.objects.count() == 1
    sweep(MONDAY + WEEK)
    assert len(weeks(smtp_sink, "alice")) == 2


def test_after_an_outage_the_latest_monday_is_the_only_one(swept, smtp_sink):
    swept.active()

    sweep(MONDAY + 2 * WEEK + 2 * DAY)

    [letter] = weeks(smtp_sink, "alice")
    assert "ending" in letter["Subject"]
    assert Weekly.objects.get().monday_on == (MONDAY + 2 * WEEK).date()


def test_one_that_could_not_go_for_a_week_is_overtaken_by_the_next(swept, smtp_sink):
    swept.active()
    smtp_sink.refuses = "451 later"
    sweep()
    smtp_sink.refuses = ""
    weeklies.raise_due(at=MONDAY + WEEK)

    work(MONDAY + WEEK)

    assert len(weeks(smtp_sink, "alice")) == 1
    states = Effect.objects.filter(reaction=mails.WEEKLY).order_by("pk").values_list("state", flat=True)
    assert list(states) == [EffectState.DROPPED, EffectState.DONE]


def test_before_the_clock_ever_came_round_no_monday_is_missed(committed):
    committed.active()

    assert weeklies.raise_due(at=MONDAY) == 0


def test_who_has_nothing_to_be_told_gets_no_mail(swept, smtp_sink):
    swept.draft()

    sweep()

    assert weeks(smtp_sink, "alice") == []
    effect = Effect.objects.get(reaction=mails.WEEKLY)
    assert (effect.state, effect.drop_reason) == (EffectState.DROPPED, "Nothing is in force, ends soon or is owed.")


def test_what_changed_before_it_goes_is_told_as_it_is_then(swept, smtp_sink):
    case = swept.active()
    weeklies.raise_due(at=MONDAY)
    cases.complete(case=case, actor=swept.alice, at=MONDAY, reason="The patch came early")

    work(MONDAY + MINUTE)

    [letter] = weeks(smtp_sink, "alice")
    assert letter["Subject"] == "[Stopgap] Your week: 0 in force, 0 ending, 1 owed"


def test_a_worker_killed_after_sending_sends_the_same_message_again(swept, smtp_sink, monkeypatch):
    swept.active()
    send = post.Office.send

    def killed(office, message):
        answer = send(office, message)
        if "Your week" in message.subject:
            raise Killed
        return answer

    work()
    monkeypatch.setattr(post.Office, "send", killed)
    with pytest.raises(Killed):
        sweep()
    monkeypatch.setattr(post.Office, "send", send)
    work(MONDAY + 10 * MINUTE)

    first, again = weeks(smtp_sink, "alice")
    assert first["Message-ID"] == again["Message-ID"]


def test_who_does_not_want_it_gets_none_and_nobody_gets_it_daily(swept, smtp_sink):
    swept.active()
    accounts.choose_mails(user=swept.alice, actor=swept.alice, choices={"weekly": "none"}, at=AT)

    assert sweep() == 0

    with pytest.raises(NotPossible, match="on Mondays"):
        accounts.choose_mails(user=swept.alice, actor=swept.alice, choices={"weekly": "digest"}, at=AT)
    with pytest.raises(IntegrityError, match="weekly_mail_comes_on_mondays"), transaction.atomic():
        MailChoice.objects.create(person=swept.bob, kind="weekly", when="digest")


def test_who_stopped_it_after_it_was_raised_gets_none(swept, smtp_sink):
    swept.active()
    weeklies.raise_due(at=MONDAY)
    accounts.choose_mails(user=swept.alice, actor=swept.alice, choices={"weekly": "none"}, at=MONDAY)

    work(MONDAY)

    assert weeks(smtp_sink, "alice") == []


def test_of_many_the_first_are_told_and_where_the_others_are(swept, smtp_sink, monkeypatch):
    monkeypatch.setattr(weekly, "SHOWN", 1)
    monkeypatch.setattr("workflows.mails.weekly_words.SHOWN", 1)
    for _ in range(3):
        swept.another().active(term_days=28)

    sweep()

    [letter] = weeks(smtp_sink, "alice")
    assert "Ending in the next 30 days: 3" in text(letter)
    assert "And 2 more" in text(letter)
    assert "/exceptions/?whose=held&ending=30&sort=ends" in text(letter)


def test_a_minute_in_which_it_is_no_monday_morning_anywhere_asks_for_nobody(swept, django_assert_num_queries):
    swept.active()
    sweeps.note_run(weeklies.SWEEP, AT + 2 * DAY)

    with django_assert_num_queries(1):
        weeklies.raise_due(at=AT + 2 * DAY + MINUTE)


def test_it_is_not_told_in_the_inbox_which_has_each_matter_by_itself(swept, smtp_sink):
    swept.active()
    work()
    before = inbox.unread_count(swept.alice, AT)

    sweep()

    assert len(weeks(smtp_sink, "alice")) == 1
    assert inbox.unread_count(swept.alice, MONDAY) == before


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("UTC", MONDAY - MINUTE, MONDAY - WEEK),
        ("UTC", MONDAY, MONDAY),
        ("UTC", MONDAY + 6 * DAY, MONDAY),
        ("Pacific/Kiritimati", MONDAY, MONDAY - timedelta(hours=14)),
        ("Pacific/Pago_Pago", MONDAY, MONDAY - WEEK + timedelta(hours=11)),
        ("Europe/Stockholm", datetime(2026, 10, 26, 7, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)),
    ],
)
def test_the_latest_monday_is_eight_oclock_in_the_zone(zone, at, expected):
    assert weeklies.monday(ZoneInfo(zone), at) == expected


def test_it_says_no_word_of_a_case_that_is_anothers(swept, smtp_sink):
    owing(swept)
    other = swept.another().active(owner=swept.petra, title="Petra's own")

    sweep()

    [letter] = weeks(smtp_sink, "alice")
    assert other.title not in text(letter)
    assert ExceptionCase.objects.count() == 4
