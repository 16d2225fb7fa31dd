"""The command walks, says what it does by file and line, and ends with 1 where something could not be read."""

import io
import os

import pytest
from django.core.management import CommandError, call_command

from exceptions_app.models import ExceptionCase
from tests.waivers.files import FOLDER
from waivers.models import ImportedFile, ImportRun, Source


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_waivers", *map(str, arguments), stdout=out, stderr=err)
        code = 0
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, out.getvalue(), err.getvalue()


def test_a_folder_is_walked_and_what_is_no_waiver_is_counted(db, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / ".snyk").write_bytes(b"version: v1\nignore:\n  A-1:\n    - '*': {reason: Small}\n")
    (tmp_path / "README.md").write_text("words")

    code, out, _err = run(tmp_path, "--from", "acme/shop")

    assert code == 0
    assert Source.objects.get().file == "acme/shop/shop/.snyk"
    assert "1 files are of no format" in out
    assert "1 exception: 1 has no end" in out


def test_what_cannot_be_read_is_named_with_its_line_and_ends_with_1(db):
    code, out, err = run(FOLDER, "--from", "all")

    assert code == 1
    assert "all/.trivyignore.yaml:6: The expiry “03/04/2026” can be read in more than one way" in err
    assert "problems: what they name was not imported" in err
    assert ExceptionCase.objects.count() == Source.objects.count() > 20
    again, said, _err = run(FOLDER, "--from", "all")
    assert again == 1
    assert "0 new drafts, 0 updated" in said
    assert ImportRun.objects.count() == 1
    assert out


def test_a_file_whose_name_is_no_text_is_refused_by_name_and_the_rest_goes_on(db, tmp_path):
    for name in (b"\xff.snyk", b"\xff.jpg", b"good.snyk"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"version: v1\nignore:\n  A-1:\n    - '*': {reason: Small}\n")

    code, out, err = run(tmp_path, "--from", "acme")

    assert code == 1
    assert "acme/\\xff.snyk: Its name is not UTF-8" in err
    assert "1 files are of no format" in out
    assert Source.objects.get().file == "acme/good.snyk"
    assert ImportedFile.objects.filter(refused=True, file="acme/\\xff.snyk").exists()


def test_a_dry_run_says_the_same_and_writes_nothing(db):
    _code, out, _err = run(FOLDER / "payments.snyk", "--dry-run")

    assert "2 new drafts" in out
    assert "Nothing was written" in out
    assert not ExceptionCase.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.snyk",), "cannot be read"),
        ((FOLDER, "--zone", "Mars/Base"), "not a time zone"),
        ((FOLDER, "--as", "nobody@example.org"), "Nobody who is here"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_a_sentence(arguments, words, db):
    code, _out, err = run(*arguments)

    assert code == 1
    assert words in err


def test_a_format_can_be_forced(db, tmp_path):
    file = tmp_path / "ignored.txt"
    file.write_text("[advisories]\nignore = ['RUSTSEC-2024-0437']\n")

    code, _out, _err = run(file, "--format", "cargo")

    assert code == 0
    assert Source.objects.get().key == "RUSTSEC-2024-0437"
