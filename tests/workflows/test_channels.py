"""Groups are told in their channels, once, in words that mention nobody. A real receiver on this machine."""

import json
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import services as accounts
from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from audit.models import Event, EventPayload
from exceptions_app import services as cases
from outgoing import signing
from tests.workflows.stage import AT, DAY, fresh, person
from tests.workflows.test_effects import work
from tests.workflows.test_mails import clock, decide, remind
from workflows import channel_changes as changes
from workflows import effects
from workflows import services as workflows
from workflows.models import ChannelKind, ChannelNotice, Effect, EffectState, GroupChannel, Notice
from workflows.rules import may_set_channel

SECRET_PATH = "/services/T0/B0/very-secret"
HOUR = DAY / 24


def open_channel(stage, receiver, *, group=None, kind=ChannelKind.SLACK, at=AT, actor=None, path=SECRET_PATH):
    return changes.set_channel(
        group=group or stage.group,
        actor=actor or stage.petra,
        at=at,
        kind=kind,
        url=receiver.url + path,
        secret=signing.new_secret() if kind == ChannelKind.GENERIC else "",
    )


def told(receiver):
    return [json.loads(posted.body) for posted in receiver.posted]


def headlines(receiver):
    return [message["text"].partition(": ")[0] for message in told(receiver)]


def effect(reaction="ask_channel"):
    return Effect.objects.get(reaction=reaction)


def fallback(stage, *members):
    group = accounts.create_group(name="Security office", actor=None, at=AT)
    for member in members or [person("Fay")]:
        accounts.add_member(group=group, member=member, actor=None, at=AT)
    accounts.set_fallback(group=group, actor=None, at=AT)
    return group


# Asking and telling


@pytest.mark.smoke
def test_the_group_that_is_asked_is_told_once_with_what_decides_it(committed, receiver, smtp_sink):
    open_channel(committed, receiver)
    committed.requested()

    with override_settings(BASE_URL="https://stopgap.example.org"):
        work()
        work(AT + DAY)

    [posted], [message] = receiver.posted, told(receiver)
    text = "\n".join(node["text"] for node in texts(message))
    assert posted.path == SECRET_PATH
    for words in (
        "EXC-2026-0001 Old key in the ERP",
        "Identity: svc-erp",
        "Control: NHI-ROT-01 Secrets are rotated",
        "Asked term: 60 days",
        "Risk: low",
        "Step: 1 of 1: Platform security",
        "Decide by: Monday 9 November 2026, 09:00 UTC",
        "This channel gets it because Platform security may decide the step",
        "<https://stopgap.example.org/exceptions/EXC-2026-0001/|Read and decide>",
    ):
        assert words in text
    assert "Invoices stop otherwise" not in text
    assert effect().state == EffectState.DONE
    assert Notice.objects.filter(sent_at__isnull=False).count() == 2


def test_the_link_opens_the_page_and_decides_nothing(committed, receiver, client):
    open_channel(committed, receiver)
    case = committed.requested()
    work()
    link = told(receiver)[0]["blocks"][-2]["text"]["text"].strip("<>").partition("|")[0]
    path = link[link.index("/exceptions/") :]

    stranger = client.get(path)
    client.force_login(committed.bob)
    page = client.get(path)

    assert stranger.url.startswith("/accounts/login/")
    assert page.status_code == 200
    assert fresh(case).state == "requested"
    assert not Event.objects.filter(kind="case.decided").exists()


def rejected(stage, case):
    decide(stage, case, cases.reject, reason="Build the rule first")


def returned(stage, case):
    decide(stage, case, cases.ask_for_changes, reason="Name the hosts")


def approved(stage, case):
    stage.approve(case)


def withdrawn(stage, case):
    cases.withdraw(case=case, actor=stage.alice, at=AT, reason="Not needed any more")


def lapsed(stage, case):
    clock(AT + 7 * DAY)


@pytest.mark.parametrize(
    ("end", "headline", "days"),
    [
        (approved, "Approved", 0),
        (rejected, "Rejected", 0),
        (returned, "Returned for changes", 0),
        (withdrawn, "Withdrawn, nothing to decide", 0),
        (lapsed, "Lapsed", 7),
    ],
)
def test_a_channel_that_was_asked_learns_the_outcome_without_the_words_of_others(
    committed, receiver, end, headline, days
):
    open_channel(committed, receiver)
    case = committed.requested(safeguard_required=True)
    work()

    end(committed, fresh(case))
    work(AT + days * DAY)
    work(AT + (days + 1) * DAY)

    assert headlines(receiver) == ["Decide by 9 Nov 09:00 UTC", headline]
    for words in ("Build the rule first", "Name the hosts", "Not needed any more", "Seen, and small"):
        assert words.encode() not in receiver.posted[-1].body


def test_a_channel_that_was_never_asked_learns_nothing(committed, receiver):
    case = committed.requested()
    work()
    open_channel(committed, receiver, at=AT + HOUR)

    rejected(committed, case)
    work(AT + DAY)

    assert receiver.posted == []
    assert effect("tell_channel").drop_reason == "No channel is concerned."


def test_a_changed_channel_does_not_learn_what_the_one_before_was_asked(committed, receiver):
    open_channel(committed, receiver, path="/old")
    case = committed.requested()
    work()
    open_channel(committed, receiver, at=AT + HOUR, path="/new")

    rejected(committed, case)
    work(AT + DAY)

    assert [posted.path for posted in receiver.posted] == ["/old"]


def test_a_channel_that_was_being_changed_while_the_other_was_asked_does_not_learn_the_outcome(committed, receiver):
    """Its change began before the question went, and ended after it."""
    open_channel(committed, receiver, path="/old")
    case = committed.requested()
    work()
    open_channel(committed, receiver, at=AT - HOUR, path="/new")

    rejected(committed, case)
    work(AT + DAY)

    assert [posted.path for posted in receiver.posted] == ["/old"]


def test_a_channel_that_never_said_it_took_the_question_learns_the_outcome(committed, receiver):
    open_channel(committed, receiver)
    receiver.status = 504
    case = committed.requested()
    work()
    receiver.status = 200

    rejected(committed, case)
    work(AT + DAY)

    assert headlines(receiver) == ["Decide by 9 Nov 09:00 UTC", "Rejected"]


def test_mails_go_before_messages_to_channels(committed, receiver, smtp_sink):
    open_channel(committed, receiver)
    committed.requested()
    committed.another().requested()
    while effects.dispatch(at=AT):
        pass

    while not receiver.posted:
        assert effects.run_next(at=AT)

    assert len(smtp_sink.messages) == 4


def test_what_was_decided_meanwhile_is_not_asked(committed, receiver):
    open_channel(committed, receiver)
    committed.approved(safeguard_required=True)

    work()

    assert receiver.posted == []
    assert "Overtaken" in effect().drop_reason


def test_of_two_that_say_the_same_only_the_latest_is_told(committed, receiver):
    open_channel(committed, receiver)
    case = fresh(committed.requested())
    content = cases.DraftContent({"term_days": 30})
    workflows.amend(case=case, actor=committed.alice, at=AT, version=case.version, content=content)

    work()

    assert len(receiver.posted) == 1
    assert b"30 days" in receiver.posted[0].body


def test_a_removed_channel_is_told_nothing(committed, receiver):
    open_channel(committed, receiver)
    committed.requested()
    changes.remove_channel(group=committed.group, actor=committed.petra, at=AT)

    work()

    assert receiver.posted == []
    assert effect().state == EffectState.DROPPED
    row = GroupChannel.objects.get()
    assert (row.url, row.secret, row.is_on) == ("", "", False)


def test_the_fallback_groups_channel_is_told_when_the_step_comes_to_it(committed, receiver):
    """One of two that cannot be reached does not have the other told twice."""
    office = fallback(committed)
    open_channel(committed, receiver, path="/own")
    open_channel(committed, receiver, group=office, path="/office")
    case = committed.requested()
    work()

    remind(AT + 6.5 * DAY)
    work(AT + 6.5 * DAY)
    rejected(committed, fresh(case))
    receiver.refused = {"/office"}
    work(AT + 6.6 * DAY)
    receiver.refused = set()
    work(AT + 6.7 * DAY)

    assert [posted.path for posted in receiver.posted] == ["/own", "/office", "/own", "/office", "/office"]
    assert b"it has come to this group" in receiver.posted[1].body


def test_the_fallback_groups_channel_is_asked_in_place_of_a_group_where_nobody_may(committed, receiver):
    office = fallback(committed)
    open_channel(committed, receiver, path="/own")
    open_channel(committed, receiver, group=office, path="/office")
    for member in (committed.bob, committed.bea):
        accounts.remove_member(group=committed.group, member=member, actor=None, at=AT)

    committed.requested()
    work()

    assert [posted.path for posted in receiver.posted] == ["/office"]


def test_without_any_channel_nothing_is_asked_of_the_case(committed, smtp_sink):
    committed.requested()

    work()

    assert effect().drop_reason == "No group has a channel."
    assert not ChannelNotice.objects.exists()


# At least once


def test_a_message_that_is_refused_is_tried_again_with_the_same_id_and_is_seen(committed, receiver):
    channel = open_channel(committed, receiver, kind=ChannelKind.GENERIC)
    receiver.status = 503
    committed.requested()

    work()
    seen, row = effect(), GroupChannel.objects.get()
    receiver.status = 200
    work(AT + 2 * HOUR / 60)

    assert seen.state == EffectState.FAILED
    assert seen.next_attempt_at > AT
    assert seen.last_error == (
        "NotDelivered: Platform security (Another program, 127.0.0.1): "
        "127.0.0.1 refused the message: it answered 503 Service Unavailable."
    )
    assert (row.is_failing, row.failure) == (True, seen.last_error.partition("): ")[2])
    assert effect().state == EffectState.DONE
    first, second = receiver.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert not GroupChannel.objects.get().is_failing
    assert channel.secret not in seen.last_error


def test_a_channel_that_fails_holds_up_neither_the_mails_nor_itself(committed, receiver, smtp_sink):
    open_channel(committed, receiver)
    receiver.status = 500
    committed.requested()
    committed.another().requested()

    work()

    assert len(receiver.posted) == 1
    assert len(smtp_sink.messages) == 4
    waiting = Effect.objects.filter(reaction="ask_channel", state=EffectState.FAILED)
    assert ["500 Internal Server Error" in one.last_error for one in waiting] == [True, True]


def test_an_inward_address_is_refused_again_when_sent(committed, receiver, settings):
    open_channel(committed, receiver)
    settings.OUTGOING_ALLOWED = []
    committed.requested()

    work()

    assert receiver.posted == []
    assert "not public" in effect().last_error


# What people wrote stays text

AWKWARD = "Key <!channel> & <https://evil.example|click> [here](https://evil.example) **now** <at>All</at>\u202e"


@pytest.fixture
def awkward(committed, receiver):
    def tell(kind):
        open_channel(committed, receiver, kind=kind)
        committed.requested(title=AWKWARD)
        work()
        return json.loads(receiver.posted[0].body)

    return tell


def texts(node):
    """Every object with a text, of a message to Slack or Teams."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node
        node = node.values()
    if not isinstance(node, str | bool | int | None):
        for part in node:
            yield from texts(part)


def test_nobody_is_mentioned_and_no_link_is_forged_in_slack(awkward):
    message = awkward(ChannelKind.SLACK)

    parsed = [node["text"] for node in texts(message) if node.get("type") == "mrkdwn"]
    assert len(parsed) == 1
    assert parsed[0].endswith("/exceptions/EXC-2026-0001/|Read and decide>")
    for node in texts(message):
        assert "<!" not in node["text"]
        assert "<https://evil" not in node["text"]
        assert "\u202e" not in node["text"]
        assert node.get("emoji") is not True
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;" in message["text"]
    assert message["mrkdwn"] is False


def test_nobody_is_mentioned_and_no_link_is_forged_in_teams(awkward):
    message = awkward(ChannelKind.TEAMS)

    [attachment] = message["attachments"]
    card = attachment["content"]
    assert (message["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert {node["type"] for node in texts(card)} == {"TextRun"}  # never read as Markdown, as a TextBlock is
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert any("[here](https://evil.example)" in node["text"] for node in texts(card))
    assert [(act["type"], act["title"]) for act in card["actions"]] == [("Action.OpenUrl", "Read and decide")]
    assert card["actions"][0]["url"].endswith("/exceptions/EXC-2026-0001/")
    assert "msteams" not in card


def test_another_program_can_see_that_a_message_is_ours(committed, receiver, monkeypatch):
    channel = open_channel(committed, receiver, kind=ChannelKind.GENERIC)
    committed.requested(title=AWKWARD)
    work()
    [posted] = receiver.posted
    headers, body = posted.headers, posted.body.decode()
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _Then)

    message = Webhook(channel.secret).verify(body, headers)

    assert message["type"] == "case.asked"
    assert message["data"]["reference"] == "EXC-2026-0001"
    assert message["data"]["identity"] == "svc-erp"
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(channel.secret).verify(body.replace("svc-erp", "svc-x"), headers)


class _Then(type(AT)):
    """The receiver's clock, as of the stage."""

    @classmethod
    def now(cls, tz=None):
        return AT


def test_a_title_as_long_as_can_be_fits_what_slack_takes(committed, receiver):
    open_channel(committed, receiver)
    committed.requested(title="<" * 160)

    work()

    fields = [field for block in told(receiver)[0]["blocks"] for field in block.get("fields", ())]
    assert len(fields) <= 10
    assert all(len(field["text"]) <= 2000 for field in fields)


# Who may, and what is told of it


def test_programme_managers_and_the_lead_may_and_nobody_else(stage, receiver):
    lena = person("Lena")
    accounts.change_group(group=stage.group, lead=lena, actor=None, at=AT)
    stage = replace(stage, group=type(stage.group).objects.get())
    audrey = person("Audrey", is_auditor=True, is_programme_manager=True)
    other = accounts.create_group(name="Other", actor=None, at=AT)

    for one in (stage.petra, lena):
        assert may_set_channel(one, stage.group)
        open_channel(stage, receiver, actor=one)
    assert not may_set_channel(lena, other)
    for one in (stage.alice, stage.bob, audrey):
        assert not may_set_channel(one, stage.group)
        for verb in (changes.remove_channel, changes.try_channel):
            with pytest.raises(NotAllowed):
                verb(group=stage.group, actor=one, at=AT)
        with pytest.raises(NotAllowed):
            open_channel(stage, receiver, actor=one)


def test_a_superuser_and_a_lead_who_left_may_not(stage):
    lena = person("Lena")
    accounts.change_group(group=stage.group, lead=lena, actor=None, at=AT)
    group = type(stage.group).objects.get()
    User.objects.filter(pk=stage.alice.pk).update(is_superuser=True)
    User.objects.filter(pk=lena.pk).update(is_active=False)

    assert not may_set_channel(User.objects.get(pk=stage.alice.pk), group)
    assert not may_set_channel(User.objects.get(pk=lena.pk), group)


def test_the_ledger_tells_kind_and_host_and_keeps_the_address_to_itself(stage, receiver):
    first = open_channel(stage, receiver, kind=ChannelKind.GENERIC)
    open_channel(stage, receiver, kind=ChannelKind.TEAMS)
    changes.try_channel(group=stage.group, actor=stage.petra, at=AT)
    receiver.status = 404
    changes.try_channel(group=stage.group, actor=stage.petra, at=AT)
    changes.remove_channel(group=stage.group, actor=stage.petra, at=AT)

    events = Event.objects.filter(kind__startswith="group.channel").order_by("sequence")
    assert [(event.kind.partition("_")[2], event.body["channel"]) for event in events] == [
        ("set", "generic"),
        ("changed", "teams"),
        ("tested", "teams"),
        ("tested", "teams"),
        ("removed", "teams"),
    ]
    assert {event.stream.name for event in events} == {stage.group.stream}
    assert {event.body["host"] for event in events} == {"127.0.0.1"}
    assert [event.body["failure"] for event in events if "failure" in event.body] == [
        "",
        "127.0.0.1 refused the message: it answered 404 Not Found.",
    ]
    written = "".join(EventPayload.objects.values_list("body", flat=True))
    assert "very-secret" not in written
    assert first.secret not in written
    assert "very-secret" not in f"{first!r} {first}"


@pytest.mark.parametrize(
    ("url", "field"), [("https://10.0.0.1/x", "url"), ("hooks.example.org", "url"), ("https://a:b@127.0.0.1/", "url")]
)
def test_an_address_that_may_not_be_posted_to_is_refused_when_set(stage, settings, url, field):
    settings.OUTGOING_ALLOWED = []

    with pytest.raises(NotPossible) as refused:
        changes.set_channel(group=stage.group, actor=stage.petra, at=AT, kind=ChannelKind.SLACK, url=url)

    assert list(refused.value.fields) == [field]
    assert not GroupChannel.objects.exists()


@pytest.mark.parametrize("secret", ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all!", "A" * 44])
def test_another_program_needs_a_secret_worth_the_name(stage, receiver, secret):
    with pytest.raises(NotPossible) as refused:
        changes.set_channel(
            group=stage.group,
            actor=stage.petra,
            at=AT,
            kind=ChannelKind.GENERIC,
            url=receiver.url,
            secret=secret,
        )

    assert list(refused.value.fields) == ["secret"]


def test_without_a_channel_there_is_nothing_to_remove_or_to_try(stage):
    for verb in (changes.remove_channel, changes.try_channel):
        with pytest.raises(NotPossible, match="no channel"):
            verb(group=stage.group, actor=stage.petra, at=AT)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "pigeon"},
        {"kind": "generic"},
        {"secret": "whsec_x"},
        {"url": "", "kind": "generic", "secret": "whsec_x"},
        {"failure": "Why"},
    ],
)
def test_the_database_holds_to_what_a_channel_is(stage, receiver, fields):
    open_channel(stage, receiver)

    with pytest.raises(IntegrityError), transaction.atomic():
        GroupChannel.objects.update(**fields)
