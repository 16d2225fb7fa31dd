"""Steps of rules say how their approvers sign in and whether among many; reminders escalate."""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import protect_table, unprotect_table

TABLE = "workflows_historicalrulestep"  # SQLite makes it anew and forgets its guards


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    protect_table(schema_editor, TABLE)


def unprotect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    unprotect_table(schema_editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_group_proposal_guard"),
        ("exceptions_app", "0010_deciding"),
        ("workflows", "0004_rule_proposals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(unprotect, protect),
        migrations.RemoveConstraint(
            model_name="reminder",
            name="reminder_kind_known",
        ),
        migrations.AddField(
            model_name="historicalrulestep",
            name="assurance",
            field=models.CharField(
                choices=[
                    ("session", "signed in"),
                    ("fresh", "signed in afresh"),
                    ("mfa", "signed in afresh with a second factor"),
                ],
                default="session",
                max_length=8,
                verbose_name="who approves is",
            ),
        ),
        migrations.AddField(
            model_name="historicalrulestep",
            name="in_bulk",
            field=models.BooleanField(default=False, verbose_name="may be decided among many"),
        ),
        migrations.AddField(
            model_name="rulestep",
            name="assurance",
            field=models.CharField(
                choices=[
                    ("session", "signed in"),
                    ("fresh", "signed in afresh"),
                    ("mfa", "signed in afresh with a second factor"),
                ],
                default="session",
                max_length=8,
                verbose_name="who approves is",
            ),
        ),
        migrations.AddField(
            model_name="rulestep",
            name="in_bulk",
            field=models.BooleanField(default=False, verbose_name="may be decided among many"),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("end_30", "30 days before the end"),
                    ("end_14", "14 days before the end"),
                    ("end_7", "7 days before the end"),
                    ("end_1", "1 day before the end"),
                    ("removal", "Removal unconfirmed for another week"),
                    ("half_time", "Half the time to decide has gone"),
                    ("to_lead", "The lead may decide as well"),
                    ("to_fallback", "The fallback group may decide as well"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["end_30", "end_14", "end_7", "end_1", "removal", "half_time", "to_lead", "to_fallback"],
                    )
                ),
                name="reminder_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulestep",
            constraint=models.CheckConstraint(
                condition=models.Q(("assurance__in", ["session", "fresh", "mfa"])), name="rule_step_assurance_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulestep",
            constraint=models.CheckConstraint(
                condition=models.Q(("in_bulk", False), ("assurance", "session"), _connector="OR"),
                name="rule_step_afresh_is_one_by_one",
                violation_error_message="Who signs in afresh decides one by one: clear one of the two.",
            ),
        ),
        migrations.RunPython(protect, unprotect),
    ]
