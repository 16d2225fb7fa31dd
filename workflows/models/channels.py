"""Where an approving group is told besides by mail, and which messages went there."""

from __future__ import annotations

import uuid
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup
from workflows.models.effects import Effect


class ChannelKind(models.TextChoices):
    SLACK = "slack", _("Slack")
    TEAMS = "teams", _("Microsoft Teams")
    GENERIC = "generic", _("Another program")


class GroupChannelQuerySet(models.QuerySet["GroupChannel"]):
    def on(self) -> Self:
        """Channels that are posted to."""
        return self.exclude(url="")

    def told_of(self, stream_name: str, reactions: tuple[str, ...]) -> Self:
        """Channels to which these reactions posted something of the stream, taken or not, and that are the same yet."""
        told = self.on().filter(
            notices__effect__event__stream__name=stream_name,
            notices__effect__reaction__in=reactions,
            notices__tried_for=F("generation"),
        )
        return told.distinct()


class GroupChannel(models.Model):
    """A group's channel; off while `url` is empty.

    Whoever has the URL may write there, so no page, event, log or error shows more of it than its host.
    """

    group = models.OneToOneField(
        ApproverGroup, on_delete=models.PROTECT, related_name="channel", verbose_name=_("group")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind)
    url = models.CharField(_("address"), max_length=2000, blank=True)
    secret = models.CharField(_("signing secret"), max_length=120, blank=True)
    generation = models.UUIDField(default=uuid.uuid4)
    """Another one whenever the address is: what was meant for one does not reach the next."""
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set"))
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)
    failed_at = models.DateTimeField(_("last failed"), null=True, blank=True)
    failure = models.CharField(_("why it failed"), max_length=300, blank=True)

    objects = GroupChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="channel_kind_known"),
            models.CheckConstraint(
                condition=Q(secret="") | (Q(kind=ChannelKind.GENERIC) & ~Q(url="")), name="channel_secret_has_its_use"
            ),
            models.CheckConstraint(
                condition=Q(url="") | ~Q(kind=ChannelKind.GENERIC) | ~Q(secret=""), name="channel_generic_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(failed_at__isnull=True, failure="") | (Q(failed_at__isnull=False) & ~Q(failure="")),
                name="channel_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.host}" if self.url else str(_("no channel"))

    @property
    def is_on(self) -> bool:
        return bool(self.url)

    @property
    def host(self) -> str:
        """All of the address that is ever shown."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_failing(self) -> bool:
        """Whether the last message did not arrive."""
        return self.failed_at is not None and (self.delivered_at is None or self.failed_at > self.delivered_at)


class ChannelNotice(models.Model):
    """One message to one channel. Its id is kept through every resend, so that a receiver takes it once."""

    effect = models.ForeignKey(Effect, on_delete=models.PROTECT, related_name="channel_notices")
    channel = models.ForeignKey(GroupChannel, on_delete=models.PROTECT, related_name="notices")
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    tried_for = models.UUIDField(null=True, blank=True)
    """The channel's generation, written before anything is sent: whoever may have got it learns the outcome."""
    place = models.CharField(max_length=300, blank=True)
    """Kind and host it was posted to last, whatever the channel is by now."""
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("channel notice")
        verbose_name_plural = _("channel notices")
        constraints = [models.UniqueConstraint(fields=["effect", "channel"], name="channel_notice_once_a_channel")]

    def __str__(self) -> str:
        return str(self.message_id)
