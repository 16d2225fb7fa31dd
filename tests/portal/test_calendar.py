"""The calendar: a secret link, and behind it what lies ahead of one person, as RFC 5545 has it."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accounts import services as accounts
from accounts.errors import NotAllowed, NotPossible
from accounts.models import CalendarLink
from audit.models import Event, EventPayload
from exceptions_app import services as cases
from tests.workflows import stage as company
from tests.workflows.stage import AT, DAY, fresh, person
from workflows import sweeps

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    return company.build()


@pytest.fixture(autouse=True)
def asked_at():
    """Pages are read a day after what happens on the stage; nobody has asked yet."""
    cache.clear()
    with time_machine.travel(AT + DAY, tick=False):
        yield
    cache.clear()


def made(user):
    return accounts.make_calendar(user=user, actor=user, at=AT)


def read(secret, **headers):
    """As a calendar program reads: without a session."""
    return Client().get(f"/calendar/{secret}.ics", headers=headers)


def events(user):
    answer = read(made(user))
    assert answer.status_code == 200
    return {str(event["UID"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_an_owner_reads_when_their_exceptions_end(stage):
    case = stage.active(title="Old key, in the ERP; still")

    [event] = events(stage.alice).values()

    assert event["UID"] == f"{case.reference}-end@localhost"
    assert event.decoded("DTSTART") == fresh(case).expires_at == AT + 60 * DAY
    assert event["SUMMARY"] == f"{case.reference} ends: Old key, in the ERP; still"
    assert event["URL"].endswith(f"/exceptions/{case.reference}/")
    assert event.decoded("LAST-MODIFIED") == event.decoded("DTSTAMP") == AT


def test_its_lines_are_as_rfc_5545_has_them(stage):
    stage.active(title="Ö" * 150)
    answer = read(made(stage.alice))

    lines = answer.content.split(b"\r\n")

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75
    for name in (b"PRODID", b"VERSION:2.0", b"UID", b"DTSTAMP", b"DTSTART", b"SEQUENCE"):
        assert [line for line in lines if line.startswith(name)], name
    assert re.search(rb"DTSTART:20270101T090000Z", answer.content)


def test_a_shortened_end_moves_and_says_that_it_changed(stage):
    case = stage.active()
    [before] = events(stage.alice).values()

    cases.shorten(case=case, actor=stage.alice, at=AT + DAY, until_at=AT + 10 * DAY, reason="The connector is live")

    [after] = events(stage.alice).values()
    assert after["UID"] == before["UID"]
    assert after.decoded("DTSTART") == AT + 10 * DAY
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("LAST-MODIFIED") == AT + DAY


def test_what_is_over_or_only_asked_for_is_not_in_it(stage):
    stage.requested()
    ended = stage.another().active()
    cases.complete(case=ended, actor=stage.alice, at=AT + DAY / 2, reason="The patch came early")

    assert events(stage.alice) == {}


def test_what_is_approved_ends_at_the_latest_on_a_day(stage):
    case = stage.approved(safeguard_required=True)

    [event] = events(stage.alice).values()

    assert event["SUMMARY"].startswith(f"{case.reference} ends at the latest")
    assert event.decoded("DTSTART") == fresh(case).latest_end_at


def test_reviews_are_in_it_for_those_who_answer_them_and_for_whose_it_is(stage):
    case = stage.active(term_days=120)
    review = case.reviews.get()

    assert f"{case.reference}-review-{review.pk}@localhost" in events(stage.alice)
    assert events(stage.bob) == {}
    with time_machine.travel(AT + 75 * DAY, tick=False):
        [event] = events(stage.bob).values()
        assert events(stage.petra) == {}
    assert event.decoded("DTSTART") == review.due_at
    assert event["SUMMARY"] == f"{case.reference} review due: {case.title}"


def test_a_backup_owner_reads_it_once_they_accept(stage):
    draft = stage.draft(backup_owner=stage.petra)
    stage.approve(stage.submit(draft))
    sweeps.run(sweeps.ACTIVATE, at=AT)
    assert events(stage.petra) == {}

    cases.accept_backup(case=fresh(draft), actor=stage.petra, at=AT + DAY)

    assert len(events(stage.petra)) == 1


def test_it_names_nobody_and_no_access(stage):
    stage.active()

    text = read(made(stage.alice)).content.decode().replace("\r\n ", "")

    for word in ("Alice", "alice@", "Bob", "kv/erp", "svc-erp", "Invoices"):
        assert word not in text


def test_an_auditors_is_empty_and_valid(stage):
    stage.active()

    assert events(person("Audrey", is_auditor=True)) == {}


def test_unknown_revoked_replaced_and_closed_are_answered_alike(stage):
    revoked, replaced, closed = made(stage.alice), made(stage.bob), made(stage.bea)
    accounts.revoke_calendar(user=stage.alice, actor=stage.alice, at=AT)
    new = made(stage.bob)
    accounts.deactivate(user=stage.bea, actor=stage.petra, at=AT)

    answers = [read(secret) for secret in ("nobodys", revoked, replaced, closed)]

    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, answer.headers["Content-Type"]) for answer in answers}) == 1
    assert read(new).status_code == 200


def test_a_link_does_not_come_back_with_its_account(stage):
    secret = made(stage.bea)
    accounts.deactivate(user=stage.bea, actor=stage.petra, at=AT)

    accounts.reactivate(user=stage.bea, actor=stage.petra, at=AT)

    assert read(secret).status_code == 404


def test_only_a_digest_is_kept_and_no_event_holds_the_secret(stage):
    secret = made(stage.alice)
    accounts.revoke_calendar(user=stage.alice, actor=stage.alice, at=AT)

    link = CalendarLink.objects.get()
    assert len(secret) >= 43
    assert secret not in str(vars(link))
    assert not EventPayload.objects.filter(body__contains=secret).exists()
    kinds = Event.objects.filter(kind__startswith="user.calendar").order_by("pk").values_list("kind", "actor_id")
    assert list(kinds) == [
        ("user.calendar_made", stage.alice.pseudonym),
        ("user.calendar_revoked", stage.alice.pseudonym),
    ]


def test_who_left_meanwhile_makes_none(stage):
    accounts.deactivate(user=stage.bea, actor=stage.petra, at=AT)

    with pytest.raises(NotAllowed):
        accounts.make_calendar(user=stage.bea, actor=stage.bea, at=AT)


def test_one_makes_and_revokes_ones_own_alone(stage):
    made(stage.alice)

    with pytest.raises(NotAllowed):
        accounts.make_calendar(user=stage.alice, actor=stage.petra, at=AT)
    with pytest.raises(NotAllowed):
        accounts.revoke_calendar(user=stage.alice, actor=stage.petra, at=AT)
    with pytest.raises(NotPossible, match="no calendar link"):
        accounts.revoke_calendar(user=stage.bob, actor=stage.bob, at=AT)


def test_the_database_keeps_one_link_a_person_and_digests_alone(stage):
    made(stage.alice)

    with pytest.raises(IntegrityError, match="one_calendar_link_in_use"), transaction.atomic():
        CalendarLink.objects.create(person=stage.alice, digest="0" * 64, made_at=AT)
    with pytest.raises(IntegrityError, match="calendar_link_is_a_digest"), transaction.atomic():
        CalendarLink.objects.create(person=stage.bob, digest="secret", made_at=AT)


def test_the_page_shows_the_address_once_and_when_it_was_read(stage):
    client = Client()
    client.force_login(stage.alice)

    page = client.post("/profile/calendar/", {"act": "make"})

    [secret] = re.findall(r"http://\S+/calendar/([\w-]+)\.ics", page.text)
    assert "no-store" in page.headers["Cache-Control"]
    again = client.get("/profile/calendar/").text
    assert secret not in again
    assert "not yet" in again
    assert read(secret).status_code == 200
    assert "3 November 2026" in client.get("/profile/calendar/").text
    assert client.post("/profile/calendar/", {"act": "revoke"}).status_code == 302
    assert read(secret).status_code == 404
    assert client.post("/profile/calendar/", {"act": "revoke"}).status_code == 409


def test_the_secret_is_not_logged_when_it_is_refused(stage, caplog):
    secret = made(stage.alice)
    with caplog.at_level(logging.DEBUG):
        Client().post(f"/calendar/{secret}.ics")
        accounts.revoke_calendar(user=stage.alice, actor=stage.alice, at=AT)
        read(secret)

    assert "/calendar…" in caplog.text
    assert secret not in caplog.text


def test_whoever_asks_too_often_waits(stage, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"calendar": "2/m/ip"}
    secret = made(stage.alice)

    assert [read(secret).status_code for _ in range(3)] == [200, 200, 429]


def test_more_exceptions_take_no_more_queries(stage):
    secret = made(stage.alice)
    stage.active()
    read(secret)  # the first of a day notes the day
    with CaptureQueriesContext(connection) as few:
        read(secret)
    for _ in range(3):
        stage.another().active(term_days=120)

    with CaptureQueriesContext(connection) as many:
        answer = read(secret)

    assert answer.content.count(b"BEGIN:VEVENT") > 4
    assert len(many) == len(few)


def test_a_zone_changes_nothing_of_an_instant(stage):
    accounts.change_profile(user=stage.alice, actor=stage.alice, at=AT, time_zone="Asia/Tokyo")
    stage.active()

    [event] = events(stage.alice).values()

    assert event.decoded("DTSTART") - datetime(2027, 1, 1, 9, tzinfo=UTC) == timedelta()
