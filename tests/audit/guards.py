"""Takes the database's guards away for a moment: to reset a test database, and to tamper as its owner could."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from audit.triggers import PREFIX


@contextmanager
def suspended(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """No trigger of ours fires on this connection, on any table; on PostgreSQL foreign keys are not checked either."""
    fall, rise = _on_sqlite(connection) if connection.vendor == "sqlite" else _ON_POSTGRESQL
    _execute(connection, fall)
    try:
        yield
    finally:
        _execute(connection, rise)


_ON_POSTGRESQL = ["SET session_replication_role = replica"], ["SET session_replication_role = origin"]


def _on_sqlite(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _sql in triggers], [sql for _name, sql in triggers]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
