"""What columns mean is guessed by their names, remembered by file and header, and kept with what was imported."""

import json
from zoneinfo import ZoneInfo

import pytest

from audit.models import Event
from audit.verify import verify
from tests.exceptions_app.world import DAY, fresh
from waivers import columns, queries, services, tables
from waivers.models import ImportedFile, UploadedFile
from waivers.tables import TableMapping

UTC = ZoneInfo("UTC")
HEADER = "Ref;Règle;Scope;Bis"
CSV = f"{HEADER}\nFW-1;tcp/8443;plant;2027-01-31\n".encode()
HOW = TableMapping(
    {"key": ("Scope", "Ref"), "excepted": ("Règle",), "ends": ("Bis",)}, dates="day-first", verb="open-port"
)


def keep(world, *files):
    return services.keep_upload(files=files, place="fw", zone=UTC, actor=world.alice, at=world.start)


def bring(world, name="fw/list.csv", content=CSV, how=HOW, at=None):
    found = [tables.read(name, content, how)]
    return services.import_files(files=found, actor=world.alice, at=at or world.start, zone=UTC)


def proposed(world, name, content):
    return columns.proposed(keep(world, (name, content)).files.get())


@pytest.mark.parametrize(
    ("header", "guess"),
    [
        ("id,cve,justification", {"key": "id", "excepted": "cve", "reason": "justification"}),
        ("CVE,Host,Expires", {"key": "CVE", "excepted": "CVE", "places": "Host", "ends": "Expires"}),
        ("Finding ID,Policy name", {"key": "Finding ID", "excepted": "Policy name"}),
        ("Valid until,Why?,File path", {"ends": "Valid until", "reason": "Why?", "places": "File path"}),
        ("ruleName,expiry_date", {"key": "ruleName", "excepted": "ruleName", "ends": "expiry_date"}),
        ("Rule owner,Rule,Title", {"key": "Rule", "excepted": "Rule", "title": "Title"}),
        ("Idea,Trend,Whypoint", {}),
        ("日付,1,&", {}),
    ],
)
def test_columns_are_guessed_by_their_names(header, guess):
    assert columns.guessed(header.split(",")) == TableMapping({meaning: (name,) for meaning, name in guess.items()})


def test_the_same_file_is_proposed_as_it_was_read_last(world):
    bring(world)
    bring(world, how=TableMapping(HOW.columns, verb="allow"), at=world.start + DAY)

    assert proposed(world, "fw/list.csv", CSV) == TableMapping(HOW.columns, verb="allow")


def test_another_file_with_the_same_columns_is_proposed_alike(world):
    bring(world)

    assert proposed(world, "dc/other.csv", CSV) == HOW


def test_columns_that_are_gone_are_left_out_and_without_the_needed_ones_it_is_a_guess(world):
    bring(world)

    assert proposed(world, "fw/list.csv", "Ref;Règle;Scope\n".encode()).columns == {
        "key": ("Scope", "Ref"),
        "excepted": ("Règle",),
        "ends": (),
    }
    assert proposed(world, "fw/list.csv", b"Ref;Rule\n").columns == {"key": ("Ref",), "excepted": ("Rule",)}


def test_a_file_that_was_refused_teaches_nothing(world):
    found = [tables.read("a.csv", CSV, HOW), tables.read("b.csv", b"Ref;Rule\n1;2;3\n", TableMapping({}))]
    services.import_files(files=found, actor=world.alice, at=world.start, zone=UTC)

    assert ImportedFile.objects.get(file="b.csv").refused
    assert proposed(world, "b.csv", b"Ref;Rule\n").columns == {"key": ("Ref",), "excepted": ("Rule",)}


def test_how_a_table_was_read_is_kept_with_the_import_and_told_to_the_ledger(world):
    bring(world)

    kept = ImportedFile.objects.get()
    assert kept.header == HEADER.split(";")
    assert tables.from_words(kept.mapping) == HOW
    assert tables.mapping("m.json", json.dumps(kept.mapping).encode()) == HOW
    assert Event.objects.get(kind="waivers.imported").body["mapping"] == kept.mapping
    assert not verify().differences


def test_one_header_is_asked_once_and_another_anew(world):
    upload = keep(world, ("fw/a.csv", CSV), ("fw/b.csv", CSV), ("fw/c.tsv", b"Id\tRule\n"), ("fw/.snyk", b"ignore: {}"))

    first = queries.unasked(upload)
    services.say_columns(file=first, how=HOW, actor=world.alice)

    assert first.name == "fw/a.csv"
    assert tables.from_words(fresh(upload.files.get(name="fw/b.csv")).mapping) == HOW
    assert queries.unasked(upload).name == "fw/c.tsv"


def test_what_is_no_table_is_not_asked_about_and_is_refused_in_words(world):
    upload = keep(world, ("fw/empty.csv", b""), ("fw/photo.xlsx", b"PK\x03\x04 not a spreadsheet"))

    assert queries.unasked(upload) is None
    found = queries.found_in(upload)
    assert [one.refused for one in found] == [True, True]
    assert "its first line must name the columns" in found[0].problems[0].sentence
    assert "not an XLSX file" in found[1].problems[0].sentence


def test_another_upload_is_not_touched(world):
    mine, later = keep(world, ("fw/a.csv", CSV)), keep(world, ("fw/a.csv", CSV))

    services.say_columns(file=mine.files.get(), how=HOW, actor=world.alice)

    assert UploadedFile.objects.get(upload=later).needs_columns
