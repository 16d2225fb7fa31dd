"""Starts what the tests need before Django reads its settings, and ends it with the run.

One PostgreSQL and one Redis serve the whole run: each worker has its own database in them.
`--embedded` runs without either, on the default of `make run`.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.variables import VARIABLES
from tests.plugins import databases, postgres, redis_server

_started = []
_untested = []
_KEPT = {"CHROMIUM", "TEST_DATABASE_URL", "TEST_REDIS_URL"}


def pytest_addoption(parser):
    parser.addoption("--embedded", action="store_true", help="run on SQLite and without Redis")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config, args):
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start(embedded="--embedded" in args)
    _take_own_share(worker or "gw0")
    return (yield)


def pytest_collection_modifyitems(config, items):
    """What only PostgreSQL or Redis can show is not run without it; the summary says so."""
    lacking = {name for name in ("postgresql", "redis") if name not in os.environ["STOPGAP_TEST_SERVICES"].split()}
    dropped = [item for item in items if any(item.get_closest_marker(name) for name in lacking)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def pytest_report_header():
    return f"services: {os.environ['STOPGAP_TEST_SERVICES'] or 'none, the embedded default'}"


def pytest_terminal_summary(terminalreporter):
    for sentence in _untested:
        terminalreporter.write_line(sentence, red=True, bold=True)


def pytest_unconfigure():
    while _started:
        _started.pop().remove()


def _start(*, embedded):
    for name in VARIABLES.keys() - _KEPT:
        os.environ[name] = ""  # neither the shell nor a file .env decides what is tested
    var_dir = _VarDir()
    _started.append(var_dir)
    os.environ |= {"LOCAL_RUN": "1", "STOPGAP_TEST_VAR": str(var_dir.path), "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    services = {} if embedded else {"postgresql": _database(), "redis": _redis()}
    os.environ["STOPGAP_TEST_SERVICES"] = " ".join(name for name, url in services.items() if url)
    os.environ["DATABASE_URL"] = services.get("postgresql") or ""
    os.environ["STOPGAP_TEST_REDIS"] = services.get("redis") or ""
    if server := os.environ["DATABASE_URL"]:
        _started.append(_Built(server))


def _take_own_share(worker):
    var_dir = Path(os.environ["STOPGAP_TEST_VAR"], worker)
    (var_dir / "static").mkdir(parents=True, exist_ok=True)
    os.environ["VAR_DIR"] = str(var_dir)
    if server := os.environ["STOPGAP_TEST_REDIS"]:
        os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) % (redis_server.DATABASES // 2)}"


def _database():
    if given := os.environ.get("TEST_DATABASE_URL"):
        return given
    return _url_of(postgres.start(), "PostgreSQL", "TEST_DATABASE_URL")


def _redis():
    if given := os.environ.get("TEST_REDIS_URL"):
        return given.rstrip("/")
    return _url_of(redis_server.start(), "Redis", "TEST_REDIS_URL")


def _url_of(started, name, variable):
    if started is None:
        _untested.append(f"NOT TESTED with {name}: none was found for this machine. Name a running one in {variable}.")
        return ""
    server, url = started
    _started.append(server)
    return url


class _VarDir:
    """Everything the tested product writes."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="stopgap-tests-"))

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


@dataclass(frozen=True)
class _Built:
    """The databases that workers copy, in a server that may outlive the run."""

    server: str

    def remove(self):
        databases.drop_built(self.server)
