"""Makes the history of this app's rows append-only in the database."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import protect_table, unprotect_table

TABLES = (
    "catalog_historicalcontrol",
    "catalog_historicalidentity",
    "catalog_historicalsystem",
)


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in TABLES:
        protect_table(schema_editor, table)


def unprotect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in TABLES:
        unprotect_table(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("audit", "0002_guards")]

    operations = [migrations.RunPython(protect, unprotect)]
