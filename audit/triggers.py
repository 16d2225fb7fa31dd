"""Keeps the ledger append-only in the database itself, on PostgreSQL and on SQLite.

Whoever owns the tables can drop a trigger: these stop mistakes and ordinary access; verify() finds the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper

Happening = Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
CHANGES: tuple[Happening, ...] = ("UPDATE", "DELETE", "TRUNCATE")
PREFIX = "guard_"
LONGEST_NAME = 48  # of a table: PostgreSQL cuts the name of a guard at 63


@dataclass(frozen=True)
class Guard:
    """Refuses what happens to rows of a table, always or when a condition on OLD and NEW holds."""

    table: str
    happening: Happening
    message: str
    condition: str = ""
    sqlite_condition: str = ""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.happening.lower()}"


def append_only(table: str) -> list[Guard]:
    """Guards against every change of a table's rows. Raises ValueError where their names would be cut short."""
    if len(table) > LONGEST_NAME:
        raise ValueError(f"The name of a guarded table has at most {LONGEST_NAME} characters, not like {table}.")
    return [Guard(table, happening, f"Rows of {table} are never changed or removed.") for happening in CHANGES]


GUARDS = [
    *append_only("audit_event"),
    *append_only("audit_erasure"),
    *append_only("audit_historyformat"),
    Guard(
        "audit_event",
        "INSERT",
        "An event carries the time and the transaction the database itself gives.",
        "NEW.recorded_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()"
        " OR NEW.transaction_id IS DISTINCT FROM pg_current_xact_id()::text::bigint",
        "NEW.transaction_id IS NOT NULL"
        " OR coalesce(abs(julianday(NEW.recorded_at) - julianday('now')) * 86400 > 60, true)",
    ),
    Guard(
        "audit_stream",
        "INSERT",
        "A stream begins empty.",
        f"NEW.head_sequence <> 0 OR NEW.head_digest <> '{'0' * 64}'",
    ),
    Guard(
        "audit_stream",
        "UPDATE",
        "The head of a stream only moves forward, and its name stays.",
        "NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.head_sequence <= OLD.head_sequence",
    ),
    Guard("audit_stream", "DELETE", "A stream is never removed."),
    Guard("audit_stream", "TRUNCATE", "A stream is never removed."),
    Guard("audit_eventpayload", "UPDATE", "A payload is never changed."),
    Guard("audit_eventpayload", "TRUNCATE", "Payloads are erased one by one, each with its erasure."),
    Guard(
        "audit_eventpayload",
        "DELETE",
        "A payload is erased only with its erasure on record.",
        "NOT EXISTS (SELECT 1 FROM audit_erasure WHERE event_id = OLD.event_id)",
    ),
    Guard(
        "audit_erasure",
        "INSERT",
        "An erasure names the event that records it, and such an event is never erased itself.",
        "NOT EXISTS (SELECT 1 FROM audit_event erased, audit_event eraser"
        " WHERE erased.id = NEW.event_id AND erased.kind <> 'payload.erased'"
        " AND eraser.id = NEW.erased_by_id AND eraser.kind = 'payload.erased')",
    ),
]


def install(connection: BaseDatabaseWrapper) -> None:
    """Put up the guards of the ledger's own tables."""
    put_up(connection, GUARDS)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take down the guards of the ledger's own tables."""
    take_down(connection, GUARDS)


def protect_table(schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Make another app's table append-only, from that app's migration."""
    put_up(schema_editor.connection, append_only(table))


def unprotect_table(schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """The reverse of protect_table."""
    take_down(schema_editor.connection, append_only(table))


def put_up(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Put up guards that say more than append-only, for another app's migration too."""
    with connection.cursor() as cursor:
        for guard in guards:
            _put_up(cursor, connection.vendor, guard)


def take_down(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """The reverse of put_up."""
    with connection.cursor() as cursor:
        for guard in guards:
            _take_down(cursor, connection.vendor, guard)


def standing(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the guards that stand in this database, on whichever table."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES[connection.vendor], [f"{PREFIX}%"])
        return {name for (name,) in cursor.fetchall()}


def _put_up(cursor: CursorWrapper, vendor: str, guard: Guard) -> None:
    for statement in _STATEMENTS[vendor](guard):
        cursor.execute(statement)


def _take_down(cursor: CursorWrapper, vendor: str, guard: Guard) -> None:
    if vendor == "postgresql":
        cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")
        cursor.execute(f"DROP FUNCTION IF EXISTS {guard.name}()")
    else:
        cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")


def _for_postgresql(guard: Guard) -> list[str]:
    """A row's condition stands in WHEN, which calls no function while it is false; WHEN cannot hold a SELECT."""
    asks = "SELECT" in guard.condition
    when = f"WHEN ({guard.condition})" if guard.condition and not asks else ""
    scope = "STATEMENT" if guard.happening == "TRUNCATE" else "ROW"
    refuse = f"RAISE EXCEPTION USING MESSAGE = '{guard.message}', ERRCODE = 'restrict_violation';"
    function = f"""
        CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF {guard.condition if asks else "true"} THEN {refuse} END IF;
            RETURN {"OLD" if guard.happening == "DELETE" else "NEW"};
        END $$"""
    trigger = f"""
        CREATE TRIGGER {guard.name} BEFORE {guard.happening} ON {guard.table}
        FOR EACH {scope} {when} EXECUTE FUNCTION {guard.name}()"""
    return [function, trigger]


def _for_sqlite(guard: Guard) -> list[str]:
    if guard.happening == "TRUNCATE":  # which SQLite does not know
        return []
    condition = guard.sqlite_condition or guard.condition
    trigger = f"""
        CREATE TRIGGER {guard.name} BEFORE {guard.happening} ON {guard.table}
        FOR EACH ROW {f"WHEN {condition}" if condition else ""}
        BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"""
    return [trigger]


_STATEMENTS = {"postgresql": _for_postgresql, "sqlite": _for_sqlite}
_NAMES = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s AND NOT tgisinternal",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
}
