"""What a request is, as far as an approval rule looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Tier
from exceptions_app import limits, terms

READING = frozenset({"read", "list", "get", "view", "describe", "search"})
"""Actions that change nothing where they are done; any other is more than reading."""


@dataclass(frozen=True)
class Facts:
    """One request. `term_days` is what it asks for, `renewal` 0 for a first request."""

    kind: str
    tier: Tier
    control: str
    frameworks: frozenset[str]
    environments: frozenset[str]
    identity_kind: str
    credential_forms: frozenset[str]
    has_vendor: bool
    goes_beyond_reading: bool
    renewal: int
    term_days: int


def facts_of(draft: limits.Draft, at: datetime) -> Facts:
    """The facts of a request as it would be asked at `at` (UTC); the rows may be unsaved, with their renewal number.

    The identity's own credential counts whatever the request names, as it does for the risk.
    While no risk is known yet it counts as critical: rules then ask too many people rather than too few.
    """
    case, identity = draft.case, draft.case.identity
    systems = [grant.system for grant in draft.grants if grant.system is not None]
    return Facts(
        kind=case.kind,
        tier=Tier(case.risk_tier or draft.tier or Tier.CRITICAL),
        control=case.control.code if case.control else "",
        frameworks=_frameworks(draft),
        environments=frozenset([*([identity.environment] if identity else []), *(one.environment for one in systems)]),
        identity_kind=identity.kind if identity else "",
        credential_forms=frozenset(filter(None, [case.credential_form, identity.credential_form if identity else ""])),
        has_vendor=identity is not None and bool(identity.vendor_shown),
        goes_beyond_reading=any(action.lower() not in READING for grant in draft.grants for action in grant.actions),
        renewal=case.renewal_number,
        term_days=terms.asked_days(case, at) or 0,
    )


def _frameworks(draft: limits.Draft) -> frozenset[str]:
    if draft.case.control is None:
        return frozenset()
    return frozenset(draft.case.control.mappings.values_list("item__framework__slug", flat=True))
