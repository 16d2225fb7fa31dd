"""Steps ask sources other than groups; a decision says as what it was made, and for whom."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import Guard, append_only, put_up, take_down

DECISION = "exceptions_app_decision"
STAYS_VOID = "OLD.voided_at IS NOT NULL AND (NEW.voided_at IS NULL OR NEW.voided_at <> OLD.voided_at)"
SAID = "A decision is what was said; it can only be voided, once."


def fixed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


WAS_SAID = (
    f"{fixed('id', 'step_id', 'person_id', 'verdict', 'statement', 'capacity', 'digest', 'by_fallback')}"
    f" OR {fixed('decided_at')} OR ({STAYS_VOID})"
)
IS_SAID = f"{WAS_SAID} OR {fixed('by_lead')} OR coalesce(NEW.on_behalf_of_id, 0) <> coalesce(OLD.on_behalf_of_id, 0)"
ALWAYS = [
    *append_only("exceptions_app_step"),
    *append_only("exceptions_app_historicalstep"),
    *append_only("exceptions_app_historicaldecision"),
    Guard(DECISION, "DELETE", f"Rows of {DECISION} are never removed."),
    Guard(DECISION, "TRUNCATE", f"Rows of {DECISION} are never removed."),
]
BEFORE = [*ALWAYS, Guard(DECISION, "UPDATE", SAID, WAS_SAID)]
AFTER = [*ALWAYS, Guard(DECISION, "UPDATE", SAID, IS_SAID)]
"""Taken down while the tables change, since SQLite makes them anew and forgets them, and put up again."""


def lift_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, BEFORE)


def restore_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, BEFORE)


def put_up_after(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, AFTER)


def lift_after(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, AFTER)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_leads"),
        ("exceptions_app", "0008_ownership_offers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(lift_before, restore_before),
        migrations.AddField(
            model_name="decision",
            name="by_lead",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="decision",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions_by_delegates",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaldecision",
            name="by_lead",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="historicaldecision",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalstep",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalstep",
            name="source",
            field=models.CharField(
                choices=[
                    ("group", "an approver group"),
                    ("control_group", "the control's approver group"),
                    ("control_owner", "the control's owner"),
                    ("control_lead", "the manager of the control's owner"),
                    ("system_owner", "the systems' owners"),
                    ("owner_manager", "the manager of the identity's owner"),
                    ("person", "a named person"),
                ],
                default="group",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asked_steps",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="source",
            field=models.CharField(
                choices=[
                    ("group", "an approver group"),
                    ("control_group", "the control's approver group"),
                    ("control_owner", "the control's owner"),
                    ("control_lead", "the manager of the control's owner"),
                    ("system_owner", "the systems' owners"),
                    ("owner_manager", "the manager of the identity's owner"),
                    ("person", "a named person"),
                ],
                default="group",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="step",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="accounts.approvergroup",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("step", "on_behalf_of"),
                name="decision_once_an_absentee",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("by_fallback", False), ("by_lead", False), _connector="OR"),
                name="decision_as_lead_or_as_fallback",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_behalf_of", None),
                    models.Q(("on_behalf_of", models.F("person")), _negated=True),
                    _connector="OR",
                ),
                name="decision_on_behalf_of_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "source__in",
                        [
                            "group",
                            "control_group",
                            "control_owner",
                            "control_lead",
                            "system_owner",
                            "owner_manager",
                            "person",
                        ],
                    )
                ),
                name="step_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", False), ("source__in", ("group", "control_group"))),
                    models.Q(models.Q(("source__in", ("group", "control_group")), _negated=True), ("group", None)),
                    _connector="OR",
                ),
                name="step_names_its_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("source", "person")),
                    models.Q(models.Q(("source", "person"), _negated=True), ("person", None)),
                    _connector="OR",
                ),
                name="step_names_its_person",
            ),
        ),
        migrations.RunPython(put_up_after, lift_after),
    ]
