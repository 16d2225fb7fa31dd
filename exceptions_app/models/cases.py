"""The case: one decision to deviate from one control, for one identity, for a time."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from audit.versions import HistoricalRecords
from catalog.models import Control, CredentialForm, Identity, Tier
from exceptions_app.models.choices import ACTIVATED, DEADLINES, ENDED, LIVE, RELIED_ON, UNBOUND, EndReason, Kind, State
from exceptions_app.models.governed import Governed
from exceptions_app.models.lifecycle import Lifecycle
from exceptions_app.models.querysets import CaseQuerySet

SCORE = (MinValueValidator(1), MaxValueValidator(5))
FROM_APPROVAL = (State.APPROVED, *ACTIVATED)
SINCE = ("what_changed", "exit_progress", "why_still")
"""What a renewal answers, and is asked anew each time."""


class ReferenceCounter(models.Model):
    """The last number given to a case of a year; its locked row keeps references unique."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.year)


class ExceptionCase(Governed, Lifecycle):
    """One named control decision. Instants are UTC; `term_days` counts whole days from activation.

    `raised_tier` is what its writers hold the risk for, `least_tier` what somebody else has raised it to.
    """

    reference = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PLANNED)
    title = models.CharField(max_length=160, blank=True)
    control = models.ForeignKey(Control, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    blocked = models.TextField(_("what was blocked"), blank=True)
    normal_path = models.TextField(_("why the normal path is unavailable"), blank=True)
    justification = models.TextField(_("justification"), blank=True)
    if_conditions_change = models.TextField(_("what must happen if conditions change"), blank=True)
    on_change = models.JSONField(_("what is done at each change"), default=dict, blank=True)
    exit_plan = models.TextField(_("exit plan"), blank=True)
    remediation_on = models.DateField(_("remediation date"), null=True, blank=True)
    excess = models.TextField(_("what is granted beyond need"), blank=True)
    excess_reason = models.TextField(_("why the platform is too coarse"), blank=True)
    credential_form = models.CharField(max_length=32, choices=CredentialForm.choices, blank=True)
    exposed_from_at = models.DateTimeField(null=True, blank=True)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="requested_cases"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_cases"
    )
    backup_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="backup_cases"
    )
    backup_accepted_at = models.DateTimeField(null=True, blank=True)
    likelihood = models.PositiveSmallIntegerField(null=True, blank=True, validators=SCORE)
    impact = models.PositiveSmallIntegerField(null=True, blank=True, validators=SCORE)
    raised_tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True, blank=True)
    least_tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True, blank=True)
    risk_tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True, blank=True)
    term_days = models.PositiveSmallIntegerField(null=True, blank=True)
    end_on = models.DateField(null=True, blank=True)
    end_zone = models.CharField(max_length=64, blank=True)
    planned_start_at = models.DateTimeField(null=True, blank=True)
    change_ref = models.CharField(max_length=120, blank=True)
    incident_ref = models.CharField(max_length=120, blank=True)
    ticket_ref = models.CharField(max_length=120, blank=True)
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewals")
    renewal_number = models.PositiveSmallIntegerField(default=0)
    what_changed = models.TextField(_("what has changed since the last time"), blank=True)
    exit_progress = models.TextField(_("what was done to end it"), blank=True)
    why_still = models.TextField(_("why it is still needed"), blank=True)
    digest = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    history = HistoricalRecords()
    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="case_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="case_state_newest"),
            models.Index(fields=["state", "expires_at"], name="case_state_end"),
            models.Index(fields=["expires_at", "id"], name="case_by_end"),
            models.Index(fields=["relied_until_at"], name="case_relied_until"),
            models.Index(Coalesce("risk_tier", 0).desc(), F("id").desc(), name="case_by_risk"),
            models.Index(fields=["control", "identity"], name="case_control_identity"),
            models.Index(fields=["id"], condition=Q(requester__isnull=True), name="case_unclaimed"),
            models.Index(fields=["decide_by_at"], condition=Q(state="requested"), name="case_undecided"),
            models.Index(fields=["activate_by_at"], condition=Q(state="approved"), name="case_unactivated"),
            models.Index(fields=["warn_at"], condition=Q(state="active"), name="case_unwarned"),
            models.Index(
                fields=["relied_until_at"],
                condition=Q(state__in=["active", "expiring"], relied_until_at__lt=F("expires_at")),
                name="case_falls",
            ),
            models.Index(fields=["unused_from_at"], condition=Q(state__in=["active", "expiring"]), name="case_unused"),
            models.Index(
                fields=["expires_at"], condition=Q(state__in=["active", "expiring", "suspended"]), name="case_unended"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="case_kind_known"),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, end_reason__in=EndReason.values)
                | (~Q(state=State.CLOSED) & Q(end_reason="")),
                name="case_closed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False) | (~Q(state__in=ENDED) & Q(ended_at__isnull=True)),
                name="case_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNBOUND)
                | (
                    Q(
                        requester__isnull=False,
                        owner__isnull=False,
                        control__isnull=False,
                        identity__isnull=False,
                        likelihood__isnull=False,
                        impact__isnull=False,
                        risk_tier__isnull=False,
                        remediation_on__isnull=False,
                        latest_end_at__isnull=False,
                        submitted_at__isnull=False,
                    )
                    & ~Q(title="")
                    & ~Q(blocked="")
                    & ~Q(normal_path="")
                    & ~Q(justification="")
                    & (~Q(if_conditions_change="") | ~Q(on_change={}))
                    & ~Q(exit_plan="")
                    & ~Q(credential_form="")
                    & ~Q(digest="")
                ),
                name="case_asked_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNBOUND)
                | Q(term_days__isnull=False, term_days__gt=0, end_on__isnull=True)
                | (Q(term_days__isnull=True, end_on__isnull=False) & ~Q(end_zone="")),
                name="case_asked_has_one_end",
            ),
            models.CheckConstraint(
                condition=(Q(likelihood__isnull=True) | Q(likelihood__range=(1, 5)))
                & (Q(impact__isnull=True) | Q(impact__range=(1, 5))),
                name="case_scores_one_to_five",
            ),
            models.CheckConstraint(
                condition=(Q(risk_tier__isnull=True) | Q(risk_tier__in=Tier.values))
                & (Q(raised_tier__isnull=True) | Q(raised_tier__in=Tier.values))
                & (Q(least_tier__isnull=True) | Q(least_tier__in=Tier.values)),
                name="case_tier_known",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(backup_owner__isnull=True) | ~Q(owner=F("backup_owner")),
                name="case_backup_is_another_person",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_until_at__isnull=True)
                | Q(taken_by__isnull=False, taken_until_at__isnull=False),
                name="case_taken_until",
            ),
            models.CheckConstraint(
                condition=Q(backup_accepted_at__isnull=True) | Q(backup_owner__isnull=False),
                name="case_acceptance_has_backup",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNBOUND)
                | Q(kind=Kind.RETROSPECTIVE, exposed_from_at__isnull=False)
                | (~Q(kind=Kind.RETROSPECTIVE) & Q(exposed_from_at__isnull=True)),
                name="case_exposure_is_retrospective",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.BREAK_GLASS) | ~Q(state__in=[State.REQUESTED, State.APPROVED]),
                name="case_break_glass_is_not_requested",
            ),
            models.CheckConstraint(
                condition=Q(excess="") | ~Q(excess_reason="") | Q(state__in=UNBOUND), name="case_excess_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REQUESTED) | Q(decide_by_at__isnull=False), name="case_requested_has_deadline"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=FROM_APPROVAL)
                | Q(kind=Kind.BREAK_GLASS)
                | Q(
                    approved_at__isnull=False,
                    approved_term_seconds__isnull=False,
                    approved_term_seconds__gt=0,
                    activate_by_at__isnull=False,
                ),
                name="case_approved_has_term",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ACTIVATED)
                | Q(activated_at__isnull=False, expires_at__isnull=False, relied_until_at__isnull=False),
                name="case_active_has_end",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True)
                | Q(
                    activated_at__isnull=False,
                    latest_end_at__isnull=False,
                    relied_until_at__isnull=False,
                    expires_at__gt=F("activated_at"),
                    expires_at__lte=F("latest_end_at"),
                    relied_until_at__lte=F("expires_at"),
                ),
                name="case_end_within_latest_end",
            ),
            models.CheckConstraint(condition=Q(renews__isnull=True) | ~Q(renews=F("id")), name="case_renews_another"),
            models.UniqueConstraint(fields=["renews"], condition=Q(state__in=LIVE), name="case_one_live_renewal"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def stream(self) -> str:
        """Name of the ledger stream that holds this case's events."""
        return f"exceptions/{self.reference}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def is_in_force(self, at: datetime) -> bool:
        """Whether this case may be relied on at `at` (UTC); asks the one predicate."""
        return type(self).objects.in_force(at).filter(pk=self.pk).exists()

    def has_fallen(self, at: datetime) -> bool:
        """Whether it fell out of force before its end and by `at` (UTC), though no sweep has recorded that yet."""
        if self.state not in RELIED_ON or self.relied_until_at is None or self.expires_at is None:
            return False
        return self.relied_until_at <= at and self.relied_until_at < self.expires_at

    def is_unused(self, at: datetime) -> bool:
        """Whether it may be relied on at `at` (UTC), and no use of it was recorded for a third of its term."""
        if self.unused_from_at is None or self.standing_at(at)[0] not in RELIED_ON:
            return False
        return self.unused_from_at <= at

    def is_taken(self, at: datetime) -> bool:
        """Whether an approver is at it at `at` (UTC)."""
        return self.taken_until_at is not None and at < self.taken_until_at

    @property
    def was_cut_short(self) -> bool:
        """Whether somebody ended or suspended it before its agreed end: who judges its renewal has to know."""
        return self.state in {State.REVOKED, State.SUSPENDED} or self.end_reason == EndReason.COMPLETED

    def standing_at(self, at: datetime) -> tuple[str, str]:
        """State and end reason at `at` (UTC), though no sweep has recorded that yet.

        It is closed from its deadline on, and suspended from where it may no longer be relied on.
        """
        deadline: datetime | None = getattr(self, DEADLINES[State(self.state)]) if self.state in DEADLINES else None
        if deadline is None or at < deadline:
            return (State.SUSPENDED, "") if self.has_fallen(at) else (self.state, self.end_reason)
        return State.CLOSED, "" if self.state in ACTIVATED else EndReason.LAPSED
