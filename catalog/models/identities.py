"""An identity: whom an exception is for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Team
from catalog.constraints import filled, one_of
from catalog.managers import CatalogQuerySet
from catalog.models.choices import CredentialForm, Environment, IdentityKind


class IdentityQuerySet(CatalogQuerySet["Identity"]):
    searched = ("name", "slug", "vendor_name")


class Identity(models.Model):
    """The subject an exception is for: mostly not a human being."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("handle"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("Another identity has this handle.")},
    )
    kind = models.CharField(_("kind"), max_length=20, choices=IdentityKind)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="identities_owned",
        verbose_name=_("owner"),
    )
    backup_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="identities_backed_up",
        verbose_name=_("backup owner"),
    )
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="identities",
        verbose_name=_("team"),
    )
    environment = models.CharField(_("environment"), max_length=20, choices=Environment)
    credential_form = models.CharField(
        _("credential form"),
        max_length=30,
        choices=CredentialForm,
        default=CredentialForm.NONE,
    )
    vendor_name = models.CharField(_("vendor"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    history = HistoricalRecords()
    objects = IdentityQuerySet.as_manager()

    class Meta:
        ordering = ("name", "slug")
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = (
            one_of("kind", IdentityKind, "identity_kind_is_known"),
            one_of("environment", Environment, "identity_environment_is_known"),
            one_of("credential_form", CredentialForm, "identity_credential_form_is_known"),
            filled("name", "identity_has_a_name"),
            filled("slug", "identity_has_a_handle"),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(backup_owner=None) | ~Q(owner=F("backup_owner")),
                name="identity_backup_is_somebody_else",
                violation_error_message=_("The backup owner must be somebody else than the owner."),
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="identity_version_counts_from_one"),
        )

    def __str__(self) -> str:
        return self.name
