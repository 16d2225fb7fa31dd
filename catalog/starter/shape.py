"""What a control to start from says."""

from dataclasses import dataclass, field
from typing import TypedDict

from catalog.models import LIFETIME_CAPS, TERM_CAPS, Tier


class Caps(TypedDict):
    """Days."""

    term_cap_low: int
    term_cap_moderate: int
    term_cap_high: int
    term_cap_critical: int
    lifetime_cap_low: int
    lifetime_cap_moderate: int
    lifetime_cap_high: int
    lifetime_cap_critical: int


def default_caps() -> Caps:
    return Caps(
        term_cap_low=TERM_CAPS[Tier.LOW],
        term_cap_moderate=TERM_CAPS[Tier.MODERATE],
        term_cap_high=TERM_CAPS[Tier.HIGH],
        term_cap_critical=TERM_CAPS[Tier.CRITICAL],
        lifetime_cap_low=LIFETIME_CAPS[Tier.LOW],
        lifetime_cap_moderate=LIFETIME_CAPS[Tier.MODERATE],
        lifetime_cap_high=LIFETIME_CAPS[Tier.HIGH],
        lifetime_cap_critical=LIFETIME_CAPS[Tier.CRITICAL],
    )


@dataclass(frozen=True, kw_only=True)
class StarterControl:
    code: str
    title: str
    statement: str
    severity: Tier
    answers_to: tuple[str, ...]
    exceptions_allowed: bool = True
    caps: Caps = field(default_factory=default_caps)
