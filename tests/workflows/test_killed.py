"""Worker and beat killed at random points, the broker emptied: the clock loses nothing and says nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from audit import clock
from audit.models import Event, Pending
from audit.verify import verify
from catalog.models import Tier
from config.env import BASE_DIR
from config.processes import end_with_parent
from exceptions_app import services
from exceptions_app.freshness import GRACE
from exceptions_app.models import ExceptionCase
from tests.exceptions_app.world import DAY, World
from workflows.effects import LEASE
from workflows.models import Effect, Notice, Reminder
from workflows.reminders import DUE, ESCALATED

CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "config")
PROGRAMS = {
    "worker": (*CELERY, "worker", "--pool=threads", "--concurrency=4", "--loglevel=ERROR"),
    "beat": (*CELERY, "beat", "--pidfile=", "--loglevel=ERROR"),
}
QUIET = timedelta(minutes=3)
"""How long, past the leases of the killed, everything that is due may take."""

pytestmark = [pytest.mark.postgresql, pytest.mark.redis]


class Programs:
    """Worker and beat on the test's own database and broker, each in a process group of its own."""

    def __init__(self, directory, email_url):
        server = urlsplit(os.environ["DATABASE_URL"])
        url = server._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        own = {"LOCAL_RUN": "1", "DATABASE_URL": url, "EMAIL_URL": email_url, "VAR_DIR": str(directory)}
        self.environment = os.environ | own | {"SWEEP_SECONDS": "1", "EFFECT_SECONDS": "1"}
        self.environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        self.directory = directory
        self.running = {}

    def start(self, name):
        command = [*PROGRAMS[name], *([f"--schedule={self.directory / 'beat'}"] if name == "beat" else [])]
        with (self.directory / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )

    def kill(self, name):
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def log(self):
        return "".join((self.directory / f"{name}.log").read_text()[-3000:] for name in PROGRAMS)


def loaded(world, number, span):
    """Cases that have something to happen to them within `span` from now; what that is, by key."""
    now, luck = clock.now(), random.Random(number)
    expected = {}
    for count in range(number):
        due_at = now + span * luck.random()
        fields = {"identity": world.make_identity(f"robot-{count}"), "remediation_on": (now + 90 * DAY).date()}
        match count % 5:
            case 0:
                case = world.approved(now - DAY, planned_start_at=due_at, **fields)
                expected[case.pk] = ("case.activated", "active")
            case 1:
                case = world.active(due_at - 5 * DAY, term_days=5, **fields)
                expected[case.pk] = ("case.expired", "closed")
            case 2:
                case = world.requested(due_at - 5 * DAY, **fields)
                expected[case.pk] = ("case.lapsed", "closed")
            case 3:
                case = world.active(due_at - DAY, term_days=8, **fields)
                expected[case.pk] = (DUE, "active")
            case _:
                failed_at = due_at - GRACE[Tier.MODERATE]
                case = world.active(failed_at - DAY, **fields)
                assert case.risk_tier == Tier.MODERATE
                failing = case.safeguards.get()
                services.report_failure(safeguard=failing, actor=world.alice, at=failed_at, reason="It is off.")
                expected[case.pk] = ("case.suspended", "suspended")
    return expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kills", "number"),
    [pytest.param(20, 50, marks=pytest.mark.proof), pytest.param(300, 400, marks=pytest.mark.proof)],
)
def test_whoever_is_killed_everything_happens_once(smtp_sink, tmp_path, kills, number, proof_figure):
    luck, broker = random.Random(kills), redis.from_url(settings.CELERY_BROKER_URL)
    world = World(at=clock.now() - 40 * DAY, decide_within=5 * DAY)
    expected = loaded(world, number, kills * timedelta(seconds=4))
    programs, flushed = Programs(tmp_path, smtp_sink.url), 0
    for name in PROGRAMS:
        programs.start(name)

    try:
        for _turn in range(kills):
            time.sleep(luck.expovariate(1 / 4))
            if luck.random() < 0.1:
                broker.flushdb()
                flushed += 1
            name = luck.choice(["worker", "worker", "beat"])
            programs.kill(name)
            programs.start(name)
        until_all_is_done(expected, programs)
    finally:
        for name in PROGRAMS:
            programs.kill(name)

    each_happened_once(expected)
    no_mail_is_missing_or_another(smtp_sink)
    assert verify().ok
    proof_figure(
        "Worker or beat killed under load, PostgreSQL and Redis: every transition, reminder and mail once",
        f"{kills} kills, the broker emptied {flushed} times, {number} cases",
    )


def until_all_is_done(expected, programs):
    """Until each has come to what it had to, and no effect is open; the killed hold theirs for a lease."""
    give_up = time.monotonic() + (LEASE + QUIET).total_seconds()
    while time.monotonic() < give_up:
        states = dict(ExceptionCase.objects.filter(pk__in=expected).values_list("pk", "state"))
        done = Event.objects.filter(kind__in={kind for kind, _state in expected.values()})
        streams = set(done.values_list("stream__name", "kind"))
        references = dict(ExceptionCase.objects.values_list("pk", "reference"))
        missing = [
            key
            for key, (kind, state) in expected.items()
            if states[key] != state or (f"exceptions/{references[key]}", kind) not in streams
        ]
        if not missing and not Pending.objects.exists() and not Effect.objects.open().exists():
            return
        time.sleep(1)
    left = Effect.objects.open().values_list("reaction", "state", "last_error")
    raise AssertionError(f"left undone: {missing}, {Pending.objects.count()} pending, {list(left)}\n{programs.log()}")


def each_happened_once(expected):
    for key, (kind, _state) in expected.items():
        stream = ExceptionCase.objects.get(pk=key).stream
        happened = Counter(Event.objects.filter(stream__name=stream).values_list("kind", flat=True))
        if kind != DUE:
            assert happened[kind] == 1, (stream, happened)
    assert Event.objects.filter(kind__in=[DUE, ESCALATED]).count() == Reminder.objects.count() > 0


def no_mail_is_missing_or_another(sink):
    """Of each notice that was sent one message came, or the same one again: never another for the same matter.

    Besides them only what was cut off before its answer was noted, and no longer mattered when it was tried again.
    """
    tried = dict(Notice.objects.exclude(tried_at=None).values_list("message_id", "person__email"))
    sent = set(Notice.objects.exclude(sent_at=None).values_list("message_id", flat=True))
    came = {message["Message-ID"]: message["To"] for message in sink.messages}
    assert sent <= came.keys() <= tried.keys()
    assert all(tried[key] in to for key, to in came.items())
    assert not Notice.objects.filter(sent_at=None, drop_reason="", digest_at=None).exists()
