"""The inbox: what a person was told stands there once, read or not, and shows no case that is none of theirs."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts
from audit import services as ledger
from audit.actors import SYSTEM
from exceptions_app import services as cases
from tests.workflows import stage as company
from tests.workflows.stage import AT, DAY, fresh
from tests.workflows.test_effects import work
from tests.workflows.test_enrolling import wanting_a_second_factor
from workflows import inbox
from workflows.models import Notice


@pytest.fixture
def committed(transactional_db):
    """A stage where every service really commits, as it does when effects run."""
    return company.build()


def told(person):
    return list(inbox.entries(person, unread=False).values_list("words", flat=True))


def page(client, person, show=""):
    client.force_login(person)
    return client.get("/inbox/", {"show": show} if show else {}).text


def waiting(client, person):
    """The number beside the inbox in the frame of another page."""
    client.force_login(person)
    found = re.search(r'href="/inbox/"[^>]*>.*?Inbox(?:<span class="count">([^<]*)<)?', client.get("/").text, re.DOTALL)
    return found[1] or ""


def test_who_is_told_finds_it_in_the_inbox_with_the_case(committed, smtp_sink, client):
    case = committed.requested()
    work()

    text = page(client, committed.bob)

    assert told(committed.bob) == ["Decide by 9 Nov 09:00 UTC"]
    for words in ("Decide by 9 Nov 09:00 UTC", case.reference, case.title, "unread"):
        assert words in text
    assert waiting(client, committed.bob) == "1"
    assert waiting(client, committed.omar) == ""
    assert told(committed.alice) == []


def test_an_entry_is_in_its_readers_zone(committed, smtp_sink):
    accounts.change_profile(user=committed.bob, actor=committed.bob, at=AT, time_zone="Asia/Tokyo")
    committed.requested()

    work()

    assert told(committed.bob) == ["Decide by 9 Nov 18:00 JST"]
    assert told(committed.bea) == ["Decide by 9 Nov 09:00 UTC"]


def test_a_mail_not_wanted_or_waiting_for_the_morning_is_told_in_the_inbox_at_once(committed, smtp_sink):
    accounts.choose_mails(user=committed.alice, actor=committed.alice, choices={"outcome": "none"}, at=AT)
    accounts.choose_mails(user=committed.bob, actor=committed.bob, choices={"decide": "digest"}, at=AT)
    committed.approved()

    work()

    assert "Approved" in told(committed.alice)
    assert smtp_sink.to("alice@example.org") == []
    case = committed.another().requested()
    work()
    assert told(committed.bob)[0].startswith("Decide by")
    assert [one for one in smtp_sink.to("bob@example.org") if case.reference in one["Subject"]] == []


def test_what_was_overtaken_before_it_was_said_is_not_in_it(committed, smtp_sink):
    case = committed.requested()
    cases.withdraw(case=fresh(case), actor=committed.alice, at=AT, reason="Not needed")

    work()

    assert told(committed.bob) == []


def test_a_mail_tried_again_is_one_entry_in_the_words_it_was_told_first(committed, smtp_sink):
    committed.requested()
    smtp_sink.refuses = "451 later"
    work()
    smtp_sink.refuses = ""
    accounts.change_profile(user=committed.bob, actor=committed.bob, at=AT, time_zone="Asia/Tokyo")

    work(AT + DAY)

    [letter] = smtp_sink.to("bob@example.org")
    assert "18:00 JST" in letter["Subject"]
    assert told(committed.bob) == ["Decide by 9 Nov 09:00 UTC"]


def test_opening_an_entry_marks_it_read_and_goes_to_the_case(committed, smtp_sink, client):
    case = committed.requested()
    work()
    client.force_login(committed.bob)
    notice = Notice.objects.get(person=committed.bob)

    answer = client.post(f"/inbox/{notice.pk}/reading/")

    assert answer.headers["Location"] == f"/exceptions/{case.reference}/"
    assert waiting(client, committed.bob) == ""
    assert "Nothing unread" in page(client, committed.bob)
    assert f'href="/exceptions/{case.reference}/"' in page(client, committed.bob, "all")
    first = Notice.objects.get(pk=notice.pk).read_at
    client.post(f"/inbox/{notice.pk}/reading/")
    assert Notice.objects.get(pk=notice.pk).read_at == first


def test_who_answers_an_offer_on_the_case_has_no_open_question_left(committed, smtp_sink, client):
    case, mona = committed.active(), company.person("Mona")
    cases.offer_ownership(case=case, actor=committed.alice, at=AT, to=mona, reason="I change teams")
    work()
    assert waiting(client, mona) == "1"

    client.post(f"/exceptions/{case.reference}/ownership-acceptance/", {"answer": "accept"})

    assert fresh(case).owner == mona
    assert waiting(client, mona) == ""


def test_the_case_page_marks_nothing_read(committed, smtp_sink, client):
    case = committed.requested()
    work()
    client.force_login(committed.bob)

    client.get(f"/exceptions/{case.reference}/")

    assert waiting(client, committed.bob) == "1"


def test_marking_all_leaves_what_came_since_and_what_is_others(committed, smtp_sink, client):
    committed.requested()
    work()
    shown = re.search(r'name="shown" value="([\d ]+)"', page(client, committed.bob))[1]
    later = committed.another().requested()
    work()

    client.post("/inbox/reading/", {"shown": shown})

    [left] = inbox.entries(committed.bob, unread=True)
    assert left.case == later
    assert inbox.unread_count(committed.bea, AT) == 2
    client.post("/inbox/reading/", {"shown": "x"})
    assert inbox.unread_count(committed.bob, AT) == 1


def test_a_case_one_may_no_longer_see_shows_neither_title_nor_link(committed, smtp_sink, client):
    committed.requested()
    work()
    hidden = committed.draft(title="Known to its writer alone")
    Notice.objects.filter(person=committed.bob).update(case=hidden)

    text = page(client, committed.bob)

    assert "An exception you can no longer see" in text
    for words in ("Decide by", hidden.title, hidden.reference):
        assert words not in text
    notice = Notice.objects.get(person=committed.bob)
    assert client.post(f"/inbox/{notice.pk}/reading/").headers["Location"] == "/inbox/"
    assert inbox.unread_count(committed.bob, AT) == 0


def test_nobody_opens_what_another_was_told(committed, smtp_sink, client):
    committed.requested()
    work()
    client.force_login(committed.bea)
    notice = Notice.objects.get(person=committed.bob)

    assert client.post(f"/inbox/{notice.pk}/reading/").status_code == 404
    assert inbox.unread_count(committed.bob, AT) == 1


def test_what_is_about_no_case_leads_to_where_it_is_done(committed, smtp_sink, client):
    wanting_a_second_factor()
    work()
    client.force_login(committed.bob)
    [notice] = inbox.entries(committed.bob, unread=True)

    answer = client.post(f"/inbox/{notice.pk}/reading/")

    assert notice.words == "Set up a second factor"
    assert answer.headers["Location"] == "/profile/signing-in/"


def test_more_entries_take_no_more_queries(committed, smtp_sink, client):
    committed.requested()
    work()
    client.force_login(committed.bob)
    with CaptureQueriesContext(connection) as few:
        client.get("/inbox/")
    for _ in range(4):
        committed.another().requested()
    work()

    with CaptureQueriesContext(connection) as many:
        text = client.get("/inbox/").text

    assert text.count('class="unread"') == 5
    assert len(many) == len(few)


def test_more_than_the_most_are_told_as_more(committed, smtp_sink, client, monkeypatch):
    monkeypatch.setattr(inbox, "COUNTED", 1)
    monkeypatch.setattr("portal.navigation.COUNTED", 1)
    committed.requested()
    committed.another().requested()
    work()

    assert waiting(client, committed.bob) == "1+"


def test_what_was_said_of_an_erased_event_is_forgotten(committed, smtp_sink, client):
    case = committed.requested()
    cases.comment(case=case, actor=committed.bob, at=AT, text="Which key?", to=[committed.alice])
    work()
    assert "Bob writes to you" in told(committed.alice)

    ledger.erase(person=committed.bob.pseudonym, actor=SYSTEM, at=AT + DAY, reason="Request 7")
    work(AT + DAY)

    assert "Bob writes to you" not in told(committed.alice)
    assert "What was said here was erased" in page(client, committed.alice)


def test_what_was_never_told_is_not_read(committed, smtp_sink):
    committed.requested()
    work()

    with pytest.raises(IntegrityError, match="notice_read_was_told"), transaction.atomic():
        Notice.objects.update(told_at=None, read_at=AT)
