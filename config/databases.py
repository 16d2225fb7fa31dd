"""The database Django uses, from its address; SQLite with the settings that make it safe to share."""

from typing import Any

import dj_database_url

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON"
)
SQLITE_OPTIONS = {
    "timeout": 20,  # seconds a writer waits for another
    "transaction_mode": "IMMEDIATE",  # else a reader that turns writer fails with "database is locked"
    "init_command": SQLITE_PRAGMAS,
}


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for `url`. Raises ValueError where the address is of no database we support."""
    parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    match parsed.get("ENGINE"):
        case "django.db.backends.sqlite3":
            parsed["OPTIONS"] = SQLITE_OPTIONS
            parsed["CONN_MAX_AGE"] = 0
        case "django.db.backends.postgresql":
            pass
        case _:
            raise ValueError("neither PostgreSQL nor SQLite")
    return parsed
