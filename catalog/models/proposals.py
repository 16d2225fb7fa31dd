"""A change of what a control demands, which waits for a second person."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from catalog.constraints import one_of
from catalog.models.controls import Control


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("waits for a second person")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ControlProposal(models.Model):
    """What one programme manager wants of a control's limits, until another answers.

    `before` and `after` map the names of fields to facts, as events carry them: a group by its handle.
    """

    control = models.ForeignKey(Control, models.PROTECT, related_name="proposals", verbose_name=_("control"))
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    reason = models.TextField(_("reason"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ProposalState, default=ProposalState.WAITING)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("proposed_at", "pk")
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        constraints = (
            one_of("state", ProposalState, "proposal_state_is_known"),
            models.UniqueConstraint(
                fields=["control"],
                condition=Q(state=ProposalState.WAITING),
                name="proposal_waits_alone",
                violation_error_message=_("Another change of this control waits for a second person."),
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.WAITING, answered_by=None, answered_at=None)
                | (~Q(state=ProposalState.WAITING) & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="proposal_is_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.ACCEPTED) | ~Q(answered_by=F("proposed_by")),
                name="proposal_is_accepted_by_a_second_person",
                violation_error_message=_("Somebody else than who proposed it accepts a change."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.control.code}: {', '.join(self.after)}"
