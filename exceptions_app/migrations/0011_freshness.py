"""Until when what was verified holds, and what is known to have failed."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import append_only, put_up, take_down

GUARDS = list(append_only("exceptions_app_historicalsafeguard"))
"""Taken down while the table changes, since SQLite makes it anew and forgets them, and put up again."""

HOW = [("person", "by a person"), ("probe", "by a probe"), ("heartbeat", "by a heartbeat")]


def lift(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, GUARDS)


def restore(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, GUARDS)


def columns(model: str) -> list[migrations.AddField]:
    found: dict[str, Any] = {
        "due_from_at": models.DateTimeField(blank=True, null=True),
        "failed_at": models.DateTimeField(blank=True, null=True),
        "failed_how": models.CharField(blank=True, choices=HOW, default="", max_length=12),
        "failure": models.TextField(blank=True, default=""),
        "fresh_until_at": models.DateTimeField(blank=True, null=True),
        "verified_how": models.CharField(blank=True, choices=HOW, default="", max_length=12),
    }
    return [
        migrations.AddField(model, name, field, preserve_default=not field.has_default())
        for name, field in found.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("exceptions_app", "0010_deciding")]

    operations = [
        migrations.RunPython(lift, restore),
        *columns("historicalsafeguard"),
        *columns("safeguard"),
        migrations.AddIndex(
            "exceptioncase",
            models.Index(
                condition=models.Q(
                    ("relied_until_at__lt", models.F("expires_at")), ("state__in", ["active", "expiring"])
                ),
                fields=["relied_until_at"],
                name="case_falls",
            ),
        ),
        migrations.AddIndex("safeguard", models.Index(fields=["fresh_until_at"], name="safeguard_fresh_until")),
        migrations.AddIndex("safeguard", models.Index(fields=["due_from_at"], name="safeguard_due_from")),
        migrations.AddIndex(
            "safeguard",
            models.Index(
                condition=models.Q(("failed_at__isnull", False)), fields=["failed_at"], name="safeguard_failed"
            ),
        ),
        migrations.AddConstraint(
            "safeguard",
            models.CheckConstraint(
                condition=models.Q(
                    ("fresh_until_at__isnull", False),
                    ("verified_at__isnull", False),
                    ("verified_how__in", ["person", "probe", "heartbeat"]),
                )
                | models.Q(("due_from_at__isnull", True), ("fresh_until_at__isnull", True), ("verified_how", "")),
                name="safeguard_fresh_is_verified",
            ),
        ),
        migrations.AddConstraint(
            "safeguard",
            models.CheckConstraint(
                condition=models.Q(("failed_at__isnull", True), ("failed_how", ""), ("failure", ""))
                | models.Q(
                    ("failed_at__isnull", False),
                    ("failed_how__in", ["person", "probe", "heartbeat"]),
                    models.Q(("failure", ""), _negated=True),
                ),
                name="safeguard_failed_says_why",
            ),
        ),
        migrations.RunPython(restore, lift),
    ]
