"""The digest: one mail in the morning for all that waited for it, each checked as if it went alone."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from workflows.mails import delivery, writing
from workflows.mails.occasion import Occasion
from workflows.mails.table import MAILS
from workflows.models import Digest, Effect, Notice

DIGEST = "send_digest"


def deliver(effect: Effect, *, at: datetime) -> str:
    """Send what waited for this morning; answers why nothing is left, or "". Raises Unreachable, NotDelivered."""
    digest = delivery.raised_with(effect, Digest.objects.all())
    waiting = Notice.objects.waiting().filter(person=digest.person, digest_at=digest.due_at).order_by("pk")
    rows = list(waiting.select_related("effect__event__stream", "effect__event__payload", "person"))
    entries = [entry for notice in rows if (entry := _entry(notice, at)) is not None]
    if entries:
        _send(effect, digest, entries, at)
    Notice.objects.filter(pk__in=[notice.pk for notice, _about in entries]).update(sent_at=at)
    Digest.objects.filter(pk=digest.pk).update(settled_at=at)
    if entries:
        return ""
    gone = _("Nothing that waited for this morning matters any more.")
    delivery.drop_others(effect, [], gone)
    return gone


def _entry(notice: Notice, at: datetime) -> tuple[Notice, Occasion] | None:
    """What the notice is about, unless it no longer matters; then it is dropped, and says why."""
    about, mail = Occasion.of(notice.effect, at), MAILS[notice.effect.reaction]
    gone = delivery.overtaken(notice.effect) or mail.why_not(about)
    if not gone and notice.person not in mail.audience(about):
        gone = _("This person is no longer concerned.")
    if gone:
        Notice.objects.filter(pk=notice.pk).update(drop_reason=gone)
        return None
    return notice, about


def _send(effect: Effect, digest: Digest, entries: list[tuple[Notice, Occasion]], at: datetime) -> None:
    letters = [(about, MAILS[notice.effect.reaction].letter) for notice, about in entries]
    own = delivery.notices(effect, [digest.person])
    delivery.send(own, lambda notice: writing.write_digest(letters, notice), at)
