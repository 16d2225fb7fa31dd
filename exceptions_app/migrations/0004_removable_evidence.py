"""Lets evidence be taken off a draft by whoever writes it; on everything that was asked, evidence stays."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import Guard, put_up, take_down

TABLE = "exceptions_app_evidence"
NEVER = Guard(TABLE, "DELETE", f"Rows of {TABLE} are never changed or removed.")
FROM_DRAFTS = Guard(
    TABLE,
    "DELETE",
    "Evidence is removed only from a draft.",
    "OLD.purpose <> 'ask' OR NOT EXISTS"
    " (SELECT 1 FROM exceptions_app_exceptioncase held WHERE held.id = OLD.case_id AND held.state = 'draft')",
)


def allow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, [NEVER])
    put_up(schema_editor.connection, [FROM_DRAFTS])


def forbid(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, [FROM_DRAFTS])
    put_up(schema_editor.connection, [NEVER])


class Migration(migrations.Migration):
    dependencies = [("exceptions_app", "0003_guards")]

    operations = [migrations.RunPython(allow, forbid)]
