"""Who must decide, in which order, and what each person answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup
from audit.versions import HistoricalRecords
from exceptions_app.models.cases import ExceptionCase
from exceptions_app.models.choices import OF_GROUPS, Assurance, RejectionReason, Source, Verdict
from exceptions_app.models.governed import Governed, GovernedQuerySet


class Route(Governed):
    """The steps pinned at submission, with the exact document that was asked. A new ask voids it."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="routes")
    round = models.PositiveSmallIntegerField()
    pinned_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    document = models.JSONField()
    decide_within_seconds = models.PositiveBigIntegerField()
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    history = HistoricalRecords()
    objects = GovernedQuerySet["Route"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="route_round_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(voided_at__isnull=True), name="route_one_standing_a_case"
            ),
        ]


class Step(Governed):
    """One stage of a route: `count` positive answers from the people of its source, and the rules that asked for it.

    Where the source is the control's approver group, `group` is the one it was when the route was pinned. Its time
    begins when it is the first that is not met.
    """

    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="steps")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.GROUP)
    group = models.ForeignKey(ApproverGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="steps")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="asked_steps"
    )
    count = models.PositiveSmallIntegerField(default=1)
    reasons = models.JSONField(default=list)
    decide_within_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    assurance = models.CharField(max_length=8, choices=Assurance.choices, default=Assurance.SESSION)
    in_bulk = models.BooleanField(_("may be decided among many"), default=False)

    history = HistoricalRecords()
    objects = GovernedQuerySet["Step"].as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["route", "order"], name="step_order_once"),
            models.CheckConstraint(condition=Q(count__gte=1), name="step_needs_someone"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="step_source_known"),
            models.CheckConstraint(condition=Q(assurance__in=Assurance.values), name="step_assurance_known"),
            models.CheckConstraint(
                condition=Q(source__in=OF_GROUPS, group__isnull=False) | (~Q(source__in=OF_GROUPS) & Q(group=None)),
                name="step_names_its_group",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.PERSON, person__isnull=False) | (~Q(source=Source.PERSON) & Q(person=None)),
                name="step_names_its_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """Its name, and the group it asks where that is called otherwise."""
        return self.name if self.group is None or self.group.name == self.name else f"{self.name} ({self.group})"

    @property
    def decide_within(self) -> timedelta:
        """How long it has from when it is its turn; the whole route's time where it was pinned without one."""
        own = self.decide_within_seconds
        return timedelta(seconds=self.route.decide_within_seconds if own is None else own)


class DecisionQuerySet(GovernedQuerySet["Decision"]):
    """Questions about answers; one that stands has not been voided."""

    def standing(self, cases: ExceptionCase | Sequence[ExceptionCase]) -> Self:
        """Answers that stand in this case or these, by whichever route."""
        of = {"step__route__case": cases} if isinstance(cases, ExceptionCase) else {"step__route__case__in": cases}
        return self.filter(voided_at__isnull=True, **of)

    def approvals(self) -> Self:
        return self.filter(verdict=Verdict.APPROVE)

    def recusals(self) -> Self:
        """By those who stepped aside."""
        return self.filter(verdict=Verdict.RECUSE)


class Decision(Governed):
    """One person's answer to one step, bound to the digest of what they saw.

    `on_behalf_of` is the one who is away, whose delegate the person is. `narrowing` is what an approval takes back of
    what was asked (`exceptions_app.narrowing`), `sign_in` how the person had signed in (`proofs`) and, in `shown_at`,
    when they opened what they approved.
    """

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    statement = models.TextField(_("risk accepted, or the reason"))
    capacity = models.CharField(_("in which role"), max_length=120, blank=True)
    preset = models.CharField(_("why, in a word"), max_length=16, choices=RejectionReason.choices, blank=True)
    narrowing = models.JSONField(default=dict, blank=True)
    sign_in = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64)
    by_fallback = models.BooleanField(default=False)
    by_lead = models.BooleanField(default=False)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions_by_delegates"
    )
    decided_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    history = HistoricalRecords()
    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["decided_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "person"], condition=Q(voided_at__isnull=True), name="decision_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["step", "on_behalf_of"], condition=Q(voided_at__isnull=True), name="decision_once_an_absentee"
            ),
            models.CheckConstraint(
                condition=Q(by_fallback=False) | Q(by_lead=False), name="decision_as_lead_or_as_fallback"
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | ~Q(on_behalf_of=F("person")), name="decision_on_behalf_of_another"
            ),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="decision_verdict_known"),
            models.CheckConstraint(condition=~Q(statement=""), name="decision_says_why"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.REJECT, preset__in=["", *RejectionReason.values])
                | ~Q(verdict=Verdict.REJECT) & Q(preset=""),
                name="decision_rejection_in_a_word",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.APPROVE) | Q(narrowing={}), name="decision_approval_narrows"
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.APPROVE) | ~Q(capacity=""), name="decision_approval_names_role"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="") | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="decision_void_says_why",
            ),
        ]
