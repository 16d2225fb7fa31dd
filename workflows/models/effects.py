"""What an event must still cause, who was told, which reminders fell due, and where the clock stumbled."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from exceptions_app.models import ExceptionCase


class EffectState(models.TextChoices):
    PENDING = "pending", _("Pending")
    FAILED = "failed", _("Failing, tried again")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


OPEN = (EffectState.PENDING, EffectState.FAILED)


class EffectQuerySet(models.QuerySet["Effect"]):
    def open(self) -> Self:
        """Effects that have not happened yet, failing ones among them."""
        return self.filter(state__in=OPEN)

    def due(self, at: datetime) -> Self:
        """Open effects whose next attempt has come and that nobody holds a lease on."""
        return self.open().filter(next_attempt_at__lte=at)


class Effect(models.Model):
    """One thing an event causes outside the transaction. It is open until it has happened or no longer matters."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="effects")
    reaction = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=EffectState, default=EffectState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    drop_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = EffectQuerySet.as_manager()

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        constraints = [
            models.UniqueConstraint(fields=["event", "reaction"], name="effect_once_an_event"),
            models.CheckConstraint(condition=Q(state__in=EffectState.values), name="effect_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, done_at__isnull=True) | (~Q(state__in=OPEN) & Q(done_at__isnull=False)),
                name="effect_settled_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state=EffectState.DROPPED) & ~Q(drop_reason="")
                | ~Q(state=EffectState.DROPPED) & Q(drop_reason=""),
                name="effect_dropped_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state__in=OPEN), name="effect_due"),
            models.Index(fields=["state", "-id"], name="effect_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} of event {self.event_id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self) -> Self:
        """Notices that wait for their person's morning."""
        return self.filter(digest_at__isnull=False, sent_at__isnull=True, drop_reason="")

    def told(self) -> Self:
        """Notices that stand in their person's inbox."""
        return self.filter(told_at__isnull=False)

    def unread(self) -> Self:
        """Those of the inbox that nobody has opened or marked."""
        return self.told().filter(read_at__isnull=True)


class Notice(models.Model):
    """One mail to one person, or one matter of their morning's. The Message-ID is kept through every resend.

    `tried_at` without `sent_at` is an attempt that was cut off: whether the mail server took it, nobody can know.

    With `told_at` it stands in the person's inbox, whatever becomes of the mail, and says `words` there until those
    are erased.
    """

    effect = models.ForeignKey(Effect, on_delete=models.PROTECT, related_name="notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    message_id = models.CharField(max_length=255, unique=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    digest_at = models.DateTimeField(null=True, blank=True)
    drop_reason = models.CharField(max_length=200, blank=True)
    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    words = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["effect", "person"], name="notice_once_a_person"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(drop_reason=""), name="notice_sent_or_dropped"
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(told_at__isnull=False), name="notice_read_was_told"
            ),
        ]
        indexes = [
            models.Index(
                fields=["digest_at", "person"],
                condition=Q(digest_at__isnull=False, sent_at__isnull=True, drop_reason=""),
                name="notice_waiting",
            ),
            models.Index(fields=["person", "-id"], condition=Q(told_at__isnull=False), name="notice_told"),
            models.Index(
                fields=["person", "-id"],
                condition=Q(told_at__isnull=False, read_at__isnull=True),
                name="notice_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class Digest(models.Model):
    """A morning on which somebody had mails waiting; written once, whoever sweeps and however often."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="digests")
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints = [models.UniqueConstraint(fields=["person", "due_at"], name="digest_once_a_morning")]

    def __str__(self) -> str:
        return f"{self.person} {self.due_at}"


class Weekly(models.Model):
    """A Monday on which somebody is told what they answer for; written once, whoever sweeps and however often."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="weeklies")
    monday_on = models.DateField()
    raised_at = models.DateTimeField()

    class Meta:
        verbose_name = _("weekly mail")
        verbose_name_plural = _("weekly mails")
        constraints = [models.UniqueConstraint(fields=["person", "monday_on"], name="weekly_once_a_monday")]

    def __str__(self) -> str:
        return f"{self.person} {self.monday_on}"


class ReminderKind(models.TextChoices):
    END_30 = "end_30", _("30 days before the end")
    END_14 = "end_14", _("14 days before the end")
    END_7 = "end_7", _("7 days before the end")
    END_1 = "end_1", _("1 day before the end")
    REMOVAL = "removal", _("Removal unconfirmed for another week")
    HALF_TIME = "half_time", _("Half the time to decide has gone")
    TO_LEAD = "to_lead", _("The lead may decide as well")
    TO_FALLBACK = "to_fallback", _("The fallback group may decide as well")
    TOO_FEW = "too_few", _("Too few of a step's approvers are left")
    GUARD_DUE = "guard_due", _("A safeguard is to be verified again")
    GUARD_STALE = "guard_stale", _("A safeguard was not verified again in time")
    REVIEW_OPEN = "review_open", _("It is to be reviewed")
    REVIEW_HALF = "review_half", _("Half the time to review it has gone")
    REVIEW_LEAD = "review_lead", _("The lead may review it as well")
    REVIEW_LAST = "review_last", _("The fallback group may review it as well")
    UNUSED = "unused", _("No use on record for a third of its term")


class Reminder(models.Model):
    """A reminder that fell due; written once, whoever sweeps and however often."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=12, choices=ReminderKind)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "due_at"], name="reminder_once"),
            models.CheckConstraint(condition=Q(kind__in=ReminderKind.values), name="reminder_kind_known"),
            models.CheckConstraint(condition=Q(raised_at__gte=F("due_at")), name="reminder_not_before_due"),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.kind}"


class Trouble(models.Model):
    """A case a sweep could not move, kept while that is so; the sweep goes on with the others."""

    sweep = models.CharField(max_length=40)
    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="troubles")
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("trouble")
        verbose_name_plural = _("troubles")
        constraints = [models.UniqueConstraint(fields=["sweep", "case"], name="trouble_once_a_sweep_and_case")]

    def __str__(self) -> str:
        return f"{self.sweep} {self.case}"


class LastRun(models.Model):
    """When each of the clock's tasks last came to its end (UTC)."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("last run")
        verbose_name_plural = _("last runs")

    def __str__(self) -> str:
        return self.name
