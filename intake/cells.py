"""What a cell of a stranger's table says: a word of ours, a person, a day. What cannot be read is a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import ApproverGroup, Team, User
from catalog.models import Vendor
from intake.tables import Cell

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
NOTHING = "-"
"""A cell that empties what is there; an empty cell leaves it."""

NUMBERS = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
"""A day that says by itself neither that the day comes first nor that the month does."""

NAMES: Mapping[type[models.Model], Sequence[str]] = {
    User: ("email",),
    Team: ("name",),
    Vendor: ("slug", "name"),
    ApproverGroup: ("slug", "name"),
}
"""The columns by which a cell names a row, the most certain first."""

_DOTTED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_FORMULA = re.compile(r"'([-=+@%]|\\?\|)")
_SHIELDED = re.compile(r"'+([-=+@%\t]|\\?\|)")


Spelling: TypeAlias = Callable[[str], str]


class Unreadable(Exception):
    """A cell says nothing that can be taken over; the message is a sentence."""


class Ambiguous(Unreadable):
    """A day that may be two: 03/04."""


@dataclass
class Reader:
    """What cells are read with: how the file writes days, and the rows its words stand for, looked up once."""

    day_order: str = ""
    _found: dict[type[models.Model], list[tuple[Spelling, dict[str, list[Any]]]]] = field(default_factory=dict)

    def find(self, model: type[models.Model], word: str) -> Any:
        """The row that goes by the word, in any case; None where there is none. Raises Unreadable where two do."""
        if model not in self._found:
            self._found[model] = _named(model)
        rows = next((rows for spelled, words in self._found[model] if (rows := words.get(spelled(word)))), [])
        if len(rows) > 1:
            names = ", ".join(sorted(str(getattr(row, NAMES[model][0])) for row in rows))
            raise Unreadable(_("“%(cell)s” means %(rows)s. Write one of these.") % {"cell": word, "rows": names})
        return rows[0] if rows else None


Parse: TypeAlias = Callable[[Cell, Reader], Any]


def text(cell: Cell, reader: Reader) -> str:
    """Text as it is written; the quote with which an export shields a formula is taken off, and that of its bars."""
    words = cell.isoformat() if isinstance(cell, date) else cell
    if not _SHIELDED.match(words):
        return words
    return words[1:].replace(r"\|", "|") if _FORMULA.match(words) else words[1:]


def shielded(words: str) -> str:
    """The cell that `text` reads as these words, where they look like a shielded formula or like NOTHING."""
    return f"'{words}" if words == NOTHING or _SHIELDED.match(words) else words


def day(cell: Cell, reader: Reader) -> date:
    """A date: the spreadsheet's own, 2026-12-04, 4.12.2026, or 04/12/2026 where it is known which comes first.

    Raises Ambiguous where that is not known, and Unreadable for what is no day.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if found := NUMBERS.fullmatch(cell):
        return _in_order(cell, int(found[1]), int(found[3]), int(found[4]), reader.day_order)
    if found := _DOTTED.fullmatch(cell):
        return _day(cell, int(found[3]), int(found[2]), int(found[1]))
    try:
        return date.fromisoformat(cell[:10] if re.fullmatch(r"[\d-]{10}[T ][\d:.Z+-]+", cell) else cell)
    except ValueError as error:
        raise Unreadable(_("“%(cell)s” is not a date. Write it as 2026-12-04.") % {"cell": cell}) from error


def whole(cell: Cell, reader: Reader) -> int:
    words = text(cell, reader)
    if not re.fullmatch(r"\d{1,6}", words):
        raise Unreadable(_("“%(cell)s” is not a whole number.") % {"cell": words})
    return int(words)


def yes_or_no(cell: Cell, reader: Reader) -> bool:
    words = text(cell, reader).casefold()
    if words in {"yes", "true", "1", "y"}:
        return True
    if words in {"no", "false", "0", "n"}:
        return False
    raise Unreadable(_("Write yes or no, not “%(cell)s”.") % {"cell": words})


def several(cell: Cell, reader: Reader) -> list[str]:
    """Words with commas, semicolons or line breaks between them."""
    parts = (part.strip() for part in re.split(r"[,;\n]", text(cell, reader)))
    return [part for part in dict.fromkeys(parts) if part]


def ids(cell: Cell, reader: Reader) -> list[str]:
    """Ids of elsewhere, one a line; on one line, with semicolons between them, or commas and spaces.

    A comma alone divides nothing: CN=svc,OU=Apps is one id. No id has spaces, so a comma before one ends it.
    """
    words = text(cell, reader)
    parts = (part.strip() for part in re.split(r"\n" if "\n" in words else r";|,\s+", words))
    return [part for part in dict.fromkeys(parts) if part]


def written_ids(values: Sequence[str]) -> str:
    """The cell that `ids` reads as these; one with a semicolon stands on two lines, so that it is read as lines are."""
    is_divided = len(values) == 1 and ";" in values[0]
    return "\n".join([*values, *values] if is_divided else values)


def small_words(cell: Cell, reader: Reader) -> list[str]:
    return several(text(cell, reader).lower(), reader)


def one_of(choices: type[models.Choices]) -> Parse:
    """One of our words, by its value or its name, however it is written."""
    known = {_plain(str(word)): value for value, label in choices.choices for word in (value, label)}

    def parse(cell: Cell, reader: Reader) -> Any:
        words = text(cell, reader)
        if (value := known.get(_plain(words))) is None:
            offered = ", ".join(str(label) for _value, label in choices.choices)
            raise Unreadable(_("“%(cell)s” is none of these: %(offered)s.") % {"cell": words, "offered": offered})
        return value

    return parse


def person(cell: Cell, reader: Reader) -> User:
    """Somebody by mail address."""
    words = text(cell, reader)
    found: User | None = reader.find(User, words)
    if found is None:
        raise Unreadable(_("Nobody here has the mail address %(cell)s.") % {"cell": words})
    return found


def row_of(model: type[models.Model], none: Any) -> Parse:
    """A row by its name or handle; `none` is the sentence for one that is not there, with “%(cell)s”."""

    def parse(cell: Cell, reader: Reader) -> Any:
        words = text(cell, reader)
        if (found := reader.find(model, words)) is None:
            raise Unreadable(str(none) % {"cell": words})
        return found

    return parse


def _in_order(cell: str, first: int, second: int, year: int, order: str) -> date:
    if not order and max(first, second) > 12:
        order = DAY_FIRST if first > 12 else MONTH_FIRST
    if not order and first != second:
        sentence = _("“%(cell)s” may be two different days. Say which comes first, the day or the month.")
        raise Ambiguous(sentence % {"cell": cell})
    days, months = (second, first) if order == MONTH_FIRST else (first, second)
    return _day(cell, year, months, days)


def _day(cell: str, year: int, month: int, days: int) -> date:
    try:
        return date(year, month, days)
    except ValueError as error:
        raise Unreadable(_("“%(cell)s” is not a day of the calendar.") % {"cell": cell}) from error


def _plain(words: str) -> str:
    return re.sub(r"[\s_-]+", " ", words).strip().casefold()


def _named(model: type[models.Model]) -> list[tuple[Spelling, dict[str, list[Any]]]]:
    """The rows of a model by the words that name them: a handle before a name, the word itself before other cases."""
    rows, found = list(model._default_manager.all()), list[tuple[Spelling, dict[str, list[Any]]]]()
    for name in NAMES[model]:
        for spelled in (str, str.casefold):
            words: dict[str, list[Any]] = {}
            for row in rows:
                words.setdefault(spelled(getattr(row, name)), []).append(row)
            found.append((spelled, words))
    return found
