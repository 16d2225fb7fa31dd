"""Runs benchmarks on a real PostgreSQL: all of them, or those named: `python -m benchmarks [--write] [register …]`.

TEST_DATABASE_URL names a server; else one is started from the wheel the tests use, and ended. `--write` puts the tables
into docs/benchmarks.md. The exit code is 1 when a bar is not met.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

from benchmarks import table

ALL = ("register", "queue", "clock", "ledger")


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if not name.startswith("-")] or list(ALL)
    with _server() as url, tempfile.TemporaryDirectory(prefix="stopgap-benchmarks-") as var_dir:
        os.environ |= {"LOCAL_RUN": "1", "DATABASE_URL": url, "VAR_DIR": var_dir}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        call_command("collectstatic", verbosity=0, interactive=False)
        for name in names:
            _run(name)
    if "--write" in arguments:
        table.write()
    return 1 if table.failed else 0


def _run(name: str) -> None:
    """Each benchmark has a database of its own, new and empty."""
    database = connection.creation.create_test_db(verbosity=0)
    try:
        importlib.import_module(f"benchmarks.{name}").main()
    finally:
        connection.creation.destroy_test_db(database, verbosity=0)


@contextmanager
def _server() -> Iterator[str]:
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    postgres: Any = importlib.import_module("tests.plugins.postgres")  # untyped, like all of tests
    started = postgres.start()
    if started is None:
        raise SystemExit("There is no PostgreSQL for this machine: start one and name it in TEST_DATABASE_URL.")
    server, url = started
    try:
        yield url
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
