"""Reviews: a later look at a case that is relied on, by someone who does not gain."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from exceptions_app.models.cases import ExceptionCase
from exceptions_app.models.choices import Outcome, Trigger
from exceptions_app.models.governed import Governed, GovernedQuerySet
from exceptions_app.models.parts import Evidence


class ReviewQuerySet(GovernedQuerySet["Review"]):
    def unanswered(self) -> Self:
        return self.filter(outcome="")

    def open(self, at: datetime) -> Self:
        """Those that somebody has to answer at `at` (UTC)."""
        return self.unanswered().filter(opens_at__lte=at)

    def awaited(self) -> Self:
        """Those somebody has to answer, now or later: not the turn of a case that ends before."""
        return self.unanswered().exclude(trigger=Trigger.CADENCE, due_at__gte=F("case__expires_at"))


class Review(Governed):
    """One reason to look again, open from `opens_at` and to be answered by `due_at` (UTC).

    From `lead_from_at` the reviewers' lead may answer as well, from `fallback_from_at` the fallback group; from
    `falls_at` on the case may not be relied on while nobody has (see reviewing.py). `why` says what happened, `cause`
    names it, so that one thing opens one review of a case.
    """

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="reviews")
    trigger = models.CharField(max_length=24, choices=Trigger.choices)
    why = models.TextField(blank=True)
    cause = models.CharField(max_length=200, blank=True)
    opens_at = models.DateTimeField()
    lead_from_at = models.DateTimeField()
    fallback_from_at = models.DateTimeField()
    due_at = models.DateTimeField()
    falls_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    statement = models.TextField(blank=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = [models.Index(fields=["due_at"], condition=Q(outcome=""), name="review_unanswered")]
        constraints = [
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="review_trigger_known"),
            models.CheckConstraint(
                condition=Q(opens_at__lte=F("due_at"), due_at__lte=F("falls_at")), name="review_is_due_before_it_counts"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", statement="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | (
                    Q(outcome__in=Outcome.values, reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(statement="")
                ),
                name="review_answered_says_who_and_why",
            ),
            models.UniqueConstraint(
                fields=["case", "trigger", "cause"], condition=~Q(cause=""), name="review_once_a_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_trigger_display()}"

    def is_open(self, at: datetime) -> bool:
        """Whether somebody has to answer it at `at` (UTC)."""
        return not self.outcome and self.opens_at <= at
