"""Which mails a person wants, and when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class MailKind(models.TextChoices):
    """What mails are about, as a person chooses among them."""

    DECIDE = "decide", _("You are asked to decide")
    REVIEW = "review", _("You are asked to review an exception, or one of yours is")
    BACKUP = "backup", _("You are asked to own, back up or complete an exception")
    REMOVAL = "removal", _("Access has to be removed, or its removal confirmed")
    OUTCOME = "outcome", _("What became of a request")
    FORCE = "force", _("An exception starts, stops, changes owner or ends soon")
    WEEKLY = "weekly", _("Your week: what is in force, ending and owed")


class MailWhen(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, at 8:00")
    NONE = "none", _("Not at all")


ACTS = (MailKind.DECIDE, MailKind.REVIEW, MailKind.BACKUP, MailKind.REMOVAL)
"""Mails that ask for an act: they can wait for the morning, and cannot be switched off."""


def times_of(kind: str) -> dict[str, str]:
    """When mails of a kind can come, each with its words."""
    if kind == MailKind.WEEKLY:
        return {MailWhen.AT_ONCE: str(_("On Mondays, at 8:00")), MailWhen.NONE: str(MailWhen.NONE.label)}
    return {when.value: str(when.label) for when in MailWhen if kind not in ACTS or when != MailWhen.NONE}


class MailChoice(models.Model):
    """When a person gets mails of a kind; without a row, at once."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mail_choices")
    kind = models.CharField(max_length=10, choices=MailKind)
    when = models.CharField(max_length=10, choices=MailWhen)

    class Meta:
        verbose_name = _("mail choice")
        verbose_name_plural = _("mail choices")
        constraints = (
            models.UniqueConstraint(fields=("person", "kind"), name="one_mail_choice_a_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=MailKind.values), name="mail_kind_known"),
            models.CheckConstraint(condition=models.Q(when__in=MailWhen.values), name="mail_when_known"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=ACTS, when=MailWhen.NONE),
                name="mails_that_ask_are_not_switched_off",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=MailKind.WEEKLY, when=MailWhen.DIGEST),
                name="weekly_mail_comes_on_mondays",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.when}"
