"""Whether a text that somebody has to write says anything, and how many people are named."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from django.utils.translation import ngettext

_SEEN_NOWHERE = ("C", "M", "Z")
"""General categories of Unicode whose characters say nothing alone: controls, formats, marks on others, spaces."""
_BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
"""Letters and symbols by their category that are drawn as nothing."""


def says(text: str) -> bool:
    """Whether its reader would see anything: spaces and zero-width characters alone are no reason."""
    return any(unicodedata.category(one)[0] not in _SEEN_NOWHERE and one not in _BLANKS for one in text)


def first_of(people: Sequence[object], most: int) -> list[str]:
    """“Bob”, “Carol”, “2 others”: the first few of many by name, and how many there are besides."""
    names = [str(person) for person in people[:most]]
    more = len(people) - len(names)
    return [*names, ngettext("%(n)d other", "%(n)d others", more) % {"n": more}] if more else names
