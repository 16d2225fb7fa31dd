"""Rules by which requests are routed; their history is only added to."""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import protect_table, unprotect_table

GUARDED = ("workflows_historicalapprovalrule", "workflows_historicalrulestep")


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in GUARDED:
        protect_table(schema_editor, table)


def unprotect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in GUARDED:
        unprotect_table(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_leads"),
        ("workflows", "0002_digests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=60, unique=True, verbose_name="handle")),
                ("is_fallback", models.BooleanField(default=False, verbose_name="where no other rule fits")),
                ("is_on", models.BooleanField(default=True, verbose_name="in use")),
                ("valid_from_at", models.DateTimeField(verbose_name="from")),
                ("kinds", models.JSONField(blank=True, default=list, verbose_name="kinds")),
                (
                    "tier_at_least",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "low"), (2, "moderate"), (3, "high"), (4, "critical")],
                        null=True,
                        verbose_name="risk at least",
                    ),
                ),
                ("controls", models.JSONField(blank=True, default=list, verbose_name="controls")),
                ("frameworks", models.JSONField(blank=True, default=list, verbose_name="frameworks")),
                ("environments", models.JSONField(blank=True, default=list, verbose_name="environments")),
                ("identity_kinds", models.JSONField(blank=True, default=list, verbose_name="kinds of identity")),
                ("credential_forms", models.JSONField(blank=True, default=list, verbose_name="credential forms")),
                ("with_vendor", models.BooleanField(default=False, verbose_name="a vendor is involved")),
                ("beyond_reading", models.BooleanField(default=False, verbose_name="more than reading is asked")),
                (
                    "renewal_at_least",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="renewal at least"),
                ),
                (
                    "longer_than_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term longer than (days)"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "approval rule",
                "verbose_name_plural": "approval rules",
                "ordering": ("is_fallback", "name"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("slug", ""), _negated=True)
                        ),
                        name="rule_has_a_name",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_fallback", True)),
                        fields=("is_fallback",),
                        name="rule_at_most_one_fallback",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_fallback", False), ("is_on", True), _connector="OR"),
                        name="rule_fallback_stays_on",
                        violation_error_message="The fallback rule cannot be switched off: without it nobody might be asked.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tier_at_least", None), ("tier_at_least__in", [1, 2, 3, 4]), _connector="OR"
                        ),
                        name="rule_tier_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalApprovalRule",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(db_index=True, max_length=120, verbose_name="name")),
                ("slug", models.SlugField(max_length=60, verbose_name="handle")),
                ("is_fallback", models.BooleanField(default=False, verbose_name="where no other rule fits")),
                ("is_on", models.BooleanField(default=True, verbose_name="in use")),
                ("valid_from_at", models.DateTimeField(verbose_name="from")),
                ("kinds", models.JSONField(blank=True, default=list, verbose_name="kinds")),
                (
                    "tier_at_least",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "low"), (2, "moderate"), (3, "high"), (4, "critical")],
                        null=True,
                        verbose_name="risk at least",
                    ),
                ),
                ("controls", models.JSONField(blank=True, default=list, verbose_name="controls")),
                ("frameworks", models.JSONField(blank=True, default=list, verbose_name="frameworks")),
                ("environments", models.JSONField(blank=True, default=list, verbose_name="environments")),
                ("identity_kinds", models.JSONField(blank=True, default=list, verbose_name="kinds of identity")),
                ("credential_forms", models.JSONField(blank=True, default=list, verbose_name="credential forms")),
                ("with_vendor", models.BooleanField(default=False, verbose_name="a vendor is involved")),
                ("beyond_reading", models.BooleanField(default=False, verbose_name="more than reading is asked")),
                (
                    "renewal_at_least",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="renewal at least"),
                ),
                (
                    "longer_than_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term longer than (days)"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical approval rule",
                "verbose_name_plural": "historical approval rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRuleStep",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="order",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("group", "an approver group"),
                            ("control_group", "the control's approver group"),
                            ("control_owner", "the control's owner"),
                            ("control_lead", "the manager of the control's owner"),
                            ("system_owner", "the systems' owners"),
                            ("owner_manager", "the manager of the identity's owner"),
                            ("person", "a named person"),
                        ],
                        max_length=16,
                        verbose_name="who",
                    ),
                ),
                (
                    "count",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="how many",
                    ),
                ),
                (
                    "decide_within_hours",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2160),
                        ],
                        verbose_name="hours to decide",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.approvergroup",
                        verbose_name="group",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="workflows.approvalrule",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical rule step",
                "verbose_name_plural": "historical rule steps",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RuleStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="order",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("group", "an approver group"),
                            ("control_group", "the control's approver group"),
                            ("control_owner", "the control's owner"),
                            ("control_lead", "the manager of the control's owner"),
                            ("system_owner", "the systems' owners"),
                            ("owner_manager", "the manager of the identity's owner"),
                            ("person", "a named person"),
                        ],
                        max_length=16,
                        verbose_name="who",
                    ),
                ),
                (
                    "count",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="how many",
                    ),
                ),
                (
                    "decide_within_hours",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2160),
                        ],
                        verbose_name="hours to decide",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.approvergroup",
                        verbose_name="group",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="workflows.approvalrule"
                    ),
                ),
            ],
            options={
                "ordering": ("order", "pk"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("order__gte", 1)), name="rule_step_has_an_order"),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="rule_step_asks_someone"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="rule_step_has_a_name"
                    ),
                    models.CheckConstraint(
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
                        name="rule_step_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("source", "group")),
                            models.Q(models.Q(("source", "group"), _negated=True), ("group", None)),
                            _connector="OR",
                        ),
                        name="rule_step_names_its_group",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), ("source", "person")),
                            models.Q(models.Q(("source", "person"), _negated=True), ("person", None)),
                            _connector="OR",
                        ),
                        name="rule_step_names_its_person",
                    ),
                ],
            },
        ),
        migrations.RunPython(protect, unprotect),
    ]
