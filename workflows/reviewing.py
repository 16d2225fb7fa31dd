"""Which reviews their reviewers, and those behind them, are reminded of, and when."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from exceptions_app.models import RELIED_ON, ExceptionCase, Review, Trigger
from workflows.models import Reminder, ReminderKind


def wanted(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases with a review open whose last threshold nobody was reminded of; none that fell out of force."""
    waiting = Review.objects.open(at).awaited().filter(case__state__in=RELIED_ON, case__relied_until_at__gt=at)
    last, lead = Q(fallback_from_at__lte=at), Q(lead_from_at__lte=at)
    half = Q(opens_at__lte=at - (F("due_at") - at))
    opened = Q(trigger=Trigger.CADENCE) & ~_told(ReminderKind.REVIEW_OPEN, due_at=OuterRef("opens_at"))
    halved = _told(ReminderKind.REVIEW_HALF, due_at__gte=OuterRef("opens_at"), due_at__lte=OuterRef("due_at"))
    found = waiting.filter(
        (last & ~_told(ReminderKind.REVIEW_LAST, due_at=OuterRef("fallback_from_at")))
        | (~last & lead & ~_told(ReminderKind.REVIEW_LEAD, due_at=OuterRef("lead_from_at")))
        | (~last & ~lead & half & ~halved)
        | (~last & ~lead & ~half & opened)
    )
    return ExceptionCase.objects.filter(pk__in=found.values("case"))


def thresholds(review: Review) -> dict[ReminderKind, datetime]:
    """When those it asks are reminded of a review, and those behind them asked; in order.

    What something opened, that tells.
    """
    found = {ReminderKind.REVIEW_OPEN: review.opens_at} if review.trigger == Trigger.CADENCE else {}
    return found | {
        ReminderKind.REVIEW_HALF: review.opens_at + (review.due_at - review.opens_at) / 2,
        ReminderKind.REVIEW_LEAD: review.lead_from_at,
        ReminderKind.REVIEW_LAST: review.fallback_from_at,
    }


def _told(kind: ReminderKind, **when: Combinable) -> Q:
    return Q(Exists(Reminder.objects.filter(case=OuterRef("case"), kind=kind, **when)))
