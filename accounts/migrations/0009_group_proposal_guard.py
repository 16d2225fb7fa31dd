"""Makes the history of proposed changes of groups append-only in the database."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import protect_table, unprotect_table

TABLE = "accounts_historicalgroupproposal"


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    protect_table(schema_editor, TABLE)


def unprotect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    unprotect_table(schema_editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_group_proposals"), ("audit", "0002_guards")]

    operations = [migrations.RunPython(protect, unprotect)]
