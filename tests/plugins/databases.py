"""Databases beside the tests' own, in the server of the run."""

import fcntl
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.env import BASE_DIR

LOCK = 20_261_121
"""Only one worker builds; the others wait for it."""


@contextmanager
def new(template=""):
    """The address of a new PostgreSQL database, empty or a copy; of none, "", on the embedded default."""
    server = os.environ["DATABASE_URL"]
    if not server:
        yield ""
        return
    name = f"own_{secrets.token_hex(6)}"
    with administered(server) as admin:
        _create(admin, name, template)
    yield _in(server, name)
    drop(server, name)


def migrated():
    """The name of the run's database with every table and no rows, to be copied; "" on the embedded default."""
    server = os.environ["DATABASE_URL"]
    return _built(server, "migrated", "", _migrate) if server else ""


def migrated_file():
    """The same as a file of SQLite."""
    home = Path(os.environ["STOPGAP_TEST_VAR"], "migrated")
    home.mkdir(exist_ok=True)
    file = home / "stopgap.sqlite3"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished = home / "unfinished"
            manage("", "migrate", "--verbosity=0", VAR_DIR=str(unfinished))
            (unfinished / file.name).rename(file)
    return file


def demo(build):
    """The name of the run's database that `build` filled, given its address; "" on the embedded default."""
    server = os.environ["DATABASE_URL"]
    return _built(server, "demo", migrated(), build) if server else ""


def drop_built(server):
    """Drop what was built to be copied, in a server that may outlive the run."""
    for kind in ("migrated", "demo"):
        drop(server, _name(kind))


def manage(url, *words, **variables):
    """What a command of the product says, run on the database at this address with the product's own settings."""
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ran.stdout


def drop(server, name):
    with administered(server) as admin:
        _drop(admin, name)


def administered(server):
    """A connection on which databases are made and dropped."""
    return psycopg.connect(_in(server, "postgres"), autocommit=True)


def _built(server, kind, template, build):
    name, unfinished = _name(kind), f"{_name(kind)}_unfinished"
    with administered(server) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        _drop(admin, unfinished)
        _create(admin, unfinished, template)
        build(_in(server, unfinished))
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )
    return name


def _migrate(url):
    manage(url, "migrate", "--verbosity=0")


def _create(admin, name, template):
    copy = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    admin.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copy))


def _drop(admin, name):
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _name(kind):
    return f"{kind}_{Path(os.environ['STOPGAP_TEST_VAR']).name.lower().replace('-', '_')}"


def _in(server, name):
    return urlsplit(server)._replace(path=f"/{name}").geturl()
