"""One import of a table: the file, what its columns mean, what it would do, and how far it has come."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    ASKING = "asking", _("Waits for its columns")
    CHECKING = "checking", _("Being checked")
    REFUSED = "refused", _("Nothing can be imported")
    CHECKED = "checked", _("Waits for your word")
    SAVING = "saving", _("Being saved")
    SAVED = "saved", _("Imported")
    DROPPED = "dropped", _("Discarded")


WORKING = (State.CHECKING, State.SAVING)
OPEN = (State.ASKING, State.REFUSED, State.CHECKED, *WORKING)


class ImportRun(models.Model):
    """A file on its way into the catalog. It governs nothing: what it changes is recorded with what is changed."""

    kind = models.CharField(_("kind"), max_length=20)
    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(_("contents"), upload_to="imports/", blank=True)
    sha256 = models.CharField(_("digest"), max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    header = models.JSONField(_("columns"), default=list)
    samples = models.JSONField(_("first lines"), default=list)
    mapping = models.JSONField(_("meaning of the columns"), default=dict)
    """The column's name for each field that has one."""
    day_order = models.CharField(_("order of days and months"), max_length=3, blank=True)
    asks_day_order = models.CharField(_("a day that may be two"), max_length=200, blank=True)
    why = models.TextField(_("reason"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ASKING)
    lease_until = models.DateTimeField(_("being worked on until"), null=True, blank=True)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    lines_done = models.PositiveIntegerField(_("lines done"), default=0)
    counts = models.JSONField(_("what it does"), default=dict)
    problems = models.JSONField(_("what is wrong"), default=list)
    problem_count = models.PositiveIntegerField(_("how much is wrong"), default=0)
    preview = models.JSONField(_("first changes"), default=list)
    plan = models.CharField(_("digest of what it would do"), max_length=64, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("uploaded"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = (models.Index(fields=["lease_until"], condition=Q(state__in=WORKING), name="import_at_work"),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="import_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=WORKING) | Q(lease_until__isnull=False), name="import_at_work_has_a_lease"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_at_work(self) -> bool:
        return self.state in WORKING

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def count(self, name: str) -> int:
        found: Any = self.counts.get(name, 0)
        return int(found)
