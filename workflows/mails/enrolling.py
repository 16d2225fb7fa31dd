"""Tells who has become an approver of a step that wants a second factor, and has none. About no case."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from workflows import enrolment
from workflows.mails import delivery, writing
from workflows.models import Effect, Notice

ENROL = "ask_second_factor"
AGAIN = timedelta(days=30)
"""Nobody is told twice within it."""


def deliver(effect: Effect, *, at: datetime) -> str:
    """Send what the effect still owes; answers why nothing is left to send, or "". Raises Unreachable, NotDelivered."""
    told = Notice.objects.filter(effect__reaction=ENROL, sent_at__gt=at - AGAIN).exclude(effect=effect)
    lacking = enrolment.lacking(User.objects.exclude(pk__in=told.values("person")), at=at)
    if not lacking:
        return _("Everybody who is asked for a second factor has one, or was told of it.")
    written = delivery.notices(effect, lacking, lambda person: delivery.entry(writing.enrolment_subject(), at))
    unsent = [notice for notice in written if notice.sent_at is None]
    delivery.send(unsent, lambda notice: writing.write_enrolment(notice, lacking[notice.person]), at)
    return ""
