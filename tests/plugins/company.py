"""The demo on PostgreSQL, built once for a run by the product's own commands, and copied for whoever looks at it."""

import os
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection, transaction

from tests.plugins import databases


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
    with databases.new(template=databases.demo(_build)) as url:
        yield url


def _build(url):
    _output().write_text(databases.manage(url, "demo"))


def _output():
    return Path(os.environ["STOPGAP_TEST_VAR"], "demo.txt")


def _use(name):
    connection.close()
    connection.settings_dict["NAME"] = name
