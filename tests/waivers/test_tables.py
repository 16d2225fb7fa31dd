"""CSV and XLSX by a mapping: dates are never guessed, a bad line is named, a wrong mapping says what is known."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from exceptions_app.models import ExceptionCase
from waivers import tables
from waivers.formats import ReasonFrom
from waivers.models import Source
from waivers.tables import BadMapping

CSV = """Ref;Rule;Scope;Why;Until;Owner
FW-1;tcp/8443;10.4.0.0/16;Legacy agent;31/12/2026;Bo
FW-2;tcp/23;plant;TODO;03/04/2026;
FW-3;tcp/21;;;2027-01-31;
;tcp/20;;;;
FW-1;tcp/22;;;;
FW-4;;;;;
"""
COLUMNS = b"""[columns]
key = "Ref"
excepted = "Rule"
places = ["Scope"]
reason = "Why"
ends = "Until"
facts = ["Owner"]
"""


def read(text=CSV, dates=""):
    how = tables.mapping("m.toml", (f'dates = "{dates}"\n' if dates else "").encode() + COLUMNS)
    return tables.read("fw.csv", text.encode(), how)


def test_a_line_becomes_an_exception_with_its_number():
    first, second, third = read(dates="day-first").waivers

    assert (first.line, first.key, first.excepted, first.places) == (2, "FW-1", ("tcp/8443",), ("10.4.0.0/16",))
    assert (first.ends, first.reason_from, first.facts) == (date(2026, 12, 31), ReasonFrom.FIELD, (("Owner", "Bo"),))
    assert (second.ends, second.reason_from) == (date(2026, 4, 3), ReasonFrom.PLACEHOLDER)
    assert third.ends == date(2027, 1, 31)


def test_lines_that_cannot_be_read_are_named():
    findings = read(dates="day-first")

    assert [problem.line for problem in findings.problems] == [5, 6, 7]
    assert "line 2 already" in findings.problems[1].sentence


@pytest.mark.parametrize(("dates", "bad"), [("", [3]), ("day-first", []), ("month-first", [2])])
def test_a_date_that_may_be_two_days_is_read_only_in_the_order_the_mapping_gives(dates, bad):
    findings = read(dates=dates)

    assert [problem.line for problem in findings.problems if problem.is_end] == bad


@pytest.mark.parametrize("written", ["03/04/2026", "03-04-2026", "03.04.2026"])
@pytest.mark.parametrize(("dates", "day"), [("day-first", date(2026, 4, 3)), ("month-first", date(2026, 3, 4))])
def test_the_order_holds_whatever_stands_between_the_numbers(written, dates, day):
    assert ends_of(written, dates) == [day]
    assert ends_of(written) == ["may be two different days"]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("12-31-2026", date(2026, 12, 31)),
        ("2026-12-31T10:00:00.000Z", datetime(2026, 12, 31, 10, tzinfo=UTC)),
        ("31/02/2026", "not a day of the calendar"),
        ("03/04/26", "more than one way"),
        ("soon", "is not a date"),
        ("2199-12-31", date(2199, 12, 31)),
        ("9999-12-31", "means the year"),
        ("9999-12-31T23:59:59Z", "means the year"),
        ("31/12/9999", "means the year"),
        ("01.01.0001", "means the year"),
        ("0001-01-01T00:00:00Z", "means the year"),
        ("1999-12-31", "means the year"),
    ],
)
def test_what_can_be_one_day_only_is_read_and_what_can_be_none_is_refused(written, read_as):
    assert ends_of(written) == [read_as]


def ends_of(written, dates=""):
    """The end of a line so written, or which words of the refusal say why not."""
    findings = read(f"Ref;Rule;Scope;Why;Until;Owner\nFW-1;tcp/1;;;{written};\n", dates)
    reasons = (
        "may be two different days",
        "not a day of the calendar",
        "more than one way",
        "is not a date",
        "means the year",
    )
    assert all(problem.is_end for problem in findings.problems)
    refused = [next(words for words in reasons if words in problem.sentence) for problem in findings.problems]
    return [waiver.ends for waiver in findings.waivers] + refused


def test_a_spreadsheets_own_date_needs_no_order():
    assert [waiver.ends for waiver in sheet(date(2026, 4, 3)).waivers] == [date(2026, 4, 3)]


@pytest.mark.parametrize(
    "day", [date(9999, 12, 31), datetime(9999, 12, 31, tzinfo=UTC).replace(tzinfo=None), date(1901, 1, 1)]
)
def test_a_spreadsheets_own_date_has_the_same_bounds(day):
    findings = sheet(day)

    assert (findings.waivers, [problem.is_end for problem in findings.problems]) == ([], [True])


def sheet(day):
    book = openpyxl.Workbook()
    for row in (["Ref", "Rule", "Scope", "Why", "Until", "Owner"], ["FW-9", "tcp/1", "", "", day, ""]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)

    return tables.read("fw.xlsx", stream.getvalue(), tables.mapping("m.toml", COLUMNS))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("m.json", b"{", "neither JSON nor TOML"),
        ("m.json", b"[]", "needs “columns”"),
        ("m.json", b'{"columns": {"key": "Ref"}}', "no column for “excepted”"),
        ("m.json", b'{"columns": {"key": "Ref", "excepted": "Rule", "owner": "x"}}', "speaks of “owner”"),
        ("m.json", b'{"columns": {"key": 3, "excepted": "Rule"}}', "a list of columns"),
        ("m.json", b'{"dates": "any", "columns": {"key": "Ref", "excepted": "Rule"}}', "day-first"),
        ("m.json", b'{"dates": [1], "columns": {"key": "Ref", "excepted": "Rule"}}', "day-first"),
        ("m.json", b'{"verb": "two words", "columns": {"key": "Ref", "excepted": "Rule"}}', "one word"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(name, text, words):
    with pytest.raises(BadMapping, match=words):
        tables.mapping(name, text)


@pytest.mark.parametrize("content", [b"", b"Ref;Rule\n", b"Ref;Rule;Scope;Why;Until;Owner\n\xff", b"PK\x03\x04broken"])
def test_what_is_no_such_table_is_refused(content):
    findings = tables.read("fw.csv", content, tables.mapping("m.toml", COLUMNS))

    assert findings.refused
    assert findings.problems[0].sentence


@pytest.mark.parametrize(
    ("line", "words"),
    [("FW-{0};tcp/{0};;;;\n", "more than 5000 exceptions"), (";tcp/{0};;;;\n", "More than 5000 of its lines")],
)
def test_reading_stops_where_a_table_holds_too_much(line, words):
    lines = "".join(map(line.format, range(5001)))

    findings = read("Ref;Rule;Scope;Why;Until;Owner\n" + lines + "a line;of;more;cells;than;columns;follows\n")

    assert (findings.refused, findings.waivers, len(findings.problems)) == (True, [], 1)
    assert words in findings.problems[0].sentence


def test_the_command_reads_tables_by_their_mapping(db, tmp_path):
    (tmp_path / "fw.csv").write_text(CSV)
    (tmp_path / "m.toml").write_bytes(b'dates = "day-first"\nverb = "open-port"\n' + COLUMNS)

    with pytest.raises(CommandError, match="3 problems"):
        call_command("import_waivers", tmp_path / "fw.csv", mapping=tmp_path / "m.toml", place="firewall")

    assert ExceptionCase.objects.count() == 3
    assert Source.objects.get(key="FW-1").file == "firewall/fw.csv"
    grant = ExceptionCase.objects.get(waiver_source__key="FW-1").grants.get()
    assert (grant.actions, grant.resource) == (["open-port"], "tcp/8443/10.4.0.0/16")
