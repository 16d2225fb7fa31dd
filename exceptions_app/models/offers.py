"""The offer of a case to a new owner, who has to accept before anything falls to them (promise 4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from exceptions_app.models.cases import ExceptionCase
from exceptions_app.models.governed import Governed, GovernedQuerySet


class Answer(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REPLACED = "replaced", _("Replaced by a later offer")


class OwnershipOffer(Governed):
    """One person asked to own a case from now on. At most one offer of a case waits for its answer."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="ownership_offers")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ownership_offers")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    reason = models.TextField()
    answer = models.CharField(max_length=12, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = GovernedQuerySet["OwnershipOffer"].as_manager()

    class Meta:
        verbose_name = _("offer of ownership")
        verbose_name_plural = _("offers of ownership")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="ownership_one_open_offer_a_case"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | Q(answered_at__isnull=False, answer__in=Answer.values),
                name="ownership_offer_answered_says_how",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ownership_offer_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.to_id}"
