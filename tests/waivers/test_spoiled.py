"""Files that are cut off, wrong, huge, deep or no text at all: a sentence with a line, never a traceback."""

import random
from zoneinfo import ZoneInfo

import pytest

from audit.verify import verify
from exceptions_app.models import ExceptionCase
from tests.exceptions_app.world import START
from tests.waivers.files import FILES, NAMES, content
from tests.waivers.spoiling import spoil
from waivers import formats, services
from waivers.formats.tree import LARGEST_FILE
from waivers.models import Source

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(c + 1)}: &{chr(c + 1)} [{','.join([f'*{chr(c)}'] * 9)}]\n" for c in range(97, 110)
)


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        (".snyk", b"version: v1\nignore:\n  a: [\n", 4, "not YAML"),
        (".snyk", b"ignore: {}\nignore: {}\n", 2, "stands twice"),
        (".snyk", b"ignore: *gone\n", 1, "names nothing"),
        (".snyk", LAUGHS.encode(), 5, "aliases unfolded"),
        (".snyk", b"[" * 1000, 1, "deeper"),
        (".snyk", b"just words", 1, "mapping is expected"),
        (".snyk", b"\xff\xfe", 1, "UTF-8"),
        (".snyk", b"a: 1\nb: \x00\n", 2, "NUL"),
        (".snyk", b"#" * (LARGEST_FILE + 1), 0, "larger"),
        (".nsprc", b'{\n "a": {\n', 2, "never closed"),
        (".nsprc", b"[" * 100_000, 1, "deeper"),
        (".nsprc", b"{}\n]", 2, "never opened"),
        (".nsprc", b'{"a": {}, "a": {}}', 1, "stands twice"),
        ("deny.toml", b"[advisories]\nignore = [\n", 3, "not TOML"),
        ("deny.toml", b"a = " + b"[" * 5000, 0, "deeper"),
        ("deny.toml", b"a" + b".a" * 5000 + b" = 1", 1, "deeper"),
        ("policy.yaml", b"kind: PolicyException\nspec: [\n", 3, "not YAML"),
        ("main.tf", b'resource "azurerm_policy_exemption" "x" {\n', 2, "not Terraform"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(name, text, line, words):
    findings = formats.read(name, text)

    assert findings.refused
    assert findings.waivers == []
    assert [problem.line for problem in findings.problems] == [line]
    assert words in findings.problems[0].sentence


def test_wrong_types_cost_their_entry_alone():
    findings = formats.read(
        ".trivyignore.yaml",
        b"vulnerabilities:\n  - id: [a, b]\n  - just words\n  - id: CVE-1\n    expired_at: {}\n  - id: CVE-2\n"
        b"secrets: 7\n",
    )

    assert [waiver.excepted for waiver in findings.waivers] == [("CVE-2",)]
    assert [problem.line for problem in findings.problems] == [2, 3, 5, 7]


def test_one_long_text_is_not_multiplied_by_a_long_list():
    text = "x" * 200_000
    entries = "".join(f"  - id: CVE-{number}\n    statement: *long\n" for number in range(300))
    findings = formats.read(
        ".trivyignore.yaml", f"long: &long {text}\nvulnerabilities:\n  # {text}\n{entries}".encode()
    )

    assert len(findings.waivers) == 300
    assert max(len(waiver.reason) + len(waiver.comment) for waiver in findings.waivers) <= 18_000


def test_what_no_database_stores_costs_its_entry_alone():
    findings = formats.read(
        ".nsprc", rb'{"GHSA-1": {"notes": "a \u0000 b"}, "GHSA-\ud800": {}, "GHSA-2": {"notes": "ok"}}'
    )

    assert [waiver.key for waiver in findings.waivers] == ["GHSA-2"]
    assert len(findings.problems) == 2


def test_spoiled_copies_are_imported_whole_or_not_at_all(db):
    luck = random.Random(7)
    for turn in range(2 * len(FILES)):
        name = NAMES[turn % len(NAMES)]
        findings = formats.read(f"{turn}/{name}", spoil(content(name), luck))
        before = ExceptionCase.objects.count()
        services.import_files(files=[findings], actor=None, at=START, zone=ZoneInfo("UTC"))
        assert ExceptionCase.objects.count() - before == len(findings.waivers)

    assert Source.objects.count() == ExceptionCase.objects.count() > 0
    assert not verify().differences


@pytest.mark.parametrize("name", NAMES)
def test_spoiled_copies_never_raise(name):
    luck = random.Random(name)
    for _turn in range(200 // len(FILES) + 1):
        findings = formats.read(name, spoil(content(name), luck))

        assert not (findings.refused and findings.waivers)
        assert all(problem.sentence for problem in findings.problems)
        assert all(waiver.line > 0 and waiver.key and waiver.excepted for waiver in findings.waivers)
