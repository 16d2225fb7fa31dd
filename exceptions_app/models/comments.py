"""What requester and approvers say to each other about a case: part of its history, never of what is approved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from exceptions_app.models.cases import ExceptionCase
from exceptions_app.models.governed import Governed, GovernedQuerySet


class Comment(Governed):
    """One person's words, never changed. `told` holds the pseudonyms of those it was addressed to."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()
    told = models.JSONField(default=list)
    said_at = models.DateTimeField()

    history = HistoricalRecords()
    objects = GovernedQuerySet["Comment"].as_manager()

    class Meta:
        ordering = ["said_at", "pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_says_something")]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"
