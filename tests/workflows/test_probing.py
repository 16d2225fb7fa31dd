"""Probes ask real servers on this machine, each address once in its time, and say what is not as expected."""

import json

import pytest

from exceptions_app import services
from exceptions_app.models import Safeguard, Watch
from tests.exceptions_app.world import HOUR, START
from workflows import probing

pytestmark = pytest.mark.django_db


@pytest.fixture
def watch(world, receiver):
    case = world.approved(safeguards=[world.safeguard(required=True)])
    guard = Safeguard.objects.select_related("case").get(case=case)
    asked = {"url": f"{receiver.url}/health", "status": 200, "pointer": "/checks/0/ok", "expected": "true"}
    receiver.sent = json.dumps({"checks": [{"ok": True}]}).encode()
    return services.watch_by_probe(safeguard=guard, actor=world.bob, at=START, **asked)


def test_an_answer_as_expected_verifies_the_safeguard(watch, receiver):
    assert probing.run(now=lambda: START) == 1

    assert [asked.path for asked in receiver.posted] == ["/health"]
    assert Safeguard.objects.get().verified_how == "probe"
    assert (Watch.objects.get().worked_at, Watch.objects.get().problem) == (START, "")


def test_an_address_is_asked_once_in_its_time(watch, receiver):
    for at in (START, START, START + probing.EVERY / 2, START + probing.EVERY):
        probing.run(now=lambda at=at: at)

    assert len(receiver.posted) == 2


ANSWERS = {
    "another value": (200, b'{"checks": [{"ok": false}]}', "is not true"),
    "a value of another kind": (200, b'{"checks": [{"ok": "true"}]}', "is not true"),
    "one for true": (200, b'{"checks": [{"ok": 1}]}', "is not true"),
    "nothing there": (200, b'{"checks": []}', "has nothing at"),
    "no JSON": (200, b"<html>", "is no JSON"),
    "an endless nesting": (200, b"[" * 60_000, "is no JSON"),
    "another status": (503, b"{}", "503 Service Unavailable instead of 200"),
    "a redirect": (302, b"", "has moved"),
    "too much": (200, b" " * 70_000, "could not be reached"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_what_is_not_as_expected_is_said(watch, receiver, what):
    receiver.status, receiver.sent, said = ANSWERS[what]

    probing.run(now=lambda: START)

    assert said in Watch.objects.get().problem
    assert Safeguard.objects.get().verified_at is None


def test_an_address_inside_is_never_asked(world, watch, settings, receiver):
    settings.OUTGOING_ALLOWED = []

    probing.run(now=lambda: START)

    assert "not public" in Watch.objects.get().problem
    assert receiver.posted == []


def test_what_has_ended_is_asked_no_more(world, watch, receiver):
    case = watch.safeguard.case
    services.revoke(case=case, actor=world.connie, at=START + HOUR, reason="Leaked.")

    assert probing.run(now=lambda: START + 2 * HOUR) == 0


def test_without_a_pointer_a_long_answer_is_not_read(watch, receiver):
    Watch.objects.update(pointer="", expected="")
    receiver.sent = b" " * 70_000

    probing.run(now=lambda: START)

    assert Watch.objects.get().problem == ""


def test_what_is_no_longer_there_holds_up_no_other(world, watch, receiver, monkeypatch):
    asked = probing.probe

    def ends_meanwhile(found):
        services.stop_watching(safeguard=found.safeguard, actor=world.bob, at=START)
        return asked(found)

    monkeypatch.setattr(probing, "probe", ends_meanwhile)

    assert probing.run(now=lambda: START) == 1
    assert not Watch.objects.exists()
