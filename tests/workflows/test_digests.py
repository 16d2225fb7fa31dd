"""Mails as people chose them: at once, in one mail of the morning, or not at all. A real mail server."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import services as accounts
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ACTS, MailChoice, MailKind
from audit.models import Event
from exceptions_app import services as cases
from tests.workflows.stage import AT, DAY, fresh
from tests.workflows.test_effects import Killed, work
from workflows import digests, mails
from workflows.mails import choices, post
from workflows.mails.choices import next_morning
from workflows.models import Effect, EffectState, Notice

MORNING = datetime(2026, 11, 3, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def choose(person, **when):
    accounts.choose_mails(user=person, actor=person, choices=when, at=AT)


def morning(at=MORNING):
    digests.raise_due(at=at)
    work(at)


def test_every_mail_is_of_a_kind():
    assert set(choices.KINDS) == set(mails.MAILS)


def test_what_waits_comes_in_one_mail_in_the_morning(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    first, second = committed.requested(), committed.another().requested()

    work()
    assert smtp_sink.to("bob@example.org") == []
    assert len(smtp_sink.to("bea@example.org")) == 2
    morning(MORNING - MINUTE)
    assert smtp_sink.to("bob@example.org") == []

    morning()

    [letter] = smtp_sink.to("bob@example.org")
    assert letter["Subject"] == "[Stopgap] Your morning mail: 2 matters"
    for part in ("plain", "html"):
        text = letter.get_body((part,)).get_content()
        assert first.reference in text
        assert second.reference in text
    assert not Notice.objects.waiting().exists()
    morning(MORNING + MINUTE)
    morning(MORNING + DAY)
    assert len(smtp_sink.to("bob@example.org")) == 1
    assert Event.objects.filter(kind="digest.due").count() == 1


def test_what_no_longer_matters_in_the_morning_is_not_in_it(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    choose(committed.bea, decide="digest")
    gone, stays = committed.requested(), committed.another().requested()
    work()
    cases.withdraw(case=fresh(gone), actor=committed.alice, at=AT, reason="Not needed")

    morning()

    [letter] = smtp_sink.to("bob@example.org")
    assert stays.reference in letter.get_body(("plain",)).get_content()
    assert gone.reference not in letter.get_body(("plain",)).get_content()
    assert Notice.objects.filter(person=committed.bob, drop_reason__startswith="Overtaken").count() == 1


def test_a_morning_of_which_nothing_is_left_brings_no_mail(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    case = committed.requested()
    work()
    cases.withdraw(case=fresh(case), actor=committed.alice, at=AT, reason="Not needed")

    morning()

    assert smtp_sink.to("bob@example.org") == []
    effect = Effect.objects.get(reaction=mails.DIGEST)
    assert (effect.state, effect.drop_reason) == (
        EffectState.DROPPED,
        "Nothing that waited for this morning matters any more.",
    )


def test_a_worker_killed_after_sending_sends_the_same_message_again(committed, smtp_sink, monkeypatch):
    choose(committed.bob, decide="digest")
    committed.requested()
    work()
    send = post.Office.send

    def killed(office, message):
        send(office, message)
        raise Killed

    monkeypatch.setattr(post.Office, "send", killed)
    with pytest.raises(Killed):
        morning()
    monkeypatch.setattr(post.Office, "send", send)
    morning(MORNING + 10 * MINUTE)

    first, again = smtp_sink.to("bob@example.org")
    assert first["Message-ID"] == again["Message-ID"]
    assert not Notice.objects.waiting().exists()


def test_after_an_outage_the_mornings_missed_are_one(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    committed.requested()
    work()
    committed.another().requested(at=AT + 2 * DAY)
    work(AT + 2 * DAY)

    morning(MORNING + 3 * DAY)

    [letter] = smtp_sink.to("bob@example.org")
    assert "2 matters" in letter["Subject"]


def test_what_begins_to_wait_while_the_mail_is_on_its_way_comes_the_next_morning(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    committed.requested()
    work()
    morning()
    committed.another().requested(at=AT)
    work(AT)  # a runner that began before eight

    morning(MORNING + MINUTE)
    assert len(smtp_sink.to("bob@example.org")) == 1
    morning(MORNING + DAY)

    assert len(smtp_sink.to("bob@example.org")) == 2


def test_two_sweeps_at_once_raise_a_morning_once(committed):
    choose(committed.bob, decide="digest")
    committed.requested()
    work()

    assert [digests.raise_due(at=MORNING) for _ in range(2)] == [1, 0]


def test_mails_not_wanted_are_not_sent_and_say_why(committed, smtp_sink):
    choose(committed.alice, outcome="none")
    committed.approved()

    work()

    assert [letter["Subject"] for letter in smtp_sink.to("alice@example.org") if "Approved" in letter["Subject"]] == []
    assert Notice.objects.filter(person=committed.alice, drop_reason__contains="chose not to").exists()


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("UTC", datetime(2026, 11, 2, 7, 59, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 8, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 2, 23, tzinfo=UTC)),
        ("Europe/Stockholm", datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
    ],
)
def test_the_next_morning_is_eight_oclock_where_the_person_is(stage, zone, at, expected):
    stage.bob.time_zone = zone

    assert next_morning(stage.bob, at) == expected


@pytest.mark.parametrize("kind", ACTS)
def test_mails_that_ask_are_not_switched_off(stage, kind):
    with pytest.raises(NotPossible, match="not be switched off"):
        choose(stage.bob, **{kind.value: "none"})
    with pytest.raises(IntegrityError), transaction.atomic():
        MailChoice.objects.create(person=stage.bob, kind=kind, when="none")


def test_a_choice_is_ones_own_and_recorded(stage):
    choose(stage.bob, outcome="digest", force="at_once")

    event = Event.objects.get(kind="user.mails_chosen")
    assert event.actor_id == stage.bob.pseudonym
    assert event.body["changes"] == {"outcome": {"before": "at_once", "after": "digest"}}
    with pytest.raises(NotAllowed):
        accounts.choose_mails(user=stage.bob, actor=stage.petra, choices={"outcome": "none"}, at=AT)
    choose(stage.bob, outcome="digest")
    assert Event.objects.filter(kind="user.mails_chosen").count() == 1


def test_the_page_offers_what_may_be_chosen_and_keeps_it(client, stage):
    client.force_login(stage.bob)
    page = client.get("/profile/mails/").text
    assert page.count('value="none"') == len(MailKind) - len(ACTS)

    chosen = {kind.value: "digest" for kind in MailKind} | {"weekly": "none"}
    assert client.post("/profile/mails/", chosen).status_code == 302
    assert dict(stage.bob.mail_choices.values_list("kind", "when")) == chosen
    response = client.post("/profile/mails/", chosen | {"decide": "none"})
    assert "decide" in response.context["form"].errors


def test_who_decided_before_their_morning_learns_the_outcome(committed, smtp_sink):
    choose(committed.bob, decide="digest")
    case = committed.requested()
    work()
    committed.approve(case)
    cases.withdraw(case=fresh(case), actor=committed.alice, at=AT, reason="Not needed")

    work()

    told = [letter["Subject"].partition(":")[0] for letter in smtp_sink.to("bob@example.org")]
    assert told == ["[Stopgap] Withdrawn, nothing to decide"]
