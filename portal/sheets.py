"""A table as a file to take away: CSV or XLSX, a row at a time, in which no spreadsheet runs what a person wrote.

`answer(request's kind, name=…, header=…, rows=…)` is all a page needs. Rows are read once and never held together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias

from defusedcsv import csv
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell: TypeAlias = "str | int | float | bool | date | datetime | Promise | None"
Row: TypeAlias = Sequence[Cell]

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS_A_SHEET = 1_048_575
"""What a sheet of XLSX holds beside its header; more rows go on in a further sheet."""
LONGEST = 32_767
"""Characters a cell of XLSX holds."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")
INSTANT = "yyyy-mm-dd hh:mm:ss"
DAY = "yyyy-mm-dd"


def answer(kind: str, *, name: str, header: Sequence[Cell], rows: Iterable[Row]) -> HttpResponseBase:
    """The table as a download `name.kind`; `kind` is one of KINDS. Instants are told in UTC."""
    if kind == "xlsx":
        return FileResponse(
            _xlsx(header, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=KINDS["xlsx"]
        )
    response = StreamingHttpResponse(_csv(header, rows), content_type=KINDS["csv"])
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _csv(header: Sequence[Cell], rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)  # a sheet divided at semicolons finds no formula within
    for row in chain([header], rows):
        yield writer.writerow([_text(value) for value in row])


def _text(value: Cell) -> str:
    if isinstance(value, datetime):
        return _in_utc(value).isoformat(timespec="seconds")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("\t", "\r")) else text  # what defusedcsv lets pass


def _xlsx(header: Sequence[Cell], rows: Iterable[Row]) -> IO[bytes]:
    """The workbook in a file that is gone once it is closed: openpyxl keeps written rows on disk, not in memory."""
    book, remaining = Workbook(write_only=True), iter(rows)
    head = [str(title) for title in header]
    first: Iterable[Row] = islice(remaining, 1)
    while True:
        _fill(book.create_sheet(), head, chain(first, islice(remaining, ROWS_A_SHEET - 1)))
        first = list(islice(remaining, 1))
        if not first:
            break
    written = TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(written)
    written.seek(0)
    return written


def _fill(sheet: WriteOnlyWorksheet, head: list[str], rows: Iterable[Row]) -> None:
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, title) for title in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Cell) -> Any:
    """The value as the format has it; text is always text, whatever it begins with."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return _dated(sheet, _in_utc(value).replace(tzinfo=None), INSTANT)
    if isinstance(value, date):
        return _dated(sheet, datetime(value.year, value.month, value.day), DAY)  # noqa: DTZ001 - a day has no zone
    text = _FORBIDDEN.sub("", str(value))[:LONGEST]
    if not text.startswith(_FORMULA):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True  # stays text even after somebody edits the cell
    return cell


def _dated(sheet: WriteOnlyWorksheet, moment: datetime, look: str) -> Any:
    cell = WriteOnlyCell(sheet, moment)
    cell.number_format = look
    return cell


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)
