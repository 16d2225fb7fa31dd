"""CSV and XLSX lists of exceptions, by a mapping that says which column holds what. Dates are never guessed."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from intake import cells
from intake.tables import Cell, Line, NotATable, header_and_lines
from waivers.formats import ends
from waivers.formats.entries import key_of, says_nothing
from waivers.formats.finding import Findings, Problem, ReasonFrom, Waiver
from waivers.formats.tree import MOST_ENTRIES, BadEntry

FORMAT = "table"
SUFFIXES = {".csv", ".tsv", ".xlsx"}
NEEDED = ("key", "excepted")
MEANINGS = (*NEEDED, "title", "places", "reason", "ends", "facts")
ORDERS = {"day-first": cells.DAY_FIRST, "month-first": cells.MONTH_FIRST}
_VERB = re.compile(r"[a-z][a-z-]{0,39}")


class BadMapping(Exception):
    """The mapping cannot be used; the message is a sentence for its writer."""


@dataclass(frozen=True)
class TableMapping:
    """Which columns hold what. `dates` is one of ORDERS, or "": then 03/04/2026, which may be two days, is refused."""

    columns: Mapping[str, tuple[str, ...]]
    dates: str = ""
    verb: str = "ignore"

    @property
    def words(self) -> dict[str, Any]:
        """What a mapping file would say; `from_words` reads it."""
        return {
            "columns": {meaning: list(names) for meaning, names in self.columns.items()},
            "dates": self.dates,
            "verb": self.verb,
        }


@dataclass
class _Row:
    """One line by the names of its columns."""

    line: int
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def texts(self, names: tuple[str, ...]) -> list[str]:
        return [text for name in names if (text := str(self.cells[name]).strip())]


def is_table(file: str) -> bool:
    """Whether a file of this name needs a mapping to be read."""
    return PurePath(file).suffix.lower() in SUFFIXES


def mapping(name: str, content: bytes) -> TableMapping:
    """Read a mapping, TOML or JSON by its name's ending. Raises BadMapping."""
    try:
        text = content.decode()
        said = tomllib.loads(text) if name.lower().endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMapping(_("The mapping is neither JSON nor TOML: %(why)s") % {"why": error}) from error
    return from_words(said)


def from_words(said: Any) -> TableMapping:
    """A mapping by what its file says. Raises BadMapping."""
    columns = said.get("columns") if isinstance(said, dict) else None
    if not isinstance(columns, dict):
        raise BadMapping(_("The mapping needs “columns”: which column holds key, excepted, reason, ends, …"))
    unknown = [*(set(columns) - set(MEANINGS)), *(set(said) - {"columns", "dates", "verb"})]
    if unknown:
        known = ", ".join(MEANINGS)
        words = {"name": unknown[0], "known": known}
        raise BadMapping(_("The mapping speaks of “%(name)s”. It knows: %(known)s.") % words)
    if missing := [name for name in NEEDED if not columns.get(name)]:
        raise BadMapping(_("The mapping names no column for “%(name)s”.") % {"name": missing[0]})
    dates = str(said.get("dates", ""))
    if dates not in {"", *ORDERS}:
        raise BadMapping(_("“dates” is either day-first or month-first."))
    verb = verb_of(said.get("verb", "ignore"))
    return TableMapping({name: _names(name, value) for name, value in columns.items()}, dates, verb)


def verb_of(word: Any) -> str:
    """What each exception of a table does. Raises BadMapping for anything but one plain word."""
    if not isinstance(word, str) or not _VERB.fullmatch(word):
        raise BadMapping(_("“verb” is one word, such as ignore or open-port."))
    return word


def header_of(content: bytes) -> tuple[str, ...]:
    """The names of a table's columns; none where it is no table after all, which reading it will explain."""
    try:
        return header_and_lines(io.BytesIO(content))[0]
    except NotATable:
        return ()


def read(file: str, content: bytes, how: TableMapping) -> Findings:
    """All exceptions of a table. A line that cannot be read is a problem of its own; nothing here raises."""
    digest = hashlib.sha256(content).hexdigest()
    findings = Findings(file=file, format=FORMAT, sha256=digest, size=len(content))
    try:
        header, lines = header_and_lines(io.BytesIO(content))
        _demand_columns(header, how)
        findings.header, findings.mapping = header, how.words
        seen: dict[str, int] = {}
        for row in _rows(header, lines):
            _take(findings, row, how, seen)
            _demand_bounded(findings)
    except NotATable as error:
        findings.refuse(error.sentence, error.line or 0)
    return findings


def _names(meaning: str, value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadMapping(_("“%(name)s” names a column, or a list of columns.") % {"name": meaning})
    return tuple(names)


def _demand_columns(header: tuple[str, ...], how: TableMapping) -> None:
    for names in how.columns.values():
        for name in names:
            if name not in header:
                words = {"name": name, "some": ", ".join(header)}
                raise NotATable(_("There is no column “%(name)s”. There are: %(some)s.") % words, line=1)


def _rows(header: tuple[str, ...], lines: Iterator[Line]) -> Iterator[_Row]:
    for line in lines:
        yield _Row(line.number, dict(zip(header, line.cells, strict=True)))


def _take(findings: Findings, row: _Row, how: TableMapping, seen: dict[str, int]) -> None:
    try:
        waiver = _waiver(findings.file, row, how)
        _demand_new(waiver, seen)
    except BadEntry as error:
        findings.problems.append(Problem(error.line, error.sentence, error.is_end))
        return
    findings.waivers.append(waiver)


def _demand_bounded(findings: Findings) -> None:
    """What holds too much is refused at once, not once all of it is read."""
    if len(findings.waivers) > MOST_ENTRIES:
        raise NotATable(_("It holds more than %(n)d exceptions.") % {"n": MOST_ENTRIES})
    if len(findings.problems) > MOST_ENTRIES:
        raise NotATable(_("More than %(n)d of its lines cannot be read.") % {"n": MOST_ENTRIES})


def _demand_new(waiver: Waiver, seen: dict[str, int]) -> None:
    first = seen.setdefault(waiver.key, waiver.line)
    if first != waiver.line:
        words = {"key": waiver.key, "line": first}
        raise BadEntry(_("The key “%(key)s” stands on line %(line)d already.") % words, waiver.line)


def _waiver(file: str, row: _Row, how: TableMapping) -> Waiver:
    columns = how.columns
    keys, excepted = row.texts(columns["key"]), row.texts(columns["excepted"])
    if not keys:
        raise BadEntry(_("This line has no key."), row.line)
    if not excepted:
        raise BadEntry(_("This entry does not say what it excepts."), row.line)
    reason = " ".join(row.texts(columns.get("reason", ())))
    is_reason = bool(reason) and not says_nothing(reason)
    end, written = _end(row, how)
    return Waiver(
        file=file,
        line=row.line,
        format=FORMAT,
        key=key_of(*keys),
        title=" · ".join(row.texts(columns.get("title", ()))),
        verb=how.verb,
        excepted=tuple(excepted),
        places=tuple(row.texts(columns.get("places", ()))),
        ends=end,
        end_as_written=written,
        reason=reason if is_reason else "",
        reason_from=_origin(reason, is_reason=is_reason),
        reason_as_written=reason,
        facts=tuple((name, str(row.cells[name])) for name in columns.get("facts", ()) if str(row.cells[name]).strip()),
    )


def _origin(reason: str, *, is_reason: bool) -> ReasonFrom:
    if is_reason:
        return ReasonFrom.FIELD
    return ReasonFrom.PLACEHOLDER if reason else ReasonFrom.NOWHERE


def _end(row: _Row, how: TableMapping) -> tuple[date | datetime | None, str]:
    """The end and how it was written: the first of its columns that says something."""
    written = [row.cells[name] for name in how.columns.get("ends", ()) if str(row.cells[name]).strip()]
    if not written:
        return None, ""
    try:
        return _day(written[0], row.line, ORDERS.get(how.dates, "")), str(written[0])
    except cells.Unreadable as error:
        raise BadEntry(str(error), row.line, is_end=True) from error


def _day(cell: Cell, line: int, order: str) -> date | datetime:
    """A spreadsheet's own date, numbers with slashes, dashes or dots in the order given, or ISO."""
    numbers = cell.replace(".", "/") if isinstance(cell, str) else cell
    if isinstance(numbers, str) and not cells.NUMBERS.fullmatch(numbers):
        return ends.of_text(str(cell), line)
    return ends.plausible(cells.day(numbers, cells.Reader(order)), str(cell), line)
