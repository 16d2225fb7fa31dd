"""What deciding keeps: times and sign-in of steps, narrower terms, claims, nudges, comments."""

import django.db.models.deletion
import django.db.models.manager
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.state import StateApps

from audit.triggers import Guard, append_only, put_up, take_down

DECISION, CASE = "exceptions_app_decision", "exceptions_app_exceptioncase"
SAID = "A decision is what was said; it can only be voided, once."


def fixed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


STAYS_VOID = "OLD.voided_at IS NOT NULL AND (NEW.voided_at IS NULL OR NEW.voided_at <> OLD.voided_at)"
STAYS_ENDED = "OLD.state IN ('closed', 'revoked', 'rejected', 'withdrawn') AND NEW.state <> OLD.state"
ENDS_LATER = "OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at)"
WAS_SAID = (
    f"{fixed('id', 'step_id', 'person_id', 'verdict', 'statement', 'capacity', 'digest', 'by_fallback', 'by_lead')}"
    f" OR {fixed('decided_at')} OR ({STAYS_VOID})"
    " OR coalesce(NEW.on_behalf_of_id, 0) <> coalesce(OLD.on_behalf_of_id, 0)"
)
IS_SAID = f"{WAS_SAID} OR {fixed('preset', 'narrowing', 'sign_in')}"
HISTORIES = ("decision", "exceptioncase", "grant", "safeguard", "step")
ALWAYS = [
    Guard(
        "exceptions_app_evidence",  # its condition reads the cases, so SQLite cannot make their table anew beside it
        "DELETE",
        "Evidence is removed only from a draft.",
        "OLD.purpose <> 'ask' OR NOT EXISTS"
        " (SELECT 1 FROM exceptions_app_exceptioncase held WHERE held.id = OLD.case_id AND held.state = 'draft')",
    ),
    *append_only("exceptions_app_step"),
    *(guard for name in HISTORIES for guard in append_only(f"exceptions_app_historical{name}")),
    *(Guard(table, "DELETE", f"Rows of {table} are never removed.") for table in (DECISION, CASE)),
    *(Guard(table, "TRUNCATE", f"Rows of {table} are never removed.") for table in (DECISION, CASE)),
    Guard(
        CASE,
        "UPDATE",
        "A case keeps its reference and its end, and what has ended stays ended.",
        f"{fixed('id', 'reference', 'created_at')} OR ({ENDS_LATER}) OR ({STAYS_ENDED})",
    ),
]
SAYING = [*append_only("exceptions_app_comment"), *append_only("exceptions_app_historicalcomment")]
BEFORE = [*ALWAYS, Guard(DECISION, "UPDATE", SAID, WAS_SAID)]
AFTER = [*ALWAYS, *SAYING, Guard(DECISION, "UPDATE", SAID, IS_SAID)]
"""Taken down while the tables change, since SQLite makes them anew and forgets them, and put up again."""


def lift_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, BEFORE)


def restore_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, BEFORE)


def put_up_after(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, AFTER)


def lift_after(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, AFTER)


def refuse_to_forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was decided would be lost: grants would open what was asked, and people who stepped aside would decide."""
    decisions = apps.get_model("exceptions_app", "Decision")._base_manager
    if decisions.filter(verdict="recuse").exists() or decisions.exclude(narrowing={}).exists():
        raise IrreversibleError(
            "Decisions narrow what was asked, or say that somebody stepped aside: they would be lost."
        )


def nothing(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forwards there is nothing to refuse."""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_group_proposal_guard"),
        ("catalog", "0004_vendors_and_limits"),
        ("exceptions_app", "0009_sources"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(lift_before, restore_before),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("told", models.JSONField(default=list)),
                ("said_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "ordering": ["said_at", "pk"],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("governed", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="HistoricalComment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("text", models.TextField()),
                ("told", models.JSONField(default=list)),
                ("said_at", models.DateTimeField()),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical comment",
                "verbose_name_plural": "historical comments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_verdict_known",
        ),
        migrations.RemoveConstraint(
            model_name="exceptioncase",
            name="case_tier_known",
        ),
        migrations.AddField(
            model_name="decision",
            name="narrowing",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="decision",
            name="preset",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_needed", "The need is not shown"),
                    ("normal_path", "The normal path is open"),
                    ("too_risky", "The risk is too high"),
                    ("too_wide", "It opens too much, or for too long"),
                    ("safeguards", "The safeguards do not stand in"),
                    ("no_exit", "The exit plan does not end it"),
                    ("duplicate", "Another exception covers it"),
                    ("other", "Another reason"),
                ],
                max_length=16,
                verbose_name="why, in a word",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="sign_in",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="approved_start_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="fallback_from_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="lead_from_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="least_tier",
            field=models.PositiveSmallIntegerField(
                blank=True, choices=[(1, "low"), (2, "moderate"), (3, "high"), (4, "critical")], null=True
            ),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="nudged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="step_began_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="taken_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="taken_cases",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="exceptioncase",
            name="taken_until_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="granted",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicaldecision",
            name="narrowing",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="historicaldecision",
            name="preset",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_needed", "The need is not shown"),
                    ("normal_path", "The normal path is open"),
                    ("too_risky", "The risk is too high"),
                    ("too_wide", "It opens too much, or for too long"),
                    ("safeguards", "The safeguards do not stand in"),
                    ("no_exit", "The exit plan does not end it"),
                    ("duplicate", "Another exception covers it"),
                    ("other", "Another reason"),
                ],
                max_length=16,
                verbose_name="why, in a word",
            ),
        ),
        migrations.AddField(
            model_name="historicaldecision",
            name="sign_in",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="approved_start_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="fallback_from_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="lead_from_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="least_tier",
            field=models.PositiveSmallIntegerField(
                blank=True, choices=[(1, "low"), (2, "moderate"), (3, "high"), (4, "critical")], null=True
            ),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="nudged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="step_began_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="taken_by",
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
            model_name="historicalexceptioncase",
            name="taken_until_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalgrant",
            name="granted",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalsafeguard",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="exceptions_app.decision",
            ),
        ),
        migrations.AddField(
            model_name="historicalstep",
            name="assurance",
            field=models.CharField(
                choices=[
                    ("session", "signed in"),
                    ("fresh", "signed in afresh"),
                    ("mfa", "signed in afresh with a second factor"),
                ],
                default="session",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="historicalstep",
            name="decide_within_seconds",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalstep",
            name="in_bulk",
            field=models.BooleanField(default=False, verbose_name="may be decided among many"),
        ),
        migrations.AddField(
            model_name="safeguard",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="safeguards",
                to="exceptions_app.decision",
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="assurance",
            field=models.CharField(
                choices=[
                    ("session", "signed in"),
                    ("fresh", "signed in afresh"),
                    ("mfa", "signed in afresh with a second factor"),
                ],
                default="session",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="decide_within_seconds",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="in_bulk",
            field=models.BooleanField(default=False, verbose_name="may be decided among many"),
        ),
        migrations.AlterField(
            model_name="decision",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("approve", "Approved"),
                    ("reject", "Rejected"),
                    ("changes", "Asked for changes"),
                    ("recuse", "Stepped aside"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="historicaldecision",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("approve", "Approved"),
                    ("reject", "Rejected"),
                    ("changes", "Asked for changes"),
                    ("recuse", "Stepped aside"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["approve", "reject", "changes", "recuse"])),
                name="decision_verdict_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "preset__in",
                            [
                                "",
                                "not_needed",
                                "normal_path",
                                "too_risky",
                                "too_wide",
                                "safeguards",
                                "no_exit",
                                "duplicate",
                                "other",
                            ],
                        ),
                        ("verdict", "reject"),
                    ),
                    models.Q(models.Q(("verdict", "reject"), _negated=True), ("preset", "")),
                    _connector="OR",
                ),
                name="decision_rejection_in_a_word",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict", "approve"), ("narrowing", {}), _connector="OR"),
                name="decision_approval_narrows",
            ),
        ),
        migrations.AddConstraint(
            model_name="exceptioncase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("risk_tier__isnull", True), ("risk_tier__in", [1, 2, 3, 4]), _connector="OR"),
                    models.Q(("raised_tier__isnull", True), ("raised_tier__in", [1, 2, 3, 4]), _connector="OR"),
                    models.Q(("least_tier__isnull", True), ("least_tier__in", [1, 2, 3, 4]), _connector="OR"),
                ),
                name="case_tier_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="exceptioncase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_by__isnull", True), ("taken_until_at__isnull", True)),
                    models.Q(("taken_by__isnull", False), ("taken_until_at__isnull", False)),
                    _connector="OR",
                ),
                name="case_taken_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(("assurance__in", ["session", "fresh", "mfa"])), name="step_assurance_known"
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="comments", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="exceptions_app.exceptioncase"
            ),
        ),
        migrations.AddField(
            model_name="historicalcomment",
            name="author",
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
            model_name="historicalcomment",
            name="case",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="exceptions_app.exceptioncase",
            ),
        ),
        migrations.AddField(
            model_name="historicalcomment",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="comment_says_something"
            ),
        ),
        migrations.RunPython(put_up_after, lift_after),
        migrations.RunPython(nothing, refuse_to_forget),
    ]
