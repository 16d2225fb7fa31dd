"""Lists people keep by name."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Team, User


class Sharing(models.TextChoices):
    """Who sees a saved view beside its owner."""

    NOBODY = "", _("only me")
    TEAM = "team", _("my team")
    EVERYBODY = "everybody", _("everybody")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def open_to(self, user: "User") -> "SavedViewQuerySet":
        """One's own, and those shared with everybody or with one's team."""
        shared = models.Q(sharing=Sharing.EVERYBODY)
        if user.team_id is not None:
            shared |= models.Q(sharing=Sharing.TEAM, team=user.team_id)
        return self.filter(models.Q(owner=user) | shared)


class SavedView(models.Model):
    """A list as a person wants it: filters, columns and order, as an address has them. It shows nobody any more."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filters"), blank=True, max_length=4000)
    sharing = models.CharField(_("shown to"), max_length=12, choices=Sharing, blank=True, default=Sharing.NOBODY)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="one_saved_view_of_a_name"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(sharing=Sharing.TEAM.value, team__isnull=False)
                | (models.Q(team=None) & models.Q(sharing__in=[Sharing.NOBODY.value, Sharing.EVERYBODY.value])),
                name="saved_view_is_shared_with_a_team_or_not",
            ),
        )

    def __str__(self) -> str:
        return self.name
