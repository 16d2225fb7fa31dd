"""Evidence: its type is sniffed, its hash kept, its name ours, and nothing in it ever runs in a browser."""

import hashlib
import re
import zipfile
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.test import TestCase

from accounts.errors import NotAllowed, NotPossible
from exceptions_app import ask, services
from exceptions_app.models import Evidence
from exceptions_app.services.evidence import MAX_BYTES, TYPES
from tests.exceptions_app.reading import assert_intact, body, refused
from tests.exceptions_app.world import START, fresh

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de") + b"\0" * 20
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 20 + bytes.fromhex("ffd9")
GIF = b"GIF89a" + bytes.fromhex("01000100800000000000ffffff2c00000000010001000002024401003b")
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 200 + b"PE\0\0"
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 60
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def zipped():
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return held.getvalue()


@pytest.fixture
def case(world):
    return world.draft()


def attach(world, case, content, name="report.pdf", **given):
    upload = ContentFile(content, name=name)
    return services.attach_file(
        case=case, **{"actor": world.alice, "at": START, "title": "Report", "upload": upload} | given
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (zipped(), "application/zip"),
        ("Vad som prövades: nyckeln är borta.\n".encode(), "text/plain"),
        (b"a,b\n1,2\n", "text/plain"),
    ],
    ids=["pdf", "png", "jpeg", "gif", "docx", "text", "csv"],
)
def test_what_it_is_decides_not_what_it_is_called(world, case, content, kind):
    evidence = attach(world, case, content, name="../../etc/pass\x00wd.html")

    evidence = fresh(evidence)
    assert (evidence.content_type, evidence.size) == (kind, len(content))
    assert evidence.sha256 == hashlib.sha256(content).hexdigest()
    assert re.fullmatch(rf"evidence/[0-9a-f]{{32}}\{TYPES[kind]}", evidence.file.name)
    with evidence.file.open() as stored:
        assert stored.read() == content
    assert body(case, "evidence.added")["sha256"] == evidence.sha256
    assert_intact()


@pytest.mark.parametrize(("content", "name"), [(HTML, "a.html"), (SVG, "a.svg"), (HTML, "a.pdf"), (SVG, "a.png")])
def test_markup_is_kept_as_plain_text_and_never_as_markup(world, case, content, name):
    evidence = attach(world, case, content, name=name)

    assert evidence.content_type == "text/plain"
    assert evidence.file.name.endswith(".txt")


def test_no_accepted_type_runs_in_a_browser():
    assert not {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript"} & TYPES.keys()


@pytest.mark.parametrize(
    "content",
    [
        EXE,
        ELF,
        b"text for the reader\n" * 1000 + EXE,
        b"#!/bin/sh\n" + b"x" * 10_000 + b"\0\0\0",
        "å".encode("latin-1") * 100,
        b"half a letter \xc3",
        b"\xff\xfeh\0i\0",
        b"\0",
    ],
    ids=["exe", "elf", "exe behind text", "script with a load", "latin-1", "cut off", "utf-16", "nul"],
)
@pytest.mark.parametrize("name", ["notes.txt", "scan.pdf"])
def test_anything_else_is_refused_whatever_it_is_called(world, case, content, name):
    kept = stored()

    with refused(NotPossible, case):
        attach(world, case, content, name=name)

    assert stored() == kept
    assert not Evidence.objects.exists()


def stored():
    try:
        return set(default_storage.listdir("evidence")[1])
    except FileNotFoundError:
        return set()


def test_empty_and_oversized_files_are_refused(world, case):
    with refused(NotPossible, case, says="empty"):
        attach(world, case, b"")
    with refused(NotPossible, case, says="larger than 10 MB"):
        attach(world, case, b"a" * (MAX_BYTES + 1))


def test_a_long_name_and_title_fit(world, case):
    evidence = attach(world, case, PDF, name=f"{'n' * 300}.pdf", title="t" * 500)

    assert len(fresh(evidence).original_name) == 255
    assert len(fresh(evidence).title) == 160


def test_who_may_not_edit_leaves_no_file_behind(world, case):
    kept = stored()

    with refused(NotAllowed, case):
        attach(world, case, PDF, actor=world.mallory)

    assert stored() == kept


def test_the_ask_takes_evidence_only_as_a_draft(world):
    case = world.requested()

    with refused(NotPossible, case):
        attach(world, case, PDF)


def test_a_verifier_adds_evidence_while_the_case_lives(world):
    case = world.active()

    evidence = attach(world, case, PDF, actor=world.sven, purpose="verification")
    item = services.verify_safeguard(
        safeguard=case.safeguards.get(), actor=world.sven, at=START, statement="Seen.", evidence=evidence
    )

    assert fresh(item).evidence == evidence
    with refused(NotAllowed, case):
        attach(world, case, PDF, actor=world.alice, purpose="verification")


def test_evidence_is_part_of_what_is_decided(world, case):
    attach(world, case, PDF)

    case = world.submit(case, START)

    asked = case.routes.get().document["ask"]["evidence"]
    assert [item["sha256"] for item in asked] == [hashlib.sha256(PDF).hexdigest()]


@pytest.mark.parametrize("url", ["https://tickets.example.org/1?a=b#c", "http://intranet.example.org/x"])
def test_a_link_is_kept(world, case, url):
    evidence = services.attach_link(case=case, actor=world.alice, at=START, title="Ticket", url=url)

    assert (fresh(evidence).url, fresh(evidence).sha256) == (url, "")
    assert_intact()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ticket 5",
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://example.org",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "//example.org/x",
        "https://",
        "https://example.org/\nSet-Cookie: a",
        f"https://example.org/{'x' * 1000}",
    ],
)
def test_a_link_that_is_none_is_refused(world, case, url):
    with refused(NotPossible, case):
        services.attach_link(case=case, actor=world.alice, at=START, title="Ticket", url=url)


def test_a_link_has_a_title(world, case):
    with refused(NotPossible, case):
        services.attach_link(case=case, actor=world.alice, at=START, title=" ", url="https://example.org/")


def remove(world, evidence, **given):
    with TestCase.captureOnCommitCallbacks(execute=True):
        services.remove_evidence(**{"evidence": evidence, "actor": world.alice, "at": START} | given)


def test_evidence_is_taken_off_a_draft_with_its_file(world, case):
    evidence = attach(world, case, PDF)
    version = fresh(case).version

    remove(world, evidence)

    assert not Evidence.objects.exists()
    assert not default_storage.exists(evidence.file.name)
    assert body(case, "evidence.removed") == body(case, "evidence.added")
    assert fresh(case).version == version + 1
    assert Evidence.history.filter(id=evidence.pk).values_list("history_type", flat=True)[0] == "-"
    assert_intact()


def test_a_link_is_taken_off_a_draft_too(world, case):
    evidence = services.attach_link(case=case, actor=world.alice, at=START, title="Ticket", url="https://example.org/1")

    remove(world, evidence)

    assert not Evidence.objects.exists()
    assert_intact()


def test_who_may_not_write_the_draft_takes_nothing_off_it(world, case):
    evidence = attach(world, case, PDF)

    with refused(NotAllowed, case):
        remove(world, evidence, actor=world.mallory)

    assert default_storage.exists(evidence.file.name)


def test_evidence_stays_once_it_was_asked_with(world, case):
    evidence = attach(world, case, PDF)
    world.submit(case, START)

    with refused(NotPossible, case):
        remove(world, evidence)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM exceptions_app_evidence")

    assert default_storage.exists(evidence.file.name)


def test_a_file_that_somebody_judged_stays_on_disk(world, case):
    evidence = attach(world, case, PDF)
    asked = world.submit(case, START)
    services.ask_for_changes(case=asked, actor=world.bob, at=START, digest=ask.digest(asked), reason="Another file.")

    remove(world, evidence)

    assert not Evidence.objects.exists()
    assert default_storage.exists(evidence.file.name)


def test_evidence_that_is_gone_already_is_no_error_of_the_server(world, case):
    evidence = attach(world, case, PDF)
    again = fresh(evidence)
    remove(world, evidence)

    with refused(NotPossible, case, says="removed already"):
        remove(world, again)


def test_a_removal_that_fails_leaves_the_file(world, case):
    evidence = attach(world, case, PDF)

    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        services.remove_evidence(evidence=evidence, actor=world.alice, at=START)
        transaction.set_rollback(True)

    assert default_storage.exists(fresh(evidence).file.name)
