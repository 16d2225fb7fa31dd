"""Where heartbeats are posted to: what is forged, copied, late, early, huge or unreadable changes nothing."""

import json
import random
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from standardwebhooks import Webhook

from audit.models import Event
from exceptions_app import services
from exceptions_app.models import Heartbeat, Safeguard, Watch
from exceptions_app.services.watching import TOLERANCE
from tests.exceptions_app.world import START

pytestmark = pytest.mark.django_db
WORKING = b'{"status": "working"}'
MANY, MORE = 150, 20_000


@pytest.fixture
def watch(world):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    guard = Safeguard.objects.select_related("case").get(case=case)
    with time_machine.travel(START, tick=False):
        yield services.watch_by_heartbeat(safeguard=guard, actor=world.bob, at=START)


def signed(watch, body=WORKING, message_id="msg_1", at=START, secret=None):
    signature = Webhook(secret or watch.secret).sign(message_id, at, body.decode())
    stamp = str(int(at.timestamp()))
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signature}


def posted(client, address, body, headers):
    return client.post(reverse("heartbeat", args=[address]), body, content_type="application/json", headers=headers)


def untouched():
    return (
        Watch.objects.values_list("heard_at", "worked_at", "problem", "failures").get(),
        Safeguard.objects.values_list("verified_at", "failed_at").get(),
        Heartbeat.objects.count(),
        Event.objects.count(),
    )


def test_a_signed_heartbeat_verifies_the_safeguard(client, watch):
    answer = posted(client, watch.address, WORKING, signed(watch))

    assert (answer.status_code, answer.content) == (204, b"")
    assert Safeguard.objects.get().verified_how == "heartbeat"


def test_one_that_says_it_fails_is_taken_at_its_word(client, watch):
    body = json.dumps({"status": "failing", "note": "The rule is off."}).encode()

    assert posted(client, watch.address, body, signed(watch, body)).status_code == 204

    assert Safeguard.objects.get().failure == "The rule is off."


def test_a_note_of_half_a_character_is_no_reason_to_hear_nothing(client, watch):
    body = b'{"status": "failing", "note": "\\ud800off"}'

    assert posted(client, watch.address, body, signed(watch, body)).status_code == 204

    assert Safeguard.objects.get().failure == "off"


def respelled(watch, name, old, new):
    """Decodes to the same."""
    found = signed(watch)
    return found | {name: found[name].replace(old, new, 1)}


def bad(watch):
    """What is posted, as what, and the answer it gets."""
    late, early = START - TOLERANCE - timedelta(seconds=2), START + TOLERANCE + timedelta(seconds=2)
    other = "whsec_" + "QUJD" * 11
    huge = b'{"status": "working", "note": "' + b"x" * 5000 + b'"}'
    address = watch.address
    yield "no signature", address, WORKING, {}, 401
    yield "another secret", address, WORKING, signed(watch, secret=other), 401
    yield "late", address, WORKING, signed(watch, at=late), 401
    yield "from the future", address, WORKING, signed(watch, at=early), 401
    yield "another body", address, b'{"status":"working"}', signed(watch), 401
    yield "another id", address, WORKING, signed(watch) | {"webhook-id": "msg_2"}, 401
    yield "another time", address, WORKING, signed(watch) | {"webhook-timestamp": str(int(START.timestamp()) + 1)}, 401
    yield "no number", address, WORKING, signed(watch) | {"webhook-timestamp": "now"}, 401
    yield "endless number", address, WORKING, signed(watch) | {"webhook-timestamp": "9" * 400}, 401
    yield "not a signature", address, WORKING, signed(watch) | {"webhook-signature": "v1,é"}, 401
    yield "a signature spelled otherwise", address, WORKING, respelled(watch, "webhook-signature", "v1,", "v1,!"), 401
    yield "a time spelled otherwise", address, WORKING, respelled(watch, "webhook-timestamp", "", "+"), 401
    yield "an address nobody has", uuid.uuid4(), WORKING, signed(watch), 401
    yield "huge", address, huge, signed(watch, huge), 400
    for body in (b"", b"[]", b"null", b"{}", b'{"status": "ok"}', b'{"status": "failing", "note": 3}', b"[" * 3000):
        yield f"unreadable {body[:20]}", address, body, signed(watch, body), 400
    yield "a long id", address, WORKING, signed(watch, message_id="m" * 300), 400


def test_nothing_that_is_wrong_is_recorded(client, watch):
    before = untouched()

    answers = {
        what: (posted(client, where, body, how).status_code, wanted) for what, where, body, how, wanted in bad(watch)
    }

    assert {what: pair for what, pair in answers.items() if pair[0] != pair[1]} == {}
    assert untouched() == before


def test_what_is_not_text_is_no_heartbeat(client, watch):
    before = untouched()

    assert posted(client, watch.address, b"\xff\xfe", signed(watch)).status_code == 401

    assert untouched() == before


def test_a_copy_is_not_heard_again(client, watch):
    posted(client, watch.address, WORKING, signed(watch))
    before = untouched()

    again = posted(client, watch.address, WORKING, signed(watch))

    assert (again.status_code, again.content) == (400, b"This heartbeat was heard already, or its check has ended.\n")
    assert untouched() == before


def test_what_has_ended_hears_nothing(client, world, watch):
    services.revoke(case=watch.safeguard.case, actor=world.connie, at=START, reason="Leaked.")
    before = untouched()

    assert posted(client, watch.address, WORKING, signed(watch)).status_code == 401

    assert untouched() == before


def test_a_page_is_not_shown_there(client, watch):
    assert client.get(reverse("heartbeat", args=[watch.address])).status_code == 405


def test_random_spoilings_change_nothing(client, watch):
    spoil(client, watch, MANY)


@pytest.mark.proof
def test_many_random_spoilings_change_nothing(client, watch, proof_figure):
    spoil(client, watch, MORE)

    proof_figure("Spoiled heartbeats that were refused with 400 or 401 and left no trace", MORE)


def spoil(client, watch, number):
    """One character of the body or of a header is another, is missing, or is there twice."""
    luck, before = random.Random(5), untouched()
    for _ in range(number):
        parts = {"body": WORKING.decode(), **signed(watch)}
        name = luck.choice(list(parts))
        text = list(parts[name])
        place = luck.randrange(len(text))
        text[place : place + 1] = luck.choice([[], [text[place]] * 2, [chr(luck.randrange(33, 127))]])
        if "".join(text) == parts[name]:
            continue
        parts[name] = "".join(text)
        answer = posted(client, watch.address, parts.pop("body").encode(), parts)
        assert answer.status_code in {400, 401}, (name, text)
    assert untouched() == before
