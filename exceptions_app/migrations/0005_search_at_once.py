from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def write_at_once(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put each title into its place in the index as it is written: a search need not read a list of late ones (4 MB)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX case_title_words SET (fastupdate = off)")
        schema_editor.execute("SELECT gin_clean_pending_list('case_title_words'::regclass)")


def write_later(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX case_title_words RESET (fastupdate)")


class Migration(migrations.Migration):
    dependencies = [("exceptions_app", "0004_removable_evidence")]

    operations = [migrations.RunPython(write_at_once, write_later)]
