"""What exceptions are made to and for: controls and the frameworks behind them, identities and systems."""

from catalog.models.choices import CredentialForm, Environment, IdentityKind, Tier
from catalog.models.controls import LIFETIME_CAPS, TERM_CAPS, Control, ControlQuerySet
from catalog.models.frameworks import ControlItem, Framework, FrameworkItem, ItemAlias
from catalog.models.identities import Identity, IdentityQuerySet
from catalog.models.systems import System

__all__ = [
    "LIFETIME_CAPS",
    "TERM_CAPS",
    "Control",
    "ControlItem",
    "ControlQuerySet",
    "CredentialForm",
    "Environment",
    "Framework",
    "FrameworkItem",
    "Identity",
    "IdentityKind",
    "IdentityQuerySet",
    "ItemAlias",
    "System",
    "Tier",
]
