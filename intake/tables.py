"""Reads tables of strangers: CSV and XLSX, row by row, in bounded memory; what is not a table is refused in a sentence.

Nothing is computed or fetched: a formula is the text it is written as, an XML entity or a bomb is refused unexpanded.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

Cell = str | date | datetime

MAX_BYTES = 30 * 1024 * 1024
MAX_UNPACKED = 250 * 1024 * 1024
MAX_PARTS = 1000
MAX_PART = 2 * 1024 * 1024
"""Unpacked bytes of a part that is neither a sheet nor the texts of the sheets: styles and the like are held whole."""
MAX_TEXTS = 30 * 1024 * 1024
MAX_STRINGS = 400_000
"""Texts of an XLSX file, which are held whole: twenty different ones in each of 20,000 rows."""
MAX_TAGS = 20_000
"""Tags of the styles, and of the list of sheets: some thousand looks of cells, read in two seconds at the worst."""
MAX_PACKED = 200
"""How many times smaller a part other than a sheet is packed at most, from PACKED_FROM bytes on."""
PACKED_FROM = 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL = 20_000
DELIMITERS = (",", ";", "\t", "|")

CONTENTS = "[Content_Types].xml"
_HELD = frozenset({"xl/styles.xml", "xl/workbook.xml"})
_TEXTS = ".sharedStrings+xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the XLSX reader raises on files that only look like one, a few hundred mutated files tried."""


class NotATable(Exception):
    """The file, or one line of it, cannot be read; the message is a sentence for its sender and names the line."""

    def __init__(self, sentence: str, *, line: int | None = None) -> None:
        self.sentence, self.line = sentence, line
        super().__init__(_("Line %(line)d: %(what)s") % {"line": line, "what": sentence} if line else sentence)


@dataclass(frozen=True)
class Line:
    """One row below the header. `number` is its line in the file, counted from 1 as an editor or a spreadsheet does."""

    number: int
    cells: tuple[Cell, ...]


def header_and_lines(file: IO[bytes]) -> tuple[tuple[str, ...], Iterator[Line]]:
    """The column names, and the rows that say something, as they are read. Raises NotATable, now or on the way.

    `file` must stay open while the rows are read. A cell is text without the space around it, or a date where the
    spreadsheet has one; a row is as long as the header.
    """
    lines = _xlsx(file) if _looks_packed(file) else _csv(file)
    first = next(lines, None)
    if first is None:
        raise NotATable(_("The file is empty: its first line must name the columns."))
    header = _header(first)
    return header, _fitted(lines, len(header))


def _looks_packed(file: IO[bytes]) -> bool:
    """XLSX files are ZIP archives, whatever they are called. Raises NotATable for what is neither that nor text."""
    file.seek(0, io.SEEK_END)
    if file.tell() > MAX_BYTES:
        raise NotATable(_("The file is larger than %(mb)d MB. Split it.") % {"mb": MAX_BYTES // 1024 // 1024})
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotATable(_("This is an old or encrypted Excel file. Save it as XLSX without a password."))
    return start.startswith(b"PK")


def _header(line: Line) -> tuple[str, ...]:
    names = [str(cell) for cell in line.cells]
    while names and not names[-1]:
        names.pop()
    if not all(names):
        raise NotATable(_("A column has no name. The first line must name every column."), line=line.number)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NotATable(_("Two columns are called “%(name)s”.") % {"name": twice[0]}, line=line.number)
    return tuple(names)


def _fitted(lines: Iterable[Line], width: int) -> Iterator[Line]:
    for line in lines:
        if any(line.cells[width:]):
            raise NotATable(_("This line has more cells than the header names."), line=line.number)
        if any(line.cells):
            yield Line(line.number, (line.cells + ("",) * width)[:width])


def _csv(file: IO[bytes]) -> Iterator[Line]:
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    start = 1
    try:
        delimiter = _delimiter(text.readline())
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for cells in reader:
            yield _line(start, cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise NotATable(_("This is not well-formed CSV: %(why)s.") % {"why": error}, line=start) from error
    except UnicodeError as error:
        raise NotATable(_("The file is not text in UTF-8. Save it as “CSV UTF-8”."), line=start) from error
    finally:
        if not file.closed:
            text.detach()  # whoever opened the file closes it


def _encoding(file: IO[bytes]) -> str:
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _delimiter(line: str) -> str:
    """The one that makes the most columns of the header; a comma where none does."""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _xlsx(file: IO[bytes]) -> Iterator[Line]:
    with _refusing():
        _demand_bounded(file)
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    with closing(book), _refusing():
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # the file's own word for its size is not to be trusted
        rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)
        for number, cells in enumerate(rows, start=1):
            yield _line(number, cells)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        if isinstance(error.__cause__ or error, DefusedXmlException):
            sentence = _("The file declares XML entities, which no spreadsheet needs. It was not opened.")
        else:
            sentence = _("This is not an XLSX file that can be read. Save it anew, or as CSV.")
        raise NotATable(sentence) from error


def _demand_bounded(file: IO[bytes]) -> None:
    """Refuse by the archive's own list, before anything is unpacked; unpacking stops at the sizes it names."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
            raise NotATable(_("Unpacked, this file would be far larger than any table. It was not opened."))
        kinds = _kinds(archive, parts)
        for part in parts:
            if not _SHEET.fullmatch(part.filename):
                _demand_small(archive, part, kinds.get(part.filename, ""))
    file.seek(0)


def _kinds(archive: zipfile.ZipFile, parts: Iterable[zipfile.ZipInfo]) -> dict[str, str]:
    """What each part says it holds. Raises ValueError where one is called as sheets are, which are read in rows."""
    for part in parts:
        if part.filename == CONTENTS:
            _demand_size(part, MAX_PART)
    named = [
        (entry.get("PartName", "")[1:], entry.get("ContentType", ""))
        for entry in fromstring(archive.read(CONTENTS), forbid_dtd=True)
    ]
    if any(_SHEET.fullmatch(name) and not kind.endswith(".worksheet+xml") for name, kind in named):
        raise ValueError(CONTENTS)
    # of a part that is named twice the name as texts comes last and counts: the reader looks for texts by that name
    return dict(sorted(named, key=lambda pair: pair[1].endswith(_TEXTS)))


def _demand_small(archive: zipfile.ZipFile, part: zipfile.ZipInfo, kind: str) -> None:
    """A part that the reader holds whole: by its size, how far it is packed, and its tags, which cost the most."""
    if part.file_size > max(PACKED_FROM, part.compress_size * MAX_PACKED):
        raise _too_large(part)
    has_texts = kind.endswith(_TEXTS) and part.filename not in _HELD
    _demand_size(part, MAX_TEXTS if has_texts else MAX_PART)
    if has_texts or part.filename in _HELD or kind.endswith(".main+xml"):
        with archive.open(part) as unpacked:
            tags = sum(chunk.count(b"<") for chunk in iter(lambda: unpacked.read(PACKED_FROM), b""))
        if tags > (4 * MAX_STRINGS if has_texts else MAX_TAGS):  # two around each text, two around its words
            raise _too_large(part)


def _demand_size(part: zipfile.ZipInfo, most: int) -> None:
    if part.file_size > most:
        raise _too_large(part)


def _too_large(part: zipfile.ZipInfo) -> NotATable:
    message = _("Unpacked, “%(part)s” of this file would be too large. It was not opened. Save the sheet as CSV.")
    return NotATable(message % {"part": part.filename})


def _line(number: int, cells: Iterable[Any]) -> Line:
    if number > MAX_ROWS + 1:
        raise NotATable(_("The file has more than %(rows)d lines. Split it.") % {"rows": MAX_ROWS}, line=number)
    line = Line(number, tuple(_cell(cell) for cell in cells))
    if len(line.cells) > MAX_COLUMNS and any(line.cells[MAX_COLUMNS:]):
        raise NotATable(_("A line has more than %(columns)d cells.") % {"columns": MAX_COLUMNS}, line=number)
    if any(isinstance(cell, str) and ("\0" in cell or len(cell) > MAX_CELL) for cell in line.cells):
        raise NotATable(_("A cell is not text that can be kept: too long, or with a NUL character."), line=number)
    return line


def _cell(value: Any) -> Cell:
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date()
        case datetime() | date():
            return value
        case time() | timedelta():
            return str(value)
        case _:
            return str(value)
