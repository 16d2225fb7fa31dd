"""Reviews, what a case does at each change, and what a review took away of a grant."""

from typing import Any

import django.db.models.deletion
import django.db.models.manager
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Q

from audit.triggers import Guard, append_only, protect_table, put_up, take_down, unprotect_table

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
    *(guard for name in ("exceptioncase", "grant") for guard in append_only(f"exceptions_app_historical{name}")),
    *(Guard(CASE, what, f"Rows of {CASE} are never removed.") for what in ("DELETE", "TRUNCATE")),
    Guard(
        CASE,
        "UPDATE",
        "A case keeps its reference and its end, and what has ended stays ended.",
        f"{STAYS} OR ({ENDS_LATER}) OR ({STAYS_ENDED})",
    ),
]
"""Taken down while the tables change, since SQLite makes them anew and forgets them, and put up again."""
GUARDED = "exceptions_app_historicalreview"

TRIGGERS = [
    ("cadence", "In its turn"),
    ("owner_changed", "Its owner or backup owner changed or left"),
    ("identity_owner_changed", "The identity has another owner"),
    ("vendor_changed", "The vendor changed, or its own review lapsed"),
    ("control_tightened", "The control was tightened"),
    ("code_changed", "The code it stands for changed"),
    ("credential_rotated", "The credential was rotated"),
    ("incident_linked", "It is linked to an incident"),
    ("ticket_closed", "Its ticket was closed"),
    ("fix_available", "A fix is available"),
]
OUTCOMES = [
    ("keep", "Keep it as it is"),
    ("narrow", "Narrow what it opens"),
    ("shorten", "End it sooner"),
    ("renew", "Keep it, and have it renewed"),
    ("revoke", "Revoke it"),
]
PURPOSES = [
    ("ask", "Part of the request"),
    ("verification", "Shows that a safeguard works"),
    ("removal", "Shows that access is gone"),
    ("review", "Shows what a review found"),
]
COMPLETE = (
    Q(
        requester__isnull=False,
        owner__isnull=False,
        control__isnull=False,
        identity__isnull=False,
        likelihood__isnull=False,
        impact__isnull=False,
        risk_tier__isnull=False,
        remediation_on__isnull=False,
        latest_end_at__isnull=False,
        submitted_at__isnull=False,
    )
    & ~Q(title="")
    & ~Q(blocked="")
    & ~Q(normal_path="")
    & ~Q(justification="")
)
SEALED = ~Q(exit_plan="") & ~Q(credential_form="") & ~Q(digest="")


def lift(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    take_down(schema_editor.connection, GUARDS)


def restore(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up(schema_editor.connection, GUARDS)


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    protect_table(schema_editor, GUARDED)


def unprotect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    unprotect_table(schema_editor, GUARDED)


def on_change(model: str) -> migrations.AddField:
    field = models.JSONField(blank=True, default=dict, verbose_name="what is done at each change")
    return migrations.AddField(model, "on_change", field)


def purposes(model: str) -> migrations.AlterField:
    return migrations.AlterField(model, "purpose", models.CharField(choices=PURPOSES, default="ask", max_length=16))


def said() -> list[tuple[str, Any]]:
    """What a review and each version of it say alike."""
    return [
        ("trigger", models.CharField(choices=TRIGGERS, max_length=24)),
        ("why", models.TextField(blank=True)),
        ("cause", models.CharField(blank=True, max_length=200)),
        ("opens_at", models.DateTimeField()),
        ("lead_from_at", models.DateTimeField()),
        ("fallback_from_at", models.DateTimeField()),
        ("due_at", models.DateTimeField()),
        ("falls_at", models.DateTimeField()),
        ("outcome", models.CharField(blank=True, choices=OUTCOMES, max_length=12)),
        ("statement", models.TextField(blank=True)),
        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
    ]


def parent(to: str, *, optional: bool, **options: Any) -> Any:
    held: dict[str, Any] = {"blank": True, "null": True} if optional else {}
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, **held, **options)


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
        ("exceptions_app", "0013_safeguard_details"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(lift, restore),
        migrations.RemoveConstraint("exceptioncase", "case_asked_is_complete"),
        *map(on_change, ("exceptioncase", "historicalexceptioncase")),
        *map(purposes, ("evidence", "historicalevidence")),
        *(
            migrations.AddField(model, "taken", models.JSONField(blank=True, null=True))
            for model in ("grant", "historicalgrant")
        ),
        migrations.AddConstraint(
            "exceptioncase",
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn"))
                | (COMPLETE & (~Q(if_conditions_change="") | ~Q(on_change={})) & SEALED),
                name="case_asked_is_complete",
            ),
        ),
        migrations.RunPython(restore, lift),
        migrations.CreateModel(
            name="HistoricalReview",
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
                ("evidence", past("exceptions_app.evidence")),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reviewed_by", past(settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical review",
                "verbose_name_plural": "historical reviews",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                *said(),
                ("case", parent("exceptions_app.exceptioncase", optional=False, related_name="reviews")),
                ("evidence", parent("exceptions_app.evidence", optional=True, related_name="+")),
                ("reviewed_by", parent(settings.AUTH_USER_MODEL, optional=True, related_name="+")),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "indexes": [models.Index(condition=Q(outcome=""), fields=["due_at"], name="review_unanswered")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(trigger__in=[trigger for trigger, _label in TRIGGERS]), name="review_trigger_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(opens_at__lte=F("due_at"), due_at__lte=F("falls_at")),
                        name="review_is_due_before_it_counts",
                    ),
                    models.CheckConstraint(
                        condition=Q(outcome="", statement="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                        | (
                            Q(
                                outcome__in=[outcome for outcome, _label in OUTCOMES],
                                reviewed_by__isnull=False,
                                reviewed_at__isnull=False,
                            )
                            & ~Q(statement="")
                        ),
                        name="review_answered_says_who_and_why",
                    ),
                    models.UniqueConstraint(
                        condition=~Q(cause=""), fields=("case", "trigger", "cause"), name="review_once_a_cause"
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("governed", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RunPython(protect, unprotect),
    ]
