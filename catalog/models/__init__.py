"""What exceptions are made to and for: controls, identities and systems."""

from catalog.models.choices import CredentialForm, Environment, IdentityKind, Tier
from catalog.models.controls import LIFETIME_CAPS, TERM_CAPS, Control, ControlQuerySet
from catalog.models.identities import Identity, IdentityQuerySet
from catalog.models.systems import System

__all__ = [
    "LIFETIME_CAPS",
    "TERM_CAPS",
    "Control",
    "ControlQuerySet",
    "CredentialForm",
    "Environment",
    "Identity",
    "IdentityKind",
    "IdentityQuerySet",
    "System",
    "Tier",
]
