"""Holds the ledger: streams of chained events, their erasable payloads, and what is still to be dispatched."""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from audit.actors import KINDS, WITH_ID

GENESIS = "0" * 64  # what the first event of a stream names as its previous digest
ERASURES = "ledger/erasures"  # the stream of the events that erase payloads
ERASED = "payload.erased"  # their kind
VERSION = 1  # of the event format; docs/ledger.md describes it byte by byte


def _is_hex(*names: str) -> Q:
    """Columns that hold 32 bytes in hexadecimal."""
    return Q(*(Exact(Length(name), 64) for name in names))


class Stream(models.Model):
    """One chain of events and its head, locked while it grows."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    head_sequence = models.BigIntegerField(_("head sequence"), default=0)
    head_digest = models.CharField(_("head digest"), max_length=64, default=GENESIS)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        constraints = [
            models.CheckConstraint(name="audit_stream_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="audit_stream_head", condition=Q(head_sequence__gte=0) & _is_hex("head_digest")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One thing that happened. Its row is never changed: the digest covers every column but the key."""

    stream = models.ForeignKey(Stream, models.PROTECT, related_name="events", db_index=False)
    sequence = models.BigIntegerField(_("sequence"))
    version = models.PositiveSmallIntegerField(_("format version"), default=VERSION)
    kind = models.CharField(_("kind"), max_length=80)
    at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    transaction_id = models.BigIntegerField(_("transaction"), null=True)
    actor_kind = models.CharField(_("actor kind"), max_length=10)
    actor_id = models.UUIDField(_("actor"), null=True)
    payload_digest = models.CharField(_("payload digest"), max_length=64)
    history = models.JSONField(_("history rows"), default=list)
    previous = models.CharField(_("previous digest"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(name="audit_event_place", fields=["stream", "sequence"]),
            models.CheckConstraint(
                name="audit_event_counted", condition=Q(sequence__gte=1, version__gte=1) & ~Q(kind="")
            ),
            models.CheckConstraint(
                name="audit_event_digests", condition=_is_hex("payload_digest", "previous", "digest")
            ),
            models.CheckConstraint(
                name="audit_event_actor",
                condition=Q(actor_kind__in=WITH_ID, actor_id__isnull=False)
                | Q(actor_kind__in=sorted(set(KINDS) - set(WITH_ID)), actor_id__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="audit_event_by_time", fields=["at", "id"]),
            models.Index(name="audit_event_by_kind", fields=["kind", "at", "id"]),
            models.Index(name="audit_event_by_actor", fields=["actor_id", "at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.sequence}"

    @property
    def body(self) -> dict[str, Any] | None:
        """What happened, in full; None once erased."""
        payload: EventPayload | None = getattr(self, "payload", None)
        body: dict[str, Any] | None = json.loads(payload.body) if payload else None
        return body


class EventPayload(models.Model):
    """An event's content, apart so that it can be erased; the event keeps its salted digest."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="payload")
    salt = models.CharField(_("salt"), max_length=64)
    body = models.TextField(_("body"))

    class Meta:
        verbose_name = _("payload")
        verbose_name_plural = _("payloads")
        constraints = [models.CheckConstraint(name="audit_payload_salted", condition=_is_hex("salt"))]

    def __str__(self) -> str:
        return f"payload of event {self.event_id}"


class Erasure(models.Model):
    """Says which event's body lists the erasure of this event's payload."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="erasure")
    erased_by = models.ForeignKey(Event, models.PROTECT, related_name="erasures")
    history_salt = models.CharField(_("history salt"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.CheckConstraint(name="audit_erasure_by_other", condition=~Q(event=F("erased_by"))),
            models.CheckConstraint(
                name="audit_erasure_history_salt", condition=Q(history_salt="") | _is_hex("history_salt")
            ),
        ]

    def __str__(self) -> str:
        return f"erasure of event {self.event_id}"


class HistoryFormat(models.Model):
    """Which columns of a history table a digest covers, so that columns added later leave old digests valid."""

    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    model = models.CharField(_("model"), max_length=200)
    fields = models.JSONField(_("fields"))

    class Meta:
        verbose_name = _("history format")
        verbose_name_plural = _("history formats")
        constraints = [models.CheckConstraint(name="audit_format_digest", condition=_is_hex("digest"))]

    def __str__(self) -> str:
        return f"{self.model} {self.digest[:12]}"


class Pending(models.Model):
    """The outbox: an event whose effects are still to be dispatched. The dispatcher deletes the row."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="pending")

    class Meta:
        verbose_name = _("pending event")
        verbose_name_plural = _("pending events")

    def __str__(self) -> str:
        return f"pending event {self.event_id}"
