"""A database and a queue of their own, for tests that start the portal beside the test database."""

import os
import shutil

import pytest
from django.db import connection

from tests.plugins import databases, redis_server


@pytest.fixture
def own_database_url():
    with databases.new() as url:
        yield url


@pytest.fixture
def own_migrated_url():
    """A database with every table and no rows, for what is not about the first start."""
    with databases.new(template=databases.migrated()) as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The worker's own database is a copy too: migrations run once for all workers."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.migrated()
    else:
        shutil.copyfile(databases.migrated_file(), connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_keepdb():
    """A file that was copied is begun with; the run's directory takes it away."""
    return connection.vendor == "sqlite"


@pytest.fixture
def own_redis_url():
    """The address of a Redis database no other test uses; of none, "", on the embedded default."""
    server = os.environ["STOPGAP_TEST_REDIS"]
    if not server:
        return ""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{server}/{redis_server.DATABASES // 2 + worker % (redis_server.DATABASES // 2)}"
