"""Groups name a channel, and what was posted there is remembered."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_group_proposal_guard"),
        ("workflows", "0005_step_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("slack", "Slack"), ("teams", "Microsoft Teams"), ("generic", "Another program")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("url", models.CharField(blank=True, max_length=2000, verbose_name="address")),
                ("secret", models.CharField(blank=True, max_length=120, verbose_name="signing secret")),
                ("generation", models.UUIDField(default=uuid.uuid4)),
                ("set_at", models.DateTimeField(verbose_name="set")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="last delivered")),
                ("failed_at", models.DateTimeField(blank=True, null=True, verbose_name="last failed")),
                ("failure", models.CharField(blank=True, max_length=300, verbose_name="why it failed")),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="channel",
                        to="accounts.approvergroup",
                        verbose_name="group",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
            ],
            options={
                "verbose_name": "channel",
                "verbose_name_plural": "channels",
            },
        ),
        migrations.CreateModel(
            name="ChannelNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("tried_for", models.UUIDField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=300)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "effect",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="channel_notices",
                        to="workflows.effect",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="workflows.groupchannel"
                    ),
                ),
            ],
            options={
                "verbose_name": "channel notice",
                "verbose_name_plural": "channel notices",
            },
        ),
        migrations.AddConstraint(
            model_name="groupchannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["slack", "teams", "generic"])), name="channel_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupchannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("secret", ""), models.Q(("kind", "generic"), models.Q(("url", ""), _negated=True)), _connector="OR"
                ),
                name="channel_secret_has_its_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupchannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("url", ""),
                    models.Q(("kind", "generic"), _negated=True),
                    models.Q(("secret", ""), _negated=True),
                    _connector="OR",
                ),
                name="channel_generic_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupchannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("failed_at__isnull", True), ("failure", "")),
                    models.Q(("failed_at__isnull", False), models.Q(("failure", ""), _negated=True)),
                    _connector="OR",
                ),
                name="channel_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="channelnotice",
            constraint=models.UniqueConstraint(fields=("effect", "channel"), name="channel_notice_once_a_channel"),
        ),
    ]
