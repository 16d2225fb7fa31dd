"""The weekly mail is a kind of its own; the links of calendars."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models.functions import Length
from django.db.models.lookups import Exact

BEFORE = [
    ("decide", "You are asked to decide"),
    ("review", "You are asked to review an exception, or one of yours is"),
    ("backup", "You are asked to own, back up or complete an exception"),
    ("removal", "Access has to be removed, or its removal confirmed"),
    ("outcome", "What became of a request"),
    ("force", "An exception starts, stops, changes owner or ends soon"),
]
KINDS = [*BEFORE, ("weekly", "Your week: what is in force, ending and owed")]


def nothing(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forwards there is nothing to take away."""


def forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """When somebody wants mails of a kind that is not known before this."""
    apps.get_model("accounts", "MailChoice")._base_manager.filter(kind="weekly").delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_mails_of_reviews")]

    operations = [
        migrations.RemoveConstraint("mailchoice", "mail_kind_known"),
        migrations.AlterField("mailchoice", "kind", models.CharField(choices=KINDS, max_length=10)),
        migrations.AddConstraint(
            "mailchoice",
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _label in KINDS]), name="mail_kind_known"
            ),
        ),
        migrations.AddConstraint(
            "mailchoice",
            models.CheckConstraint(
                condition=~models.Q(kind="weekly", when="digest"), name="weekly_mail_comes_on_mondays"
            ),
        ),
        migrations.RunPython(nothing, forget),
        migrations.CreateModel(
            name="CalendarLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_on", models.DateField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar link",
                "verbose_name_plural": "calendar links",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person",),
                        condition=models.Q(revoked_at__isnull=True),
                        name="one_calendar_link_in_use",
                    ),
                    models.CheckConstraint(condition=Exact(Length("digest"), 64), name="calendar_link_is_a_digest"),
                ],
            },
        ),
    ]
