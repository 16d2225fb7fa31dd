"""What a case is made of: grants, safeguards (compensating controls), evidence, editors, periods of force."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from catalog.models import SafeguardKind, System
from exceptions_app.models.cases import ExceptionCase
from exceptions_app.models.choices import EvidencePurpose, RemovalHow, RemovalState, VerifiedHow
from exceptions_app.models.governed import Governed, GovernedQuerySet
from exceptions_app.safeguard_kinds import in_words
from exceptions_app.scope import Scope


class Evidence(Governed):
    """A file (stored under a server-made name) or a link, with who added it and when.

    Never changed, and removed from drafts alone.
    """

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="evidence")
    purpose = models.CharField(max_length=16, choices=EvidencePurpose.choices, default=EvidencePurpose.ASK)
    title = models.CharField(max_length=160)
    file = models.FileField(upload_to="evidence/", blank=True)
    url = models.URLField(max_length=1000, blank=True)
    original_name = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    history = HistoricalRecords()
    objects = GovernedQuerySet["Evidence"].as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=(Q(file="", sha256="", size__isnull=True) & ~Q(url=""))
                | (Q(url="", size__isnull=False, sha256__regex=r"^[0-9a-f]{64}$") & ~Q(file="")),
                name="evidence_is_file_or_link",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Grant(Governed):
    """What a case opens: actions on a resource pattern of one system, under conditions.

    A draft may hold an incomplete one; `submit` demands system, actions and a resource under the case's lock. `granted`
    is what its approvals and reviews left of it, where that is less than was asked; `taken` is what it opened before a
    review took some of that away, until somebody confirms that this is gone.
    """

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="grants")
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    actions = models.JSONField(default=list)
    resource = models.CharField(max_length=500, blank=True)
    networks = models.JSONField(default=list, blank=True)
    conditions = models.TextField(blank=True)
    granted = models.JSONField(null=True, blank=True)
    taken = models.JSONField(null=True, blank=True)
    removal_state = models.CharField(max_length=12, choices=RemovalState.choices, default=RemovalState.NOT_OWED)
    removal_owed_at = models.DateTimeField(null=True, blank=True)
    removal_how = models.CharField(max_length=24, choices=RemovalHow.choices, blank=True)
    removal_note = models.TextField(blank=True)
    removal_evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    removal_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removal_confirmed_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = GovernedQuerySet["Grant"].as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes = [
            models.Index(fields=["removal_owed_at"], condition=Q(removal_state="owed"), name="grant_removal_owed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(removal_state__in=RemovalState.values), name="grant_removal_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(removal_state__in=[RemovalState.OWED, RemovalState.CONFIRMED])
                | Q(removal_owed_at__isnull=False),
                name="grant_owed_says_since_when",
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        removal_state=RemovalState.CONFIRMED,
                        removal_confirmed_by__isnull=False,
                        removal_confirmed_at__isnull=False,
                    )
                    & ~Q(removal_how="")
                )
                | (
                    ~Q(removal_state=RemovalState.CONFIRMED)
                    & Q(removal_confirmed_by__isnull=True, removal_confirmed_at__isnull=True, removal_how="")
                ),
                name="grant_confirmed_says_who_and_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.actions)} {self.resource}"

    @property
    def asked(self) -> Scope:
        return Scope(tuple(self.actions), self.resource, tuple(self.networks))

    @property
    def opens(self) -> Scope | None:
        """What it opens by its approvals, what is asked while there are none; None where they left nothing of it."""
        if self.granted is None:
            return self.asked
        left = Scope(tuple(self.granted["actions"]), self.granted["resource"], tuple(self.granted["networks"]))
        return left if left.actions else None


def found_to_work(at: datetime) -> Q:
    """Safeguards that were found to work, which still holds at `at` (UTC): `freshness.is_verified` in SQL."""
    return Q(failed_at__isnull=True, fresh_until_at__isnull=False, fresh_until_at__gt=at)


class SafeguardQuerySet(GovernedQuerySet["Safeguard"]):
    def verified(self, at: datetime) -> Self:
        return self.filter(found_to_work(at))

    def lacking(self, at: datetime) -> Self:
        """All others: not verified, stale or failed."""
        return self.exclude(found_to_work(at))

    def wanting(self, at: datetime) -> Self:
        """Those that are to be verified, by now or soon: all but `Freshness.FRESH`."""
        return self.filter(~found_to_work(at) | Q(due_from_at__lte=at))


class Safeguard(Governed):
    """A compensating control that stands in while the case is in force; verified by someone who does not gain.

    One with a `decision` was not asked for: that approval was given on its condition. A verification holds until
    `fresh_until_at` (see freshness.py) and is due to be made anew from `due_from_at`. `verified_by` is who looked, or
    who set up the check that did. What was verified before there was such an instant is stale.
    """

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="safeguards")
    kind = models.CharField(max_length=24, choices=SafeguardKind.choices, blank=True)
    description = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    required = models.BooleanField(_("must be verified before activation"), default=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(max_length=12, choices=VerifiedHow.choices, blank=True)
    due_from_at = models.DateTimeField(null=True, blank=True)
    fresh_until_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_how = models.CharField(max_length=12, choices=VerifiedHow.choices, blank=True)
    failure = models.TextField(blank=True)
    statement = models.TextField(blank=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.ForeignKey(
        "exceptions_app.Decision", on_delete=models.PROTECT, null=True, blank=True, related_name="safeguards"
    )

    history = HistoricalRecords()
    objects = SafeguardQuerySet.as_manager()

    class Meta:
        verbose_name = _("compensating control")
        verbose_name_plural = _("compensating controls")
        indexes = [
            models.Index(fields=["fresh_until_at"], name="safeguard_fresh_until"),
            models.Index(fields=["due_from_at"], name="safeguard_due_from"),
            models.Index(fields=["failed_at"], condition=Q(failed_at__isnull=False), name="safeguard_failed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(verified_by__isnull=False, verified_at__isnull=False) & ~Q(statement=""))
                | Q(verified_by__isnull=True, verified_at__isnull=True, statement="", evidence__isnull=True),
                name="safeguard_verified_says_who",
            ),
            models.CheckConstraint(
                condition=Q(
                    verified_at__isnull=False, fresh_until_at__isnull=False, verified_how__in=VerifiedHow.values
                )
                | Q(fresh_until_at__isnull=True, due_from_at__isnull=True, verified_how=""),
                name="safeguard_fresh_is_verified",
            ),
            models.CheckConstraint(
                condition=Q(failed_at__isnull=True, failure="", failed_how="")
                | (Q(failed_at__isnull=False, failed_how__in=VerifiedHow.values) & ~Q(failure="")),
                name="safeguard_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def in_words(self) -> str:
        """What its kind says in fields of its own, as sentences."""
        return in_words(self.kind, self.details)


class Editor(Governed):
    """A person who wrote any part of the ask, or answered for it before; they never judge it (DESIGN, promise 4)."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="editors")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="edited_cases")
    first_at = models.DateTimeField()

    history = HistoricalRecords()
    objects = GovernedQuerySet["Editor"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="editor_once_a_case")]


class Period(Governed):
    """A period of force [from_at, until_at), UTC. It always has an end; the end only moves earlier."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="periods")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()

    history = HistoricalRecords()
    objects = GovernedQuerySet["Period"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(from_at__lte=F("until_at")), name="period_does_not_run_back"),
        ]
        indexes = [models.Index(fields=["until_at", "from_at"], name="period_bounds")]
