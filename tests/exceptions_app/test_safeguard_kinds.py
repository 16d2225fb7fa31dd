"""What a safeguard says in the fields of its kind: kept as plain values, told in plain words, part of what is asked."""

import pytest

from catalog.models import SafeguardKind
from exceptions_app import ask, services
from exceptions_app.models import Safeguard
from exceptions_app.safeguard_kinds import DETAILS, MEANT, USUAL, in_words, kept
from exceptions_app.services import DraftContent, SafeguardContent
from tests.exceptions_app.reading import assert_intact
from tests.exceptions_app.world import START, fresh

SAID = [
    ("monitoring", {"where": "Sentinel", "who": "The on-call"}, "Watched in Sentinel. The on-call is alerted."),
    ("logging", {"where": "the lake", "days": "90"}, "Logged in the lake. Kept for 90 days."),
    ("logging", {"days": 1}, "Kept for 1 day."),
    ("network", {"networks": ["10.4.0.7/16", "192.0.2.1"]}, "Only from 10.4.0.0/16, 192.0.2.1/32."),
    ("least_privilege", {"left_out": "write"}, "It may not: write."),
    (
        "time_window",
        {"days": "work", "from": "08:00", "until": "18:00", "zone": "Europe/Stockholm"},
        "Only Monday to Friday, 08:00 to 18:00 Europe/Stockholm.",
    ),
    ("time_window", {"days": "all"}, "Only every day."),
    (
        "rotation",
        {"every": 1, "unit": "hours", "audience": "the vault"},
        "Replaced or ended every 1 hour. Accepted only by the vault.",
    ),
    ("rotation", {"every": 14}, "Replaced or ended every 14 days."),
    ("two_person", {"who": "Ana and Ben"}, "Used by two people together: Ana and Ben."),
    ("rate_limit", {"most": 100, "of": "calls", "per": "hour"}, "At most 100 calls per hour."),
    ("rate_limit", {"most": 5}, "At most 5."),
    ("rate_limit", {"of": "calls"}, ""),
    ("approval", {"who": "the shift lead"}, "Each use is approved by the shift lead."),
    (
        "attestation",
        {"document": "SOC 2, p. 14", "valid_until": "2027-03-01"},
        "The vendor attests it: SOC 2, p. 14. Valid until March 1, 2027.",
    ),
    ("other", {"anything": "at all"}, ""),
    ("", {"where": "nowhere"}, ""),
]


@pytest.mark.parametrize(("kind", "details", "words"), SAID)
def test_each_kind_says_its_fields_in_plain_words(kind, details, words):
    assert in_words(kind, kept(kind, details)) == words


SPOILED = [
    ("logging", {"days": "many"}),
    ("logging", {"days": 0}),
    ("logging", {"days": -3}),
    ("logging", {"days": 10**12}),
    ("network", {"networks": ["10.0.0.0/99"]}),
    ("network", {"networks": 7}),
    ("network", {"networks": []}),
    ("time_window", {"from": "25:00", "until": None, "zone": "Mars/Olympus", "days": "never"}),
    ("rotation", {"unit": "years"}),
    ("attestation", {"valid_until": "tomorrow"}),
    ("monitoring", {"where": "   ", "who": ["a", "list"], "more": "than asked"}),
    ("other", {"where": "somewhere"}),
]


@pytest.mark.parametrize(("kind", "details"), SPOILED)
def test_what_is_of_another_shape_is_not_kept(kind, details):
    assert kept(kind, details) == {}


def test_a_secret_is_rotated_and_watched_a_session_short_and_a_token_for_one_audience_and_short():
    assert USUAL == {
        "long_lived_secret": ("rotation", "monitoring"),
        "jit_credential": ("rotation",),
        "workload_identity_token": ("least_privilege", "rotation"),
        "certificate": ("rotation", "monitoring"),
    }
    assert {pair: str(words) for pair, words in MEANT.items()} == {
        ("jit_credential", "rotation"): "a limit on how long a session lasts",
        ("workload_identity_token", "least_privilege"): "one audience that takes the token",
        ("workload_identity_token", "rotation"): "a limit on how long a token lasts",
    }


def test_what_is_usual_for_a_credential_has_fields_of_its_own():
    assert set(DETAILS) <= set(SafeguardKind.values)
    assert {kind for kinds in USUAL.values() for kind in kinds} <= set(DETAILS)


@pytest.mark.django_db
def test_its_fields_are_part_of_what_is_asked_and_another_value_has_to_be_verified_anew(world):
    guards = [SafeguardContent("rotation", "By the vault.", details={"every": 7, "unit": "days"})]
    case = world.requested(safeguards=guards)
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.bob, at=START, statement="Rotated today.")
    before = ask.digest(fresh(case))

    longer = [SafeguardContent("rotation", "By the vault.", details={"every": 30, "unit": "days"})]
    content = DraftContent({}, None, longer)
    services.amend(
        case=case, actor=world.alice, at=START, version=fresh(case).version, content=content, router=world.router
    )

    assert ask.digest(fresh(case)) != before
    assert Safeguard.objects.get().verified_at is None
    assert_intact()


@pytest.mark.django_db
def test_a_safeguard_without_fields_is_asked_as_it_always_was(world):
    case = world.requested()

    [said] = ask.document(case)["ask"]["safeguards"]
    assert said.keys() == {"kind", "description", "required"}


@pytest.mark.django_db
def test_a_copy_says_the_same(world):
    case = world.closed(safeguards=[SafeguardContent("logging", "In the lake.", False, {"days": 90})])

    copy = services.duplicate(case=case, actor=world.alice, at=case.ended_at)

    assert copy.safeguards.get().in_words == "Kept for 90 days."
