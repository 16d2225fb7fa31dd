"""The groups that approve, and who is in them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from audit.versions import HistoricalRecords


class ApproverGroupQuerySet(models.QuerySet["ApproverGroup"]):
    def fallback(self) -> "ApproverGroup | None":
        """The group that stands behind every other, or None before one is chosen."""
        return self.filter(is_fallback=True).first()


class ApproverGroup(models.Model):
    """People of whom one may decide, in the name of the group."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("handle"), max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="groups_led",
        verbose_name=_("lead"),
    )
    is_fallback = models.BooleanField(_("fallback"), default=False)
    members: "models.ManyToManyField[User, GroupMembership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="GroupMembership",
        through_fields=("group", "member"),
        related_name="approver_groups",
        verbose_name=_("members"),
    )

    history = HistoricalRecords()
    objects = ApproverGroupQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("approver group")
        verbose_name_plural = _("approver groups")
        constraints = (
            models.UniqueConstraint(
                fields=("is_fallback",),
                condition=models.Q(is_fallback=True),
                name="at_most_one_fallback_group",
                violation_error_message=_("There is already a fallback group."),
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(slug=""),
                name="approver_group_has_a_name",
                violation_error_message=_("Give the group a name and a handle."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """Where the ledger tells of the group."""
        return f"accounts/groups/{self.slug}"


class GroupMembership(models.Model):
    group = models.ForeignKey(ApproverGroup, models.PROTECT, related_name="memberships", verbose_name=_("group"))
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("member"),
    )
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("group", "member")
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "member"),
                name="one_membership_a_person_and_group",
                violation_error_message=_("This person is already a member of the group."),
            ),
            models.CheckConstraint(
                condition=models.Q(added_by=None) | ~models.Q(added_by=models.F("member")),
                name="nobody_adds_themselves",
                violation_error_message=_("Nobody adds themselves to an approving group."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.member} · {self.group}"
