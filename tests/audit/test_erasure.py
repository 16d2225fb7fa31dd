"""erase() removes a person's words from the ledger, says that it did, and breaks no chain."""

import pytest

from audit import queries
from audit import services as ledger
from audit.actors import SYSTEM, Actor
from audit.models import Erasure, Event, EventPayload
from audit.verify import verify
from tests.audit.conftest import ALICE, AT, BOB, entry, record, record_all

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


def erase_bob() -> int:
    return ledger.erase(person=BOB.id, actor=ALICE, at=AT, reason="Bob left and asked for it.")


def test_payloads_by_and_about_the_person_go_and_others_stay():
    by_bob = record(actor=BOB)
    about_bob = record(body={"backup_owner": BOB.id})
    by_alice = record()

    assert erase_bob() == 2

    assert set(EventPayload.objects.exclude(event__kind="payload.erased").values_list("event", flat=True)) == {
        by_alice.pk
    }
    assert set(Erasure.objects.values_list("event", flat=True)) == {by_bob.pk, about_bob.pk}
    assert [event.body for event in queries.story("exceptions/EXC-2026-0001")] == [None, None, {"title": "Old key"}]


def test_erasing_one_persons_payloads_leaves_every_chain_valid(written):
    assert ledger.erase(person=ALICE.id, actor=SYSTEM, at=AT, reason="Alice asked.") > 0

    assert not EventPayload.objects.filter(event__actor_id=ALICE.id).exists()
    assert verify().ok


def test_erasing_is_an_event_that_says_what_for_whom_and_why():
    record(actor=BOB)

    erase_bob()

    [event] = queries.story("ledger/erasures")
    assert (event.kind, event.actor_id) == ("payload.erased", ALICE.id)
    assert event.body == {
        "person": str(BOB.id),
        "reason": "Bob left and asked for it.",
        "events": [{"stream": "exceptions/EXC-2026-0001", "sequence": 1}],
    }


def test_event_that_records_an_erasure_is_not_erased_by_the_next():
    record(actor=BOB)
    erase_bob()

    assert erase_bob() == 0
    assert ledger.erase(person=ALICE.id, actor=BOB, at=AT, reason="Alice asked too.") == 0
    assert verify().ok


def test_token_with_the_same_number_is_somebody_else():
    record(actor=Actor("token", BOB.id))

    assert erase_bob() == 0


def test_many_payloads_are_erased_in_portions_each_with_its_event():
    record_all([entry(f"exceptions/EXC-2026-{number}", actor=BOB) for number in range(1_001)])

    assert erase_bob() == 1_001

    assert [len(event.body["events"]) for event in queries.story("ledger/erasures")] == [1_000, 1]
    assert verify().ok
    assert Event.objects.filter(payload=None).count() == 1_001
