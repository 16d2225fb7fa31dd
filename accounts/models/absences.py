"""Who is away, and who stands in."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def running(self, at: datetime) -> "AbsenceQuerySet":
        """Absences in which, at `at` (UTC), the delegate who accepted stands in."""
        return self.standing(at).filter(accepted_at__lte=at, from_at__lte=at)

    def standing(self, at: datetime) -> "AbsenceQuerySet":
        """Absences that are not over at `at` and were not called off or declined, whether or not they began."""
        return self.filter(ended_at__isnull=True, declined_at__isnull=True, until_at__gt=at)


class Absence(models.Model):
    """Somebody is out of office, and names who stands in; that person does once they accept, and only in the time."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name=_("person")
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations", verbose_name=_("who stands in")
    )
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    asked_at = models.DateTimeField(_("asked"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)

    history = HistoricalRecords()
    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ("-from_at", "-id")
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(person=models.F("delegate")),
                name="nobody_stands_in_for_themselves",
                violation_error_message=_("Name somebody else to stand in for you."),
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")),
                name="absence_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="absence_has_a_reason",
                violation_error_message=_("Say why, such as “Parental leave”."),
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(declined_at=None),
                name="absence_is_not_both_accepted_and_declined",
            ),
        )
        indexes = (
            models.Index(
                fields=("delegate", "until_at"), condition=models.Q(ended_at=None), name="absence_by_delegate"
            ),
            models.Index(fields=("person", "until_at"), condition=models.Q(ended_at=None), name="absence_by_person"),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.delegate}"

    @property
    def is_waiting(self) -> bool:
        """Whether who was named has not answered, and nobody called it off."""
        return self.accepted_at is None and self.declined_at is None and self.ended_at is None
