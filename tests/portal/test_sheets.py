"""Tables to take away: what a person wrote stays text in both kinds, dates are dates, and rows are read once."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime, timedelta, timezone
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from portal import sheets

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=cmd|"/c calc"!A0', "|x"]
AT = datetime(2026, 3, 2, 10, 30, 15, 999, tzinfo=timezone(timedelta(hours=1)))


def made(kind, rows, header=("one", "two")):
    response = sheets.answer(kind, name="things", header=header, rows=rows)
    content = b"".join(response.streaming_content)
    close(response)
    return response, content


def close(response):
    """As a server does, but for the signal that closes the database with it."""
    if kept := getattr(response, "file_to_stream", None):
        kept.close()


def book(content):
    return load_workbook(io.BytesIO(content))


@pytest.mark.parametrize("text", [text for text in FORMULAS if text != "-1"])  # a number runs nothing
def test_csv_makes_text_of_what_a_spreadsheet_would_run(text):
    _response, content = made("csv", [[text, "x"]])

    cell = next(csv.reader(io.StringIO(content.decode().split("\r\n", 1)[1])))[0]
    assert cell.startswith("'")
    assert cell[1:].replace("\\|", "|") == text


@pytest.mark.parametrize("text", FORMULAS)
def test_xlsx_holds_a_formula_as_text_that_stays_text(text):
    _response, content = made("xlsx", [[text, "x"]])

    cell = book(content).active["A2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)
    assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_a_header_is_text_too():
    _response, content = made("xlsx", [], header=("=1+1", "two"))

    assert book(content).active["A1"].data_type == "s"


def test_xlsx_has_real_dates_numbers_and_nothing():
    _response, content = made("xlsx", [[AT, date(2026, 3, 2), 7, True, None]])

    row = next(book(content).active.iter_rows(min_row=2))
    assert [str(cell.value) for cell in row[:4]] == ["2026-03-02 09:30:15", "2026-03-02 00:00:00", "7", "True"]
    assert [cell.number_format for cell in row[:2]] == [sheets.INSTANT, sheets.DAY]
    assert row[0].is_date
    assert row[1].is_date


def test_csv_tells_instants_in_utc():
    _response, content = made("csv", [[AT, date(2026, 3, 2), 7, True, None]])

    assert content.decode().splitlines()[1] == '"2026-03-02T09:30:15+00:00","2026-03-02","7","True",""'


def test_what_a_workbook_cannot_hold_is_left_out():
    _response, content = made("xlsx", [["a\x00b\x1fc", "x" * 40_000]])

    row = next(book(content).active.iter_rows(min_row=2, values_only=True))
    assert row == ("abc", "x" * 32_767)


def test_more_rows_than_a_sheet_holds_go_on_in_a_further_one(monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_A_SHEET", 3)

    _response, content = made("xlsx", [[number] for number in range(7)], header=("n",))

    found = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book(content).worksheets]
    assert found == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]


@pytest.mark.parametrize("kind", sheets.KINDS)
def test_the_file_has_a_name_and_a_type(kind):
    response, _content = made(kind, [])

    assert response["Content-Type"] == sheets.KINDS[kind]
    assert f'filename="things.{kind}"' in response["Content-Disposition"]


def test_rows_are_never_held_together():
    def rows():
        for number in range(20_000):
            yield [f"row {number}", "text " * 20]

    tracemalloc.start()
    response = sheets.answer("xlsx", name="things", header=("one", "two"), rows=rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    close(response)

    assert peak < 3_000_000  # 20,000 such rows take more than 4 MB as text alone


def test_utc_is_what_instants_are_told_in():
    assert sheets._in_utc(AT).tzinfo is UTC


def test_every_cell_is_quoted_so_that_no_other_delimiter_begins_a_formula():
    body = b"".join(sheets.answer("csv", name="x", header=["a"], rows=[["b;=1+1"]]).streaming_content)

    assert body == b'"a"\r\n"b;=1+1"\r\n'
