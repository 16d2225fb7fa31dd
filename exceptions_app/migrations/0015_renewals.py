"""What a renewal answers, from when on a case counts as unused, and the uses people record."""

from typing import Any

import django.db.models.deletion
import django.db.models.manager
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Q

from audit.triggers import Guard, append_only, put_up, take_down

CASE = "exceptions_app_exceptioncase"
STAYS = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in ("id", "reference", "created_at"))
STAYS_ENDED = "OLD.state IN ('closed', 'revoked', 'rejected', 'withdrawn') AND NEW.state <> OLD.state"
ENDS_LATER = "OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at)"
GUARDS = [
    Guard(
        "exceptions_app_evidence",  # its condition reads the cases, so SQLite cannot make their table anew beside it
        "DELETE",
        "Evidence is removed only from a draft.",
        "OLD.purpose <> 'ask' OR NOT EXISTS"
        " (SELECT 1 FROM exceptions_app_exceptioncase held WHERE held.id = OLD.case_id AND held.state = 'draft')",
    ),
    *append_only("exceptions_app_historicalexceptioncase"),
    *(Guard(CASE, what, f"Rows of {CASE} are never removed.") for what in ("DELETE", "TRUNCATE")),
    Guard(
        CASE,
        "UPDATE",
        "A case keeps its reference and its end, and what has ended stays ended.",
        f"{STAYS} OR ({ENDS_LATER}) OR ({STAYS_ENDED})",
    ),
]
"""Taken down while the tables change, since SQLite makes them anew and forgets them, and put up again."""
USED = [*append_only("exceptions_app_use"), *append_only("exceptions_app_historicaluse")]
ANSWERS = {
    "what_changed": "what has changed since the last time",
    "exit_progress": "what was done to end it",
    "why_still": "why it is still needed",
}


def lift(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, GUARDS)


def restore(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, GUARDS)


def keep_uses(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, USED)


def free_uses(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, USED)


def said() -> list[tuple[str, Any]]:
    """What a use and each version of it say alike."""
    return [
        ("used_at", models.DateTimeField()),
        ("what", models.TextField()),
        ("was_in_force", models.BooleanField()),
        ("recorded_at", models.DateTimeField()),
    ]


def past(to: str) -> Any:
    """A parent as a version names it: whether that is still there or not."""
    return models.ForeignKey(
        blank=True,
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("exceptions_app", "0014_reviews"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(lift, restore),
        *(
            migrations.AddField(model, name, models.TextField(blank=True, default="", verbose_name=label), False)
            for name, label in ANSWERS.items()
            for model in ("exceptioncase", "historicalexceptioncase")
        ),
        *(
            migrations.AddField(model, "unused_from_at", models.DateTimeField(blank=True, null=True))
            for model in ("exceptioncase", "historicalexceptioncase")
        ),
        migrations.AddIndex(
            "exceptioncase",
            models.Index(fields=["unused_from_at"], condition=Q(state__in=["active", "expiring"]), name="case_unused"),
        ),
        migrations.RunPython(restore, lift),
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                *said(),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="exceptions_app.exceptioncase",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "use",
                "verbose_name_plural": "uses",
                "ordering": ["-used_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(what=""), name="use_says_for_what"),
                    models.CheckConstraint(condition=Q(recorded_at__gte=F("used_at")), name="use_is_not_foretold"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("governed", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="HistoricalUse",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                *said(),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                ("case", past("exceptions_app.exceptioncase")),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_by", past(settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical use",
                "verbose_name_plural": "historical uses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.RunPython(keep_uses, free_uses),
    ]
