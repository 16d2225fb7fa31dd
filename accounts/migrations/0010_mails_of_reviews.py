"""Mails of reviews are a kind of their own."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BEFORE = [
    ("decide", "You are asked to decide"),
    ("backup", "You are asked to own, back up or complete an exception"),
    ("removal", "Access has to be removed, or its removal confirmed"),
    ("outcome", "What became of a request"),
    ("force", "An exception starts, stops, changes owner or ends soon"),
]
REVIEW = ("review", "You are asked to review an exception, or one of yours is")
KINDS = [BEFORE[0], REVIEW, *BEFORE[1:]]
ACTS = ("decide", "review", "backup", "removal")


def nothing(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forwards there is nothing to take away."""


def forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """When somebody wants mails of a kind that is not known before this."""
    apps.get_model("accounts", "MailChoice")._base_manager.filter(kind="review").delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_group_proposal_guard")]

    operations = [
        migrations.RemoveConstraint("mailchoice", "mail_kind_known"),
        migrations.RemoveConstraint("mailchoice", "mails_that_ask_are_not_switched_off"),
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
                condition=~models.Q(kind__in=ACTS, when="none"), name="mails_that_ask_are_not_switched_off"
            ),
        ),
        migrations.RunPython(nothing, forget),
    ]
