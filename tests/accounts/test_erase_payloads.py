"""What the ledger says of a person who left can be erased from the command line, and nothing else."""

import pytest
from django.core.management import CommandError, call_command

from accounts import services as people
from audit.models import Event, EventPayload
from audit.verify import verify
from tests.exceptions_app.world import DAY, World

pytestmark = pytest.mark.django_db


def make_world():
    world = World()
    world.active()
    return world


def test_a_leavers_payloads_go_and_every_chain_holds(world, capsys):
    people.deactivate(user=world.bob, actor=None, at=world.start + DAY)
    said = EventPayload.objects.count()

    call_command("erase_payloads", world.bob.email.upper(), reason=" Request 7 ")

    assert EventPayload.objects.count() < said
    assert not Event.objects.filter(actor_id=world.bob.pseudonym, payload__isnull=False).exists()
    assert Event.objects.filter(kind="payload.erased").latest("pk").body["reason"] == "Request 7"
    assert "payloads erased" in capsys.readouterr().out
    assert verify().ok


@pytest.mark.parametrize(
    ("email", "reason", "words"),
    [
        ("nobody@example.com", "x", "no account"),
        ("bob", "x", "still has an account"),
        ("dora", " ", "Give a reason"),
    ],
)
def test_it_refuses_in_a_sentence_and_erases_nothing(world, email, reason, words):
    people.deactivate(user=world.person("Dora"), actor=None, at=world.start + DAY)
    email = {"bob": world.bob.email, "dora": world.person("Dora").email}.get(email, email)
    said = EventPayload.objects.count()

    with pytest.raises(CommandError, match=words):
        call_command("erase_payloads", email, reason=reason)

    assert EventPayload.objects.count() == said
