"""A vendor: whose product an identity serves, and how far we know them."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from catalog.constraints import filled
from catalog.managers import CatalogQuerySet


class VendorQuerySet(CatalogQuerySet["Vendor"]):
    searched = ("name", "slug", "onboarding_ref")


class Vendor(models.Model):
    """Somebody outside whom we let in. The onboarding itself is kept elsewhere; here stands where, and until when."""

    name = models.CharField(
        _("name"),
        max_length=120,
        unique=True,
        error_messages={"unique": _("Another vendor has this name.")},
    )
    slug = models.SlugField(
        _("handle"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("Another vendor has this handle.")},
    )
    onboarding_ref = models.CharField(_("onboarding record"), max_length=120, blank=True)
    onboarding_url = models.URLField(_("address of the onboarding record"), max_length=500, blank=True)
    review_on = models.DateField(_("next review"), null=True, blank=True)
    contact_name = models.CharField(_("contact"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact's mail address"), blank=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    history = HistoricalRecords()
    objects = VendorQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        constraints = (
            filled("name", "vendor_has_a_name"),
            filled("slug", "vendor_has_a_handle"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="vendor_version_counts_from_one"),
        )

    def __str__(self) -> str:
        return self.name

    def is_review_overdue(self, on: date) -> bool:
        return self.review_on is not None and self.review_on < on
