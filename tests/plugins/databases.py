"""Databases beside the tests' own, in the server of the run."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql


@contextmanager
def new(template=""):
    """The address of a new PostgreSQL database, empty or a copy; of none, "", on the embedded default."""
    server = os.environ["DATABASE_URL"]
    if not server:
        yield ""
        return
    name = f"own_{secrets.token_hex(6)}"
    copy = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    with administered(server) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copy))
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    drop(server, name)


def demo():
    """The name of the one `tests.plugins.company` builds the demo in, for the whole run."""
    return f"demo_{Path(os.environ['STOPGAP_TEST_VAR']).name.lower().replace('-', '_')}"


def drop(server, name):
    with administered(server) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def administered(server):
    """A connection on which databases are made and dropped."""
    return psycopg.connect(urlsplit(server)._replace(path="/postgres").geturl(), autocommit=True)
