"""What exceptions are made to and for: controls and the frameworks behind them, identities, vendors and systems."""

from catalog.models.choices import CredentialForm, Environment, IdentityKind, SafeguardKind, Tier
from catalog.models.controls import LIFETIME_CAPS, REVIEW_DAYS, TERM_CAPS, Control, ControlQuerySet
from catalog.models.frameworks import ControlItem, Framework, FrameworkItem, ItemAlias
from catalog.models.identities import ExternalId, Identity, IdentityQuerySet
from catalog.models.proposals import ControlProposal
from catalog.models.systems import System, SystemTag
from catalog.models.vendors import Vendor

__all__ = [
    "LIFETIME_CAPS",
    "REVIEW_DAYS",
    "TERM_CAPS",
    "Control",
    "ControlItem",
    "ControlProposal",
    "ControlQuerySet",
    "CredentialForm",
    "Environment",
    "ExternalId",
    "Framework",
    "FrameworkItem",
    "Identity",
    "IdentityKind",
    "IdentityQuerySet",
    "ItemAlias",
    "SafeguardKind",
    "System",
    "SystemTag",
    "Tier",
    "Vendor",
]
