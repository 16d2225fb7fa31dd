"""Reminders of what nobody uses."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def nothing(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forwards there is nothing to take away."""


def forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """That somebody was asked whether it is needed has no word before this; the ledger keeps it."""
    reminders = apps.get_model("workflows", "Reminder")._base_manager
    reminders.filter(kind="unused").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("exceptions_app", "0015_renewals"),
        ("workflows", "0010_telling"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reminder",
            name="reminder_kind_known",
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
                    ("too_few", "Too few of a step's approvers are left"),
                    ("guard_due", "A safeguard is to be verified again"),
                    ("guard_stale", "A safeguard was not verified again in time"),
                    ("review_open", "It is to be reviewed"),
                    ("review_half", "Half the time to review it has gone"),
                    ("review_lead", "The lead may review it as well"),
                    ("review_last", "The fallback group may review it as well"),
                    ("unused", "No use on record for a third of its term"),
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
                        [
                            "end_30",
                            "end_14",
                            "end_7",
                            "end_1",
                            "removal",
                            "half_time",
                            "to_lead",
                            "to_fallback",
                            "too_few",
                            "guard_due",
                            "guard_stale",
                            "review_open",
                            "review_half",
                            "review_lead",
                            "review_last",
                            "unused",
                        ],
                    )
                ),
                name="reminder_kind_known",
            ),
        ),
        migrations.RunPython(nothing, forget),
    ]
