"""A worker killed in the middle of an import leaves all of it or nothing, and the next one completes it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from audit.verify import verify
from catalog.models import Identity
from intake import services
from intake.models import ImportRun, State
from tests.factories import AT, alice, petra

ROOT = Path(__file__).parents[2]
WORK = """
import os, resource, time
import django
django.setup()
from datetime import datetime, timedelta, timezone
from intake import services
begun = time.monotonic()
now = datetime(2100, 1, 1, tzinfo=timezone.utc) + timedelta(hours=int(os.environ["TURN"]))  # no lease holds
while (run := services.claim(now)) is not None:
    done = services.work(run=run, at=datetime.now(timezone.utc))
    if done.lease_until is None:
        break
print(time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
"""
HEADER = "slug,name,kind,environment,credential,owner,external ids,last rotated,description"


def table(prefix, lines):
    rows = (
        f"{prefix}-{n},Service {n},service account,production,long-lived secret,alice@example.com,"
        f"arn:aws:iam::1:role/{prefix}-{n},2026-01-{n % 28 + 1:02},What number {n} does"
        for n in range(lines)
    )
    return "\n".join([HEADER, *rows]).encode()


def worker(turn=0):
    """A process of its own on the test's database, as a Celery worker would be, after the leases of earlier turns."""
    names = {key: str(value) for key, value in connection.settings_dict.items() if key in ("NAME", "HOST", "PORT")}
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.intake.worker_settings",
        "STOPGAP_IMPORT_DATABASE": str(names["NAME"]),
        "STOPGAP_IMPORT_MEDIA": str(configured.MEDIA_ROOT),
        "TURN": str(turn),
        "PGAPPNAME": "worker",
    }
    command = [sys.executable, "-c", WORK]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finished(process):
    """Seconds and MiB of a worker that ended by itself."""
    out, _error = process.communicate(timeout=300)
    assert process.returncode == 0
    seconds, peak = out.split()
    return float(seconds), int(peak)


def confirmed(prefix, lines):
    """An import that waits to be saved; answers how long its check took, and its memory."""
    file = SimpleUploadedFile("identities.csv", table(prefix, lines))
    run = services.upload(kind="identities", upload=file, actor=petra(), at=AT)
    services.check(run=run, mapping=run.mapping, actor=petra(), at=AT)
    checked = finished(worker())
    services.confirm(run=run, actor=petra(), at=AT)
    return checked


def killed(turn, after):
    process = worker(turn)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    if connection.vendor == "postgresql":  # the server's side finishes its statement, then sees the end
        give_up = time.monotonic() + 60
        while _workers_connections():
            assert time.monotonic() < give_up
            time.sleep(0.05)


def _workers_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'worker'"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("lines", "kills"), [(400, 2), pytest.param(20_000, 20, marks=pytest.mark.proof)])
def test_a_killed_import_is_all_or_nothing_and_completes(settings, tmp_path, lines, kills, proof_figure):
    settings.MEDIA_ROOT = tmp_path
    alice()
    checked = confirmed("svc-a", lines)
    begun = time.monotonic()
    saved = finished(worker())
    whole = time.monotonic() - begun
    confirmed("svc-b", lines)

    for turn in range(kills):
        killed(turn + 1, after=whole * (turn + 0.5) / kills)
        state, count = ImportRun.objects.latest("pk").state, Identity.objects.count()
        assert (state, count) in {(State.SAVING, lines), (State.SAVED, 2 * lines)}
    finished(worker(kills + 1))

    assert (ImportRun.objects.latest("pk").state, Identity.objects.count()) == (State.SAVED, 2 * lines)
    assert verify().first is None
    if lines == 20_000:
        proof_figure("20,000 identities from a CSV: checked", f"{checked[0]:.0f} s, {checked[1]} MiB at most")
        proof_figure("20,000 identities from a CSV: saved", f"{saved[0]:.0f} s, {saved[1]} MiB at most")
        proof_figure("Workers killed while 20,000 identities were saved, all or nothing each time", kills)
