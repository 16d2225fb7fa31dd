"""Reads an expiry. What cannot be read in one way only is refused: it never becomes "no expiry"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _

from waivers.formats.tree import BadEntry, Node

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_SLASHED = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
FIRST, LAST = 2000, 2199
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(node: Node | None, *, milliseconds: bool = False) -> date | datetime | None:
    """A day, or an instant in UTC; None where nothing is given. A number is milliseconds since 1970, if allowed.

    Raises BadEntry with `is_end`.
    """
    if node is None or node.value is None:
        return None
    if isinstance(node.value, bool | dict | list):
        raise _bad(node, node.as_written or node.kind)
    if milliseconds and isinstance(node.value, int | float):
        return plausible(_from_milliseconds(node, node.value), node.text, node.line)
    return of_text(node.text, node.line)


def of_text(text: str, line: int) -> date | datetime:
    """A day or an instant as ISO 8601 writes them; without a zone it is UTC. Raises BadEntry with `is_end`."""
    text = text.strip()
    if not text:
        raise BadEntry(_("The expiry is empty. Write a date such as 2026-12-31, or leave it out."), line, is_end=True)
    try:
        if _DAY.fullmatch(text):
            return plausible(date.fromisoformat(text), text, line)
        if _DAY.match(text):
            instant = datetime.fromisoformat(text)
            return plausible(instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC), text, line)
    except (ValueError, OverflowError):
        pass
    if _SLASHED.match(text):
        sentence = _("The expiry “%(text)s” can be read in more than one way. Write it as 2026-12-31.")
        raise BadEntry(sentence % {"text": text}, line, is_end=True)
    raise BadEntry(_unread(text), line, is_end=True)


def plausible(end: date | datetime, written: str, line: int) -> date | datetime:
    """The end, if an exception may end then: in a year that any zone can tell. Raises BadEntry with `is_end`."""
    if not FIRST <= end.year <= LAST:
        raise BadEntry(
            _("The expiry “%(text)s” means the year %(year)d. Write it as 2026-12-31.")
            % {"text": written[:60], "year": end.year},
            line,
            is_end=True,
        )
    return end


def _from_milliseconds(node: Node, value: float) -> datetime:
    try:
        return EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError) as error:
        raise _bad(node, node.as_written) from error


def _bad(node: Node, written: str) -> BadEntry:
    return BadEntry(_unread(written), node.line, is_end=True)


def _unread(written: str) -> str:
    return _("The expiry “%(text)s” is not a date. Write it as 2026-12-31.") % {"text": written[:60]}
