"""An identity: whom an exception is for."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from audit.versions import HistoricalRecords
from catalog.constraints import filled, one_of
from catalog.managers import CatalogQuerySet
from catalog.models.choices import CredentialForm, Environment, IdentityKind
from catalog.models.vendors import Vendor
from catalog.validators import check_external_ids


class IdentityQuerySet(CatalogQuerySet["Identity"]):
    searched = ("name", "slug", "vendor__name")

    def search(self, text: str) -> Self:
        """Also that which goes by the text elsewhere: an ARN, a SPIFFE id."""
        elsewhere = ExternalId.objects.filter(value__iexact=text.strip()).values("identity")
        return super().search(text) | self.filter(pk__in=elsewhere)

    def called(self, name: str) -> Self:
        """The identity of this handle, of this name, or that goes by it elsewhere."""
        elsewhere = ExternalId.objects.filter(value=name).values("identity")
        return self.filter(Q(slug=name) | Q(name=name) | Q(pk__in=elsewhere))


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
    owner_asked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="identities_offered",
        verbose_name=_("asked to own it"),
    )
    """Named as owner, and not yet accepted: owning an identity keeps a person from judging, so nobody is put to it."""
    external_ids = models.JSONField(_("external ids"), default=list, blank=True, validators=[check_external_ids])
    """What it is called elsewhere; `ExternalId` follows it for queries."""
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="identities", verbose_name=_("vendor")
    )
    vendor_name = models.CharField(_("vendor, as once written"), max_length=120, blank=True, editable=False)
    """Kept for its history: the vendor is a row of its own since."""
    last_rotated_on = models.DateField(_("credential last rotated"), null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(owner_asked=None) | Q(backup_owner=None) | ~Q(owner_asked=F("backup_owner")),
                name="identity_backup_is_not_asked_to_own",
                violation_error_message=_("The backup owner must be somebody else than the owner."),
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="identity_version_counts_from_one"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def vendor_shown(self) -> str:
        """The vendor's name; what was once written where no row of a vendor is named yet."""
        return self.vendor.name if self.vendor is not None else self.vendor_name


class ExternalId(models.Model):
    """What an identity is called elsewhere. Follows `Identity.external_ids`, which has the history."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="called")
    value = models.CharField(
        _("external id"),
        max_length=300,
        unique=True,
        error_messages={"unique": _("Another identity has this external id.")},
    )

    class Meta:
        ordering = ("value",)
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")

    def __str__(self) -> str:
        return self.value
