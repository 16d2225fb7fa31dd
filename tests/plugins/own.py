"""A database and a queue of their own, for tests that start the portal beside the test database."""

import os
import secrets
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.plugins import redis_server


@pytest.fixture
def own_database_url():
    with new_database() as url:
        yield url


@contextmanager
def new_database():
    """The address of a new, empty PostgreSQL database; of none, "", on the embedded default."""
    server = os.environ["DATABASE_URL"]
    if not server:
        yield ""
        return
    name = f"own_{secrets.token_hex(6)}"
    _in_server(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    _in_server(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def own_redis_url():
    """The address of a Redis database no other test uses; of none, "", on the embedded default."""
    server = os.environ["STOPGAP_TEST_REDIS"]
    if not server:
        return ""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{server}/{redis_server.DATABASES // 2 + worker % (redis_server.DATABASES // 2)}"


def _in_server(server, statement):
    with psycopg.connect(urlsplit(server)._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(statement)
