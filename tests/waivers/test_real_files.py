"""The bar over real files: what an index says each holds is what is read, a second import changes nothing.

The files belong to others and are not part of this repository. REAL_WAIVERS names their folder. It holds `index.csv`
with a row for each file: exceptions, with_expiry, unparsable_expiry, past_…, no_reason, placeholder_reason. A column
that is empty was not counted.
"""

import csv
import os
import random
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from audit.models import Event
from audit.verify import verify
from exceptions_app.models import ExceptionCase, State
from tests.exceptions_app.world import World
from tests.waivers.spoiling import spoil
from waivers import folders, formats, services
from waivers.formats import ReasonFrom
from waivers.models import ImportRun, Source

FOLDER = os.environ.get("REAL_WAIVERS", "")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
COPIES = 200
SLOWEST_SECONDS = 10.0

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not FOLDER, reason="REAL_WAIVERS names no folder of real waiver files with an index.csv"),
]


def index():
    with (Path(FOLDER) / "index.csv").open() as lines:
        return list(csv.DictReader(lines))


def counted(findings):
    waivers = findings.waivers
    return {
        "exceptions": len(waivers),
        "with_expiry": sum(waiver.ends is not None for waiver in waivers),
        "unparsable_expiry": sum(problem.is_end for problem in findings.problems),
        "past_2026_11_20": sum(waiver.is_past(AT, UTC) for waiver in waivers),
        "no_reason": sum(not waiver.gives_reason for waiver in waivers),
        "placeholder_reason": sum(waiver.reason_from is ReasonFrom.PLACEHOLDER for waiver in waivers),
    }


def test_every_file_holds_what_the_index_says(proof_figure):
    wrong = {}
    for row in index():
        path = Path(FOLDER) / row["file"]
        findings = formats.read(path.name, path.read_bytes())
        found = counted(findings) | {"format": findings.format.removesuffix("-terraform")}
        said = {name: row[name] for name in found if row[name] != ""}
        if findings.refused or said != {name: str(found[name]) for name in said}:
            wrong[row["file"]] = (said, found, findings.problems)

    assert wrong == {}
    proof_figure("Real waiver files whose counts are those of their index", len(index()))


def test_all_files_import_and_a_second_import_changes_nothing(db, proof_figure):
    found = list(folders.read([Path(FOLDER)], place="real"))
    began = perf_counter()
    made, _run = services.import_files(files=found, actor=None, at=AT, zone=ZoneInfo("UTC"))
    took = perf_counter() - began
    before = (Event.objects.count(), ImportRun.objects.count(), Source.history.count(), ExceptionCase.history.count())

    again = list(folders.read([Path(FOLDER)], place="real"))
    services.import_files(files=again, actor=None, at=AT, zone=ZoneInfo("UTC"))

    after = (Event.objects.count(), ImportRun.objects.count(), Source.history.count(), ExceptionCase.history.count())
    assert after == before
    assert ExceptionCase.objects.unclaimed().count() == sum(int(row["exceptions"]) for row in index())
    assert not verify().differences
    proof_figure("What all real waivers lack", made.missing.sentence)
    proof_figure("Importing them all, without reading", f"{took:.1f} s")


def test_spoiled_copies_are_named_and_nothing_is_half_saved(db, proof_figure):
    luck, paths = random.Random(11), [Path(FOLDER) / row["file"] for row in index()]
    world, slowest, refused, problems = World(), 0.0, 0, 0
    for turn in range(COPIES):
        path = luck.choice(paths)
        began = perf_counter()
        findings = formats.read(f"{turn}/{path.name}", spoil(path.read_bytes(), luck))
        slowest = max(slowest, perf_counter() - began)
        refused, problems = refused + findings.refused, problems + len(findings.problems)
        assert not (findings.refused and (findings.waivers or not findings.problems[0].sentence))
        before = ExceptionCase.objects.count()
        services.import_files(files=[findings], actor=world.alice, at=AT, zone=ZoneInfo("UTC"))
        assert ExceptionCase.objects.count() - before == len(findings.waivers)

    assert set(ExceptionCase.objects.values_list("state", flat=True)) <= {State.DRAFT}
    assert Source.objects.count() == ExceptionCase.objects.count()
    assert not verify().differences
    assert slowest < SLOWEST_SECONDS
    proof_figure(
        f"Spoiled copies of real waiver files, of {COPIES}: no traceback, nothing half-saved",
        f"{refused} refused, {problems} problems named, slowest {slowest:.1f} s",
    )


def test_reading_them_takes_little_memory(proof_figure):
    tracemalloc.start()
    read = list(folders.read([Path(FOLDER)], place="real"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(read) > len(index())
    proof_figure("Memory of Python for reading all real waivers at once, at most", f"{peak / 1024**2:.0f} MB")
