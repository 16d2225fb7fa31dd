"""How likelihood and impact become a tier, and the floor below which no one may put it (DESIGN, promise 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Control, CredentialForm, Environment, Identity, System, Tier

_THRESHOLDS = ((17, Tier.CRITICAL), (10, Tier.HIGH), (5, Tier.MODERATE))


@dataclass(frozen=True)
class Floor:
    """The lowest tier the facts allow, and the sentence for each fact that asked for more than low."""

    tier: Tier
    reasons: tuple[str, ...]


def scored(likelihood: int, impact: int) -> Tier:
    """Tier by product: 1-4 low, 5-9 moderate, 10-16 high, 17-25 critical (as NIST SP 800-30, App. I)."""
    product = likelihood * impact
    return next((tier for least, tier in _THRESHOLDS if product >= least), Tier.LOW)


def floor(control: Control, identity: Identity, systems: Iterable[System], credential_form: str) -> Floor:
    """The floor from control severity, environment, system criticality and credential form, with its reasons."""
    systems = list(systems)
    found = [*_from_control(control), *_from_systems(systems), *_from_credential(identity, systems, credential_form)]
    worst = _from_conjunction(control, systems)
    found.extend(worst)
    tier = max((tier for tier, _reason in found), default=Tier.LOW)
    return Floor(tier, tuple(reason for _tier, reason in found))


def tier(*, likelihood: int | None, impact: int | None, raised: int | None, floor: Floor) -> Tier:
    """The tier in force: the score, never below the floor, never below what a person raised it to."""
    score = scored(likelihood, impact) if likelihood and impact else Tier.LOW
    return Tier(max(score, floor.tier, raised or Tier.LOW))


def _from_control(control: Control) -> list[tuple[Tier, str]]:
    if control.severity == Tier.CRITICAL:
        return [(Tier.HIGH, _("The control %(code)s is critical.") % {"code": control.code})]
    if control.severity == Tier.HIGH:
        return [(Tier.MODERATE, _("The control %(code)s is of high severity.") % {"code": control.code})]
    return []


def _from_systems(systems: list[System]) -> list[tuple[Tier, str]]:
    found = []
    for system in systems:
        if system.criticality == Tier.CRITICAL:
            found.append((Tier.HIGH, _("%(system)s is a critical system.") % {"system": system.name}))
        elif system.criticality == Tier.HIGH and system.environment == Environment.PRODUCTION:
            found.append((Tier.MODERATE, _("%(system)s is important and in production.") % {"system": system.name}))
    return found


def _from_credential(identity: Identity, systems: list[System], form: str) -> list[tuple[Tier, str]]:
    """The identity's own credential counts whatever the request names: people raise the floor and never lower it."""
    forms = {form, identity.credential_form}
    if CredentialForm.LONG_LIVED_SECRET not in forms or not _in_production(identity, systems):
        return []
    if form == CredentialForm.LONG_LIVED_SECRET:
        return [(Tier.MODERATE, _("A long-lived secret is used in production."))]
    known = _("%(identity)s is known by a long-lived secret, whichever credential is named here.")
    return [(Tier.MODERATE, known % {"identity": identity.slug})]


def _from_conjunction(control: Control, systems: list[System]) -> list[tuple[Tier, str]]:
    if control.severity != Tier.CRITICAL:
        return []
    hit = [s for s in systems if s.criticality == Tier.CRITICAL and s.environment == Environment.PRODUCTION]
    return [
        (Tier.CRITICAL, _("A critical control is set aside on %(system)s, critical and in production.") % {"system": s})
        for s in hit
    ]


def _in_production(identity: Identity, systems: list[System]) -> bool:
    places = [identity.environment, *(system.environment for system in systems)]
    return Environment.PRODUCTION in places
