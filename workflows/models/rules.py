"""Approval rules: for which requests they hold, and whom they ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup, Proposal, ProposalState, two_people
from audit.versions import HistoricalRecords
from catalog.models import Tier
from exceptions_app.models import Assurance, Source

MOST_ASKED = 9
MOST_HOURS = 24 * 90


class RuleQuerySet(models.QuerySet["ApprovalRule"]):
    def in_use(self, at: datetime) -> Self:
        """Rules that hold at `at` (UTC), the fallback rule among them."""
        return self.filter(is_on=True, valid_from_at__lte=at)


class ApprovalRule(models.Model):
    """When a request is such, these are asked. What is empty here holds for any request.

    The lists hold the values of `Kind`, `Environment`, `IdentityKind` and `CredentialForm`, codes of controls and
    handles of frameworks; a control fits by its own code or by a framework it answers to.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("handle"), max_length=60, unique=True)
    is_fallback = models.BooleanField(_("where no other rule fits"), default=False)
    is_on = models.BooleanField(_("in use"), default=True)
    valid_from_at = models.DateTimeField(_("from"))
    kinds = models.JSONField(_("kinds"), default=list, blank=True)
    tier_at_least = models.PositiveSmallIntegerField(_("risk at least"), choices=Tier, null=True, blank=True)
    controls = models.JSONField(_("controls"), default=list, blank=True)
    frameworks = models.JSONField(_("frameworks"), default=list, blank=True)
    environments = models.JSONField(_("environments"), default=list, blank=True)
    identity_kinds = models.JSONField(_("kinds of identity"), default=list, blank=True)
    credential_forms = models.JSONField(_("credential forms"), default=list, blank=True)
    with_vendor = models.BooleanField(_("a vendor is involved"), default=False)
    beyond_reading = models.BooleanField(_("more than reading is asked"), default=False)
    renewal_at_least = models.PositiveSmallIntegerField(_("renewal at least"), null=True, blank=True)
    longer_than_days = models.PositiveSmallIntegerField(_("term longer than (days)"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords()
    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ("is_fallback", "name")
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        constraints = (
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="rule_has_a_name"),
            models.UniqueConstraint(
                fields=("is_fallback",), condition=Q(is_fallback=True), name="rule_at_most_one_fallback"
            ),
            models.CheckConstraint(
                condition=Q(is_fallback=False) | Q(is_on=True),
                name="rule_fallback_stays_on",
                violation_error_message=_(
                    "The fallback rule cannot be switched off: without it nobody might be asked."
                ),
            ),
            models.CheckConstraint(
                condition=Q(tier_at_least=None) | Q(tier_at_least__in=Tier.values), name="rule_tier_known"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """Where the ledger tells of the rule."""
        return stream_of(self.slug)


class RuleStep(models.Model):
    """One step a rule asks for. Those of a lower order decide first; `decide_within_hours` None is by the risk."""

    rule = models.ForeignKey(ApprovalRule, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(
        _("order"), validators=(MinValueValidator(1), MaxValueValidator(MOST_ASKED))
    )
    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(_("who"), max_length=16, choices=Source)
    group = models.ForeignKey(
        ApproverGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    count = models.PositiveSmallIntegerField(
        _("how many"), default=1, validators=(MinValueValidator(1), MaxValueValidator(MOST_ASKED))
    )
    decide_within_hours = models.PositiveSmallIntegerField(
        _("hours to decide"), null=True, blank=True, validators=(MinValueValidator(1), MaxValueValidator(MOST_HOURS))
    )
    assurance = models.CharField(_("who approves is"), max_length=8, choices=Assurance, default=Assurance.SESSION)
    in_bulk = models.BooleanField(_("may be decided among many"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ("order", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(order__gte=1), name="rule_step_has_an_order"),
            models.CheckConstraint(condition=Q(count__gte=1), name="rule_step_asks_someone"),
            models.CheckConstraint(condition=~Q(name=""), name="rule_step_has_a_name"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="rule_step_source_known"),
            models.CheckConstraint(condition=Q(assurance__in=Assurance.values), name="rule_step_assurance_known"),
            models.CheckConstraint(
                condition=Q(in_bulk=False) | Q(assurance=Assurance.SESSION),
                name="rule_step_afresh_is_one_by_one",
                violation_error_message=_("Who signs in afresh decides one by one: clear one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(source=Source.GROUP, group__isnull=False) | ~Q(source=Source.GROUP) & Q(group=None),
                name="rule_step_names_its_group",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.PERSON, person__isnull=False) | ~Q(source=Source.PERSON) & Q(person=None),
                name="rule_step_names_its_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"

    @property
    def decide_within(self) -> timedelta | None:
        return None if self.decide_within_hours is None else timedelta(hours=self.decide_within_hours)


class RuleProposal(Proposal):
    """What one programme manager wants of a rule, or of a new one, until another answers.

    `before` and `after` hold the rule's columns by name, and `steps`: a mapping each, with its group's handle and its
    person's pseudonym.
    """

    slug = models.SlugField(_("handle"), max_length=60)

    history = HistoricalRecords()

    class Meta(Proposal.Meta):
        verbose_name = _("proposed rule")
        verbose_name_plural = _("proposed rules")
        constraints = (
            *two_people("rule_proposal"),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(state=ProposalState.WAITING),
                name="rule_proposal_waits_alone",
                violation_error_message=_("Another change of this rule waits for a second person."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.slug}: {', '.join(self.after)}"

    @property
    def subject(self) -> str:
        return "rule"

    @property
    def stream(self) -> str:
        return stream_of(self.slug)


def stream_of(slug: str) -> str:
    """Where the ledger tells of the rule with this handle."""
    return f"workflows/rules/{slug}"
