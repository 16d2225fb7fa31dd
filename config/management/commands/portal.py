"""Starts the whole portal on this machine: prepares the data, then runs web, worker and beat."""

import fcntl
import http.client
import io
import os
import socket
import sys
from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections

from config.env import BASE_DIR
from config.processes import Family, Part, say

WEB_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
WORKER_THREADS = 4
FIRST_STEPS = """Nobody has an account yet. With the same variables set (LOCAL_RUN=1 too), from this directory:
  .venv/bin/python manage.py createsuperuser --programme-manager   opens the first one
  .venv/bin/python manage.py load_starter_controls                 brings 25 controls to start with
"""


class Command(BaseCommand):
    help = "Prepares the database, static files and first-run data, then runs web, worker and beat until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        lock = _lock()
        _refuse_taken_port()
        greeting = Greeting(_prepare())
        with lock:
            code = Family(directory=BASE_DIR, environment=_environment()).run(_parts(), each_tick=greeting.once)
        if code:
            sys.exit(code)


class Greeting:
    """Says where the portal is, once it answers."""

    def __init__(self, sign_ins: str) -> None:
        self.sign_ins = sign_ins
        self.said = False

    def once(self) -> None:
        if self.said or not _answers():
            return
        self.said = True
        say("portal", f"Stopgap is at {settings.BASE_URL} (Ctrl-C ends it)")
        for line in self.sign_ins.splitlines():
            say("portal", line)


def _lock() -> IO[str]:
    """Hold the directory for this process: two beats on one queue would do everything twice."""
    lock = (settings.VAR_DIR / "portal.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CommandError(
            f"Stopgap already runs in {settings.VAR_DIR}: stop it, or name another directory with VAR_DIR."
        ) from error
    return lock


def _refuse_taken_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND_HOST, settings.BIND_PORT))
        except OSError as error:
            raise CommandError(
                f"Port {settings.BIND_PORT} cannot be used ({error.strerror}): "
                f"stop the program that holds it, or choose another with PORT."
            ) from error


def _prepare() -> str:
    """Bring database, static files and first-run data up to date; returns who can sign in, or how somebody can."""
    say("portal", "preparing the database and static files")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    sign_ins = io.StringIO()
    if settings.DEMO and "demo" in get_commands():
        if not get_user_model().objects.exists():
            say("portal", "living through the demo's three years; this takes about a minute, once")
        call_command("demo", stdout=sign_ins)
    call_command("load_frameworks", stdout=io.StringIO())  # the demo loads them in its own past
    if not get_user_model().objects.exists():
        sign_ins.write(FIRST_STEPS)
    connections.close_all()
    return sign_ins.getvalue()


def _parts() -> list[Part]:
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    schedule = f"--schedule={settings.VAR_DIR / 'beat-schedule'}"
    return [
        Part("web", _web()),
        Part("worker", [*celery, "worker", "--pool=threads", f"--concurrency={WORKER_THREADS}", *quiet]),
        Part("beat", [*celery, "beat", schedule, "--pidfile=", "--loglevel=WARNING"]),
    ]


def _web() -> list[str]:
    address = ["--host", settings.BIND_HOST, "--port", str(settings.BIND_PORT)]
    threads = ["--workers", "1", "--blocking-threads", str(WEB_THREADS)]
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"),
        *address,
        *threads,
        "config.wsgi:application",
    ]


def _environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}


def _answers() -> bool:
    web = http.client.HTTPConnection(settings.BIND_HOST, settings.BIND_PORT, timeout=2)
    try:
        web.request("GET", "/healthz", headers={"Host": urlsplit(settings.BASE_URL).netloc})
        return web.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()
