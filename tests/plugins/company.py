"""The demo on PostgreSQL, built once for a run by the product's own commands, and copied for whoever looks at it."""

import os
import subprocess
import sys
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from config.env import BASE_DIR
from tests.plugins import databases

LOCK = 20_261_121
"""Only one worker builds; the others wait for it."""


@contextmanager
def lived():
    """The demo in the database of this process, until the end; gives what the command said that built it.

    Tests that look at it keep to savepoints.
    """
    if connection.vendor != "postgresql":
        with transaction.atomic():
            out = StringIO()
            call_command("demo", stdout=out)
            yield out.getvalue()
            transaction.set_rollback(True)
        return
    before = connection.settings_dict["NAME"]
    with copied() as url:
        _use(urlsplit(url).path.removeprefix("/"))
        try:
            with transaction.atomic():
                yield _output().read_text()
                transaction.set_rollback(True)
        finally:
            _use(before)


@contextmanager
def copied():
    """The address of a database that holds the demo; of none, "", on the embedded default."""
    server = os.environ["DATABASE_URL"]
    with databases.new(template=_template(server) if server else "") as url:
        yield url


def _template(server):
    """The name of the database that is copied; built by whoever comes first."""
    name = databases.demo()
    with databases.administered(server) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        unfinished = f"{name}_unfinished"
        databases.drop(server, unfinished)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        _build(urlsplit(server)._replace(path=f"/{unfinished}").geturl())
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )
    return name


def _build(url):
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    for command in (["migrate", "--verbosity=0"], ["demo"]):
        ran = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    _output().write_text(ran.stdout)


def _output():
    return Path(os.environ["STOPGAP_TEST_VAR"], "demo.txt")


def _use(name):
    connection.close()
    connection.settings_dict["NAME"] = name
