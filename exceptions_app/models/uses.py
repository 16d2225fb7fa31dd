"""Uses of what a case opens, as people record them; connectors will add theirs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from exceptions_app.models.cases import ExceptionCase
from exceptions_app.models.governed import Governed, GovernedQuerySet


class Use(Governed):
    """That a case was used at an instant (UTC), for what, and whether it was in force then. Never changed."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="uses")
    used_at = models.DateTimeField()
    what = models.TextField()
    was_in_force = models.BooleanField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    history = HistoricalRecords()
    objects = GovernedQuerySet["Use"].as_manager()

    class Meta:
        ordering = ["-used_at", "-pk"]
        verbose_name = _("use")
        verbose_name_plural = _("uses")
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="use_says_for_what"),
            models.CheckConstraint(condition=Q(recorded_at__gte=F("used_at")), name="use_is_not_foretold"),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.used_at}"
