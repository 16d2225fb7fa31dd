"""What the catalog's documents may hold: columns that are lists and mappings, checked like any other."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.models.choices import IdentityKind, SafeguardKind, Tier

PREFILLED = ("blocked", "normal_path", "justification", "if_conditions_change", "exit_plan")
"""The sections of a request that a control may fill in beforehand."""
LONGEST_TEXT = 2000
LONGEST_ID = 300
MANY = 40


def check_required_safeguards(value: Any) -> None:
    """Safeguard kinds, each with the tier from which on it is required."""
    if not isinstance(value, dict) or not value.keys() <= {*SafeguardKind.values} or not _are_tiers(value.values()):
        raise ValidationError(_("Name kinds of safeguard, each with the risk from which on it is required."))


def check_guidance(value: Any) -> None:
    """Texts by identity kind; "" for what goes for all."""
    _demand_texts(value, {"", *IdentityKind.values})


def check_prefills(value: Any) -> None:
    """Texts by section of a request."""
    _demand_texts(value, set(PREFILLED))


def check_sentences(value: Any) -> None:
    """A list of different texts."""
    _demand_list(value, longest=LONGEST_TEXT)


def check_external_ids(value: Any) -> None:
    """A list of different names, without spaces: an ARN, a SPIFFE id, an application's id."""
    _demand_list(value, longest=LONGEST_ID)
    for one in value:
        if any(character.isspace() or not character.isprintable() for character in one):
            raise ValidationError(_("An external id has no spaces: %(id)s."), params={"id": one})


def check_tags(value: Any) -> None:
    """A list of different words in small letters."""
    _demand_list(value, longest=40)
    for one in value:
        if one != one.lower() or any(character.isspace() or character == "," for character in one):
            raise ValidationError(_("A tag is one word in small letters, not “%(tag)s”."), params={"tag": one})


def _are_tiers(values: Any) -> bool:
    return all(type(value) is int and value in Tier.values for value in values)


def _demand_texts(value: Any, known: set[str]) -> None:
    if not isinstance(value, Mapping) or not value.keys() <= known:
        raise ValidationError(_("This is not a text for a section that exists."))
    if any(not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT for text in value.values()):
        raise ValidationError(_("Each text has 1 to %(longest)d characters."), params={"longest": LONGEST_TEXT})


def _demand_list(value: Any, *, longest: int) -> None:
    if not isinstance(value, list) or len(value) > MANY:
        raise ValidationError(_("Give at most %(many)d."), params={"many": MANY})
    if any(not isinstance(one, str) or not 0 < len(one) <= longest for one in value):
        raise ValidationError(_("Each has 1 to %(longest)d characters."), params={"longest": longest})
    if len(set(value)) < len(value):
        raise ValidationError(_("Name each one once."))
