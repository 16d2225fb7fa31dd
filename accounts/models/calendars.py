"""The secret address under which a person's calendar program reads what ends and what is to be reviewed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _


class CalendarLink(models.Model):
    """Of the secret only its SHA-256 is kept: whoever reads the database reads no calendar with it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(revoked_at__isnull=True), name="one_calendar_link_in_use"
            ),
            models.CheckConstraint(condition=Exact(Length("digest"), 64), name="calendar_link_is_a_digest"),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.made_at:%Y-%m-%d}"
