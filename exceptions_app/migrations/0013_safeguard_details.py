"""What a safeguard says in the fields of its kind, and three kinds more."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import append_only, put_up, take_down

GUARDS = list(append_only("exceptions_app_historicalsafeguard"))
"""Taken down while the table changes, since SQLite makes it anew and forgets them, and put up again."""

KINDS = [
    ("network", "Network restriction"),
    ("monitoring", "Monitoring or alerting"),
    ("least_privilege", "Read-only or reduced scope"),
    ("rotation", "Shorter credential lifetime or rotation"),
    ("approval", "Human approval for each use"),
    ("two_person", "Two people together"),
    ("rate_limit", "Rate or spend limit"),
    ("attestation", "Vendor attestation"),
    ("isolation", "Isolation or segmentation"),
    ("logging", "Detailed logging"),
    ("time_window", "Limited time window"),
    ("manual_review", "Manual review"),
    ("other", "Other"),
]


def lift(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, GUARDS)


def restore(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, GUARDS)


def details(model: str) -> migrations.AddField:
    return migrations.AddField(model, "details", models.JSONField(blank=True, default=dict))


def kinds(model: str) -> migrations.AlterField:
    return migrations.AlterField(model, "kind", models.CharField(blank=True, choices=KINDS, max_length=24))


class Migration(migrations.Migration):
    dependencies = [("exceptions_app", "0012_watches")]

    operations = [
        migrations.RunPython(lift, restore),
        *(change(model) for model in ("historicalsafeguard", "safeguard") for change in (details, kinds)),
        migrations.RunPython(restore, lift),
    ]
