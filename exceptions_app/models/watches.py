"""Machines that look after safeguards: a probe we send, or a heartbeat we are sent; and the heartbeats received."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exceptions_app.models.choices import VerifiedHow
from exceptions_app.models.parts import Safeguard

BY_MACHINE = [(one.value, one.label) for one in VerifiedHow if one != VerifiedHow.PERSON]


class Watch(models.Model):
    """How one safeguard is found to work by itself, set up by a person who does not gain.

    A probe asks `url` for `expected_status`, and for the JSON value `expected` at `pointer` (RFC 6901) where one is
    named. A heartbeat is posted to the page of `address`, signed with `secret` as Standard Webhooks has it: whoever has
    that vouches for the safeguard, so no page but the first, no event and no log shows it. What it finds changes
    nothing here that matters: that stands on the safeguard, with its event.
    """

    safeguard = models.OneToOneField(Safeguard, on_delete=models.PROTECT, related_name="watch")
    how = models.CharField(max_length=12, choices=BY_MACHINE)
    url = models.CharField(_("address"), max_length=1000, blank=True)
    expected_status = models.PositiveSmallIntegerField(_("expected status"), null=True, blank=True)
    pointer = models.CharField(_("where in the JSON"), max_length=300, blank=True)
    expected = models.CharField(_("expected value"), max_length=300, blank=True)
    address = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    secret = models.CharField(max_length=120, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("automatic check")
        verbose_name_plural = _("automatic checks")
        indexes = [models.Index(fields=["next_at"], name="watch_next")]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(how=VerifiedHow.PROBE, expected_status__isnull=False, next_at__isnull=False, secret="")
                    & ~Q(url="")
                )
                | (
                    Q(how=VerifiedHow.HEARTBEAT, url="", expected_status__isnull=True, next_at__isnull=True)
                    & ~Q(secret="")
                ),
                name="watch_is_probe_or_heartbeat",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}: {self.safeguard}"


class Heartbeat(models.Model):
    """A heartbeat that was received, kept while a copy of it could pass for another."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="heartbeats")
    message_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        indexes = [models.Index(fields=["received_at"], name="heartbeat_received")]
        constraints = [models.UniqueConstraint(fields=["watch", "message_id"], name="heartbeat_once")]

    def __str__(self) -> str:
        return self.message_id
