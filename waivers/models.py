"""Where imported drafts come from: runs, the files each read, and the entry of a file behind every draft."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from exceptions_app.models import ExceptionCase

LONGEST_FILE_NAME = 400
LONGEST_KEY = 240
ENTRY_ONCE = "source_once_an_entry"


class ImportRun(models.Model):
    """One import that changed something. `by` is empty for the command line."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="import_runs"
    )
    at = models.DateTimeField()
    zone = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class ImportedFile(models.Model):
    """What a run read of one file, and what came of it."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="files")
    file = models.CharField(max_length=LONGEST_FILE_NAME)
    format = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    refused = models.BooleanField(default=False)
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    header = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    """How the columns of a table were read, in the words of a mapping file; empty for every other format."""
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["file"]
        constraints = [
            models.UniqueConstraint(fields=["run", "file"], name="imported_file_once_a_run"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="imported_file_has_digest"),
        ]

    def __str__(self) -> str:
        return self.file


class Source(models.Model):
    """The entry of a file behind a draft. `digest` is that of the entry as it was last taken over (SHA-256).

    `gone_at` is set while the file no longer holds the entry; nothing is deleted for that.
    """

    case = models.OneToOneField(ExceptionCase, on_delete=models.PROTECT, related_name="waiver_source")
    file = models.CharField(max_length=LONGEST_FILE_NAME)
    format = models.CharField(max_length=40)
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=LONGEST_KEY)
    digest = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    gives_reason = models.BooleanField()
    gone_at = models.DateTimeField(null=True, blank=True)
    first_read = models.ForeignKey(ImportedFile, on_delete=models.PROTECT, related_name="+")
    last_read = models.ForeignKey(ImportedFile, on_delete=models.PROTECT, related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.UniqueConstraint(fields=["file", "key"], name=ENTRY_ONCE),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="source_has_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Upload(models.Model):
    """Files somebody sent and has not imported yet: kept for the preview, and for a day at most."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    place = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.place


class UploadedFile(models.Model):
    """One of its files, as it was sent."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=LONGEST_FILE_NAME)
    content = models.BinaryField()
    header = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    """What the sender said that the columns mean; empty until then, and for what has no columns."""

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        constraints = [models.UniqueConstraint(fields=["upload", "name"], name="uploaded_file_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def needs_columns(self) -> bool:
        """Whether it is a table whose sender has not said yet what its columns mean."""
        return bool(self.header) and not self.mapping
