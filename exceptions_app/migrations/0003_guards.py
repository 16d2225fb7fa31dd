"""Keeps in the database itself what no verb ever does: history changed, decisions rewritten, ends moved later."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import Guard, append_only, put_up, take_down

ADDED_ONLY = (
    "exceptions_app_editor",
    "exceptions_app_evidence",
    "exceptions_app_step",
    "exceptions_app_historicaldecision",
    "exceptions_app_historicaleditor",
    "exceptions_app_historicalevidence",
    "exceptions_app_historicalexceptioncase",
    "exceptions_app_historicalgrant",
    "exceptions_app_historicalperiod",
    "exceptions_app_historicalroute",
    "exceptions_app_historicalsafeguard",
    "exceptions_app_historicalstep",
)
MODELS = ("decision", "editor", "evidence", "exceptioncase", "grant", "period", "route", "safeguard", "step")
MANAGERS: list[tuple[str, models.Manager[Any]]] = [("objects", models.Manager()), ("governed", models.Manager())]
KEPT = (
    "exceptions_app_exceptioncase",
    "exceptions_app_period",
    "exceptions_app_route",
    "exceptions_app_decision",
)


def fixed(*columns: str) -> str:
    """A condition: one of the columns would change."""
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


STAYS_VOID = "OLD.voided_at IS NOT NULL AND (NEW.voided_at IS NULL OR NEW.voided_at <> OLD.voided_at)"
STAYS_ENDED = "OLD.state IN ('closed', 'revoked', 'rejected', 'withdrawn') AND NEW.state <> OLD.state"
ENDS_LATER = "OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at)"

GUARDS = [
    *(guard for table in ADDED_ONLY for guard in append_only(table)),
    *(Guard(table, "DELETE", f"Rows of {table} are never removed.") for table in KEPT),
    *(Guard(table, "TRUNCATE", f"Rows of {table} are never removed.") for table in KEPT),
    Guard(
        "exceptions_app_exceptioncase",
        "UPDATE",
        "A case keeps its reference and its end, and what has ended stays ended.",
        f"{fixed('id', 'reference', 'created_at')} OR ({ENDS_LATER}) OR ({STAYS_ENDED})",
    ),
    Guard(
        "exceptions_app_period",
        "UPDATE",
        "The end of a period of force only moves earlier, and nothing else of it changes.",
        f"{fixed('id', 'case_id', 'from_at')} OR NEW.until_at > OLD.until_at",
    ),
    Guard(
        "exceptions_app_route",
        "UPDATE",
        "A route is what was pinned; it can only be voided, once.",
        f"{fixed('id', 'case_id', 'round', 'pinned_at', 'digest', 'document', 'decide_within_seconds')}"
        f" OR ({STAYS_VOID})",
    ),
    Guard(
        "exceptions_app_decision",
        "UPDATE",
        "A decision is what was said; it can only be voided, once.",
        f"{fixed('id', 'step_id', 'person_id', 'verdict', 'statement', 'capacity', 'digest', 'by_fallback')}"
        f" OR {fixed('decided_at')} OR ({STAYS_VOID})",
    ),
]


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, GUARDS)


def unprotect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, GUARDS)


class Migration(migrations.Migration):
    dependencies = [("exceptions_app", "0002_search"), ("audit", "0002_guards")]

    operations = [
        *(migrations.AlterModelManagers(model, MANAGERS) for model in MODELS),
        migrations.RunPython(protect, unprotect),
    ]
