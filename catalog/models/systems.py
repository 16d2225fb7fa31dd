"""A system: what an exception opens."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from catalog.constraints import filled, one_of
from catalog.managers import CatalogQuerySet
from catalog.models.choices import Environment, Tier
from catalog.validators import check_tags


class SystemQuerySet(CatalogQuerySet["System"]):
    searched = ("name", "slug", "tagged__tag")

    def search(self, text: str) -> Self:
        return super().search(text).distinct()


class System(models.Model):
    """Something an exception opens: a platform, a service, a store."""

    name = models.CharField(
        _("name"),
        max_length=120,
        unique=True,
        error_messages={"unique": _("Another system has this name.")},
    )
    slug = models.SlugField(
        _("handle"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("Another system has this handle.")},
    )
    environment = models.CharField(_("environment"), max_length=20, choices=Environment)
    criticality = models.PositiveSmallIntegerField(_("criticality"), choices=Tier)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="systems_owned",
        verbose_name=_("owner"),
    )
    tags = models.JSONField(_("tags"), default=list, blank=True, validators=[check_tags])
    """Words the house groups systems by; `SystemTag` follows it for queries."""
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    history = HistoricalRecords()
    objects = SystemQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("system")
        verbose_name_plural = _("systems")
        constraints = (
            one_of("environment", Environment, "system_environment_is_known"),
            one_of("criticality", Tier, "system_criticality_is_a_tier"),
            filled("name", "system_has_a_name"),
            filled("slug", "system_has_a_handle"),
            models.CheckConstraint(condition=Q(version__gte=1), name="system_version_counts_from_one"),
        )

    def __str__(self) -> str:
        return self.name


class SystemTag(models.Model):
    """A tag of a system. Follows `System.tags`, which has the history."""

    system = models.ForeignKey(System, models.CASCADE, related_name="tagged")
    tag = models.CharField(_("tag"), max_length=40, db_index=True)

    class Meta:
        ordering = ("tag",)
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = (models.UniqueConstraint(fields=["system", "tag"], name="system_has_a_tag_once"),)

    def __str__(self) -> str:
        return self.tag
