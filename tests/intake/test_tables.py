"""Tables of strangers are read row by row, or refused in a sentence that names the line."""

import io
import random
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from intake import tables
from intake.tables import NotATable
from tests.intake.sheets import csv, rewritten, saved, with_texts, xlsx

SHEET_END = "</sheetData>"
ROUNDS = [40, pytest.param(1000, marks=pytest.mark.proof)]


def read(file):
    header, lines = tables.header_and_lines(file)
    return header, [(line.number, line.cells) for line in lines]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_whatever_divides_its_columns(delimiter):
    text = "name,kind\r\n svc-erp ,service account\r\n\r\nvault,ci\r\n".replace(",", delimiter)

    header, rows = read(csv(text))

    assert header == ("name", "kind")
    assert rows == [(2, ("svc-erp", "service account")), (4, ("vault", "ci"))]


def test_a_line_is_named_where_it_starts_though_cells_before_it_span_lines():
    _header, rows = read(csv('name,words\na,"one\ntwo\nthree"\nb,x\n'))

    assert [number for number, _cells in rows] == [2, 5]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_spreadsheets_unicode_files_are_read(encoding):
    assert read(csv("name\nZoë\n", encoding)) == (("name",), [(2, ("Zoë",))])


def test_a_short_line_is_filled_and_a_long_one_refused():
    assert read(csv("a,b\n1\n"))[1] == [(2, ("1", ""))]

    with pytest.raises(NotATable, match="more cells than the header") as refused:
        read(csv("a,b\n1,2\n1,2,3\n"))

    assert refused.value.line == 3


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("", "is empty", None),
        ("a,,b\n", "has no name", 1),
        ("a,b,a\n", "called “a”", 1),
        ('a,b\n1,2\n"x"y,2\n', "well-formed CSV", 3),
        ("a\nx\0y\n", "NUL", 2),
        (f"a\n{'x' * 30_000}\n", "too long", 2),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(text, words, line):
    with pytest.raises(NotATable, match=words) as refused:
        read(csv(text))

    assert refused.value.line == line


def test_text_that_is_not_utf_8_is_refused():
    with pytest.raises(NotATable, match="UTF-8"):
        read(csv("name\nZoë\n", "latin-1"))


def test_xlsx_gives_text_dates_and_formulas_as_written():
    _header, rows = read(
        xlsx(
            ["name", "rotated", "count", "sum", "on", "at"],
            ["svc", date(2026, 3, 4), 5.0, '=HYPERLINK("http://evil","x")', True, datetime(2026, 3, 4, 5, 6)],  # noqa: DTZ001
        )
    )

    expected = ("svc", date(2026, 3, 4), "5", '=HYPERLINK("http://evil","x")', "yes", datetime(2026, 3, 4, 5, 6))  # noqa: DTZ001
    assert rows == [(2, expected)]


def test_only_the_first_sheet_counts():
    book = Workbook()
    book.active.append(["a"])
    book.create_sheet("other").append(["b"])

    assert read(saved(book)) == (("a",), [])


def test_the_size_a_spreadsheet_claims_is_not_believed():
    claimed = rewritten(xlsx(["a"], ["1"]), sheet1=lambda xml: xml.replace('ref="A1:A2"', 'ref="A1:XFD1048576"', 1))

    assert read(claimed) == (("a",), [(2, ("1",))])


def test_a_row_at_the_end_of_the_world_is_refused_soon():
    far = rewritten(
        xlsx(["a"]),
        sheet1=lambda xml: xml.replace(
            SHEET_END, f'<row r="99999999999"><c r="A99999999999" t="n"><v>1</v></c></row>{SHEET_END}'
        ),
    )

    with pytest.raises(NotATable):
        read(far)


def test_a_bomb_is_refused_unexpanded():
    bomb = rewritten(
        xlsx(["a"]), sheet1=lambda xml: xml.replace(SHEET_END, " " * (tables.MAX_UNPACKED + 1) + SHEET_END)
    )
    assert len(bomb.getvalue()) < tables.MAX_BYTES
    tracemalloc.start()

    with pytest.raises(NotATable, match="Unpacked"):
        read(bomb)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * 1024 * 1024


def test_an_archive_of_too_many_parts_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(tables.MAX_PARTS + 1):
            archive.writestr(f"xl/{number}.xml", "")

    with pytest.raises(NotATable, match="Unpacked"):
        read(file)


@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY x "boom">', '<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY x SYSTEM "http://127.0.0.1/">'],
)
@pytest.mark.parametrize("part", ["sheet1", "workbook"])
def test_xml_entities_are_refused_unexpanded(entity, part):
    def declare(xml):
        start = xml.index("?>") + 2 if xml.startswith("<?xml") else 0
        return f"{xml[:start]}<!DOCTYPE x [{entity}]>{xml[start:]}".replace("<v>", "<v>&x;")

    with pytest.raises(NotATable, match="entities"):
        read(rewritten(xlsx(["a"], [1]), **{part: declare}))


def test_old_and_encrypted_excel_files_are_named_as_such():
    with pytest.raises(NotATable, match="old or encrypted"):
        read(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600))


def test_a_file_too_large_is_refused_before_it_is_read():
    with pytest.raises(NotATable, match="larger than"):
        read(io.BytesIO(b"a\n" * (tables.MAX_BYTES // 2 + 1)))


def test_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 10)

    assert len(read(csv("a\n" + "x\n" * 10))[1]) == 10
    with pytest.raises(NotATable, match="more than 10 lines"):
        read(csv("a\n" + "x\n" * 11))
    with pytest.raises(NotATable, match="more than 10 lines"):
        read(xlsx(["a"], *[["x"]] * 11))


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_mutated_spreadsheets_are_read_or_refused_and_nothing_else(rounds):
    whole = xlsx(
        ["name", "kind", "rotated"], *[[f"svc-{n}", "api_key", date(2026, 1, 1)] for n in range(30)]
    ).getvalue()
    chance = random.Random(7)

    for _round in range(rounds):
        mutated = bytearray(whole)
        for _flip in range(chance.randrange(1, 12)):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        mutated = mutated[: chance.choice([len(mutated), chance.randrange(8, len(mutated))])]

        with_result(bytes(mutated))


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_mutated_parts_of_spreadsheets_are_read_or_refused_and_nothing_else(rounds):
    whole = xlsx(["name", "kind", "rotated"], *[[f"svc-{n}", n, date(2026, 1, 1)] for n in range(5)])
    chance = random.Random(11)

    def spoil(xml):
        place = chance.randrange(len(xml))
        return xml[:place] + chance.choice(["<", '"', "-1", "x", "9" * 30, "&lt;", "</row>", ""]) + xml[place + 1 :]

    for _round in range(rounds):
        part = chance.choice(["sheet1", "workbook", "styles", "sharedStrings", "Content_Types]"])
        whole.seek(0)

        with_result(rewritten(whole, **{part: spoil}).getvalue())


def with_result(content):
    with suppress(NotATable):
        read(io.BytesIO(content))


BIG = 3 * 1024 * 1024


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("styles", lambda xml: xml.replace("</cellXfs>", "<xf/>" * (BIG // 5) + "</cellXfs>")),
        ("styles", lambda xml: xml.replace("</cellXfs>", "<xf/>" * 20_000 + "</cellXfs>")),
        ("workbook", lambda xml: xml.replace("</workbook>", " " * BIG + "</workbook>")),
    ],
)
def test_a_part_that_unpacks_beyond_a_table_is_refused_unread_and_named(part, text):
    bomb = rewritten(xlsx(["a"], ["b"]), **{part: text})

    with pytest.raises(NotATable, match=f"Unpacked.*{part}"):
        read(bomb)


def test_more_strings_than_a_table_has_cells_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_STRINGS", 10)

    assert read(with_texts("<si><t>b</t></si>" * 9)) == (("a",), [(2, ("b",))])
    with pytest.raises(NotATable, match="sharedStrings"):
        read(with_texts("<si><t>b</t></si>" * 20))


def test_texts_that_unpack_beyond_a_table_are_refused_unread_and_named():
    words = "".join(f"{n:09}" for n in range(tables.MAX_TEXTS // 9))

    for text in (f"<si><t>{words}</t></si>", "<si><t/></si>" * 100_000):
        with pytest.raises(NotATable, match=r"Unpacked.*sharedStrings"):
            read(with_texts(text))


def test_shared_strings_are_bounded_whatever_they_are_called():
    with pytest.raises(NotATable, match="not an XLSX file"):
        read(with_texts("<si><t>b</t></si>", name="xl/worksheets/strings.xml"))


def test_styles_are_bounded_whatever_they_are_called():
    called = {"Content_Types]": lambda xml: xml.replace(".styles+xml", ".sharedStrings+xml")}
    bomb = rewritten(
        xlsx(["a"], ["b"]), styles=lambda xml: xml.replace("</cellXfs>", "<xf/>" * 20_000 + "</cellXfs>"), **called
    )

    with pytest.raises(NotATable, match=r"Unpacked.*styles"):
        read(bomb)


def test_a_table_of_twenty_thousand_rows_is_read():
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([f"column {n}" for n in range(9)])
    for row in range(20_000):
        sheet.append([f"text {row} of column {n}" for n in range(9)])

    _header, lines = tables.header_and_lines(saved(book))

    assert next(lines).cells[0] == "text 0 of column 0"


def test_cells_that_repeat_are_no_bomb():
    assert len(read(xlsx(["a", "b"], *[["same", "same"]] * 30_000))[1]) == 30_000
