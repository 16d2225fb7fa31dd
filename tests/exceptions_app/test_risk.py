"""How likelihood and impact become a tier, and the floor under it (promise 9)."""

from itertools import product

import pytest

from catalog.models import Control, CredentialForm, Environment, Identity, System, Tier
from exceptions_app import risk

PRODUCTION, STAGING = Environment.PRODUCTION, Environment.STAGING


@pytest.mark.parametrize(("likelihood", "impact"), list(product(range(1, 6), repeat=2)))
def test_a_higher_score_never_has_a_lower_tier(likelihood, impact):
    tier = risk.scored(likelihood, impact)

    assert risk.scored(min(likelihood + 1, 5), impact) >= tier
    assert risk.scored(likelihood, min(impact + 1, 5)) >= tier
    assert risk.scored(impact, likelihood) == tier


def test_the_corners():
    assert (risk.scored(1, 1), risk.scored(5, 5)) == (Tier.LOW, Tier.CRITICAL)
    assert [risk.scored(2, 2), risk.scored(1, 5), risk.scored(3, 3), risk.scored(2, 5)] == [1, 2, 2, 3]
    assert [risk.scored(4, 4), risk.scored(4, 5)] == [Tier.HIGH, Tier.CRITICAL]


def floor(severity=Tier.LOW, criticality=Tier.LOW, where=STAGING, form=CredentialForm.NONE, identity=STAGING):
    return risk.floor(
        Control(code="NHI-1", severity=severity),
        Identity(name="erp", environment=identity),
        [System(name="Vault", environment=where, criticality=criticality)],
        form,
    )


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        ({}, Tier.LOW),
        ({"severity": Tier.MODERATE}, Tier.LOW),
        ({"severity": Tier.HIGH}, Tier.MODERATE),
        ({"severity": Tier.CRITICAL}, Tier.HIGH),
        ({"criticality": Tier.HIGH}, Tier.LOW),
        ({"criticality": Tier.HIGH, "where": PRODUCTION}, Tier.MODERATE),
        ({"criticality": Tier.CRITICAL}, Tier.HIGH),
        ({"severity": Tier.CRITICAL, "criticality": Tier.CRITICAL}, Tier.HIGH),
        ({"severity": Tier.CRITICAL, "criticality": Tier.CRITICAL, "where": PRODUCTION}, Tier.CRITICAL),
        ({"form": CredentialForm.LONG_LIVED_SECRET}, Tier.LOW),
        ({"form": CredentialForm.LONG_LIVED_SECRET, "identity": PRODUCTION}, Tier.MODERATE),
        ({"form": CredentialForm.LONG_LIVED_SECRET, "where": PRODUCTION}, Tier.MODERATE),
        ({"form": CredentialForm.JIT_CREDENTIAL, "where": PRODUCTION}, Tier.LOW),
    ],
    ids=str,
)
def test_facts_put_a_floor_and_say_why(facts, tier):
    found = floor(**facts)

    assert found.tier == tier
    assert bool(found.reasons) == (tier > Tier.LOW)


@pytest.mark.parametrize(("raised", "low"), list(product([None, *Tier], Tier)))
def test_people_raise_and_never_lower(raised, low):
    found = risk.tier(likelihood=3, impact=3, raised=raised, floor=risk.Floor(low, ()))

    assert found == max(Tier.MODERATE, low, raised or Tier.LOW)
