"""A change of what a control demands, which waits for a second person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Proposal, ProposalState, two_people
from audit.versions import HistoricalRecords
from catalog.models.controls import Control


class ControlProposal(Proposal):
    """What one programme manager wants of a control's limits, until another answers."""

    control = models.ForeignKey(Control, models.PROTECT, related_name="proposals", verbose_name=_("control"))

    history = HistoricalRecords()

    class Meta(Proposal.Meta):
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        constraints = (
            *two_people("proposal"),
            models.UniqueConstraint(
                fields=["control"],
                condition=Q(state=ProposalState.WAITING),
                name="proposal_waits_alone",
                violation_error_message=_("Another change of this control waits for a second person."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.control.code}: {', '.join(self.after)}"

    @property
    def subject(self) -> str:
        return "control"

    @property
    def stream(self) -> str:
        return f"catalog/controls/{self.control.code}"
