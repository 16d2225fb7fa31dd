"""What the keys of a control's documents stand for: kinds of safeguard, kinds of identity, sections of a request."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import IdentityKind, SafeguardKind, Tier
from catalog.validators import PREFILLED
from exceptions_app.models import ExceptionCase

READERS: dict[str, Any] = {"": _("for everybody"), **dict(IdentityKind.choices)}
SECTIONS: dict[str, Any] = {
    column.name: column.verbose_name for column in ExceptionCase._meta.concrete_fields if column.name in PREFILLED
}
_NAMES = {**READERS, **SECTIONS, **dict(SafeguardKind.choices)}


def told(document: dict[str, Any]) -> str:
    """The whole mapping on one line."""
    return "; ".join(f"{_NAMES.get(key, key)}: {_value(value)}" for key, value in document.items())


def _value(value: Any) -> str:
    return str(Tier(value).label) if isinstance(value, int) and value in Tier.values else str(value)
