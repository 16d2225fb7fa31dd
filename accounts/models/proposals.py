"""A change that takes two people: one proposes it, another accepts. Each kind of thing has a table of its own."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.groups import ApproverGroup
from audit import canonical
from audit.versions import HistoricalRecords


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("waits for a second person")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Proposal(models.Model):
    """What one person wants changed, until another answers.

    `before` and `after` map the names of what changes to facts, as events carry them: people by pseudonym, other rows
    by handle.
    """

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

    class Meta:
        abstract = True
        ordering = ("proposed_at", "pk")

    @property
    def mark(self) -> str:
        """What tells this change from every other of the same thing."""
        return canonical.digest({"before": self.before, "after": self.after, "reason": self.reason})

    @property
    def subject(self) -> str:
        """What the kinds of its events begin with: “group” for “group.change_proposed”."""
        raise NotImplementedError

    @property
    def stream(self) -> str:
        """Where the ledger tells of what would change."""
        raise NotImplementedError


def two_people(prefix: str) -> tuple[models.CheckConstraint, ...]:
    """What every table of proposals holds to: a known state, an answer by somebody, a yes by somebody else."""
    waiting = Q(state=ProposalState.WAITING)
    return (
        models.CheckConstraint(
            condition=Q(state__in=ProposalState.values),
            name=f"{prefix}_state_is_known",
            violation_error_message=_("Choose one of the values offered."),
        ),
        models.CheckConstraint(
            condition=Q(state=ProposalState.WAITING, answered_by=None, answered_at=None)
            | (~waiting & Q(answered_by__isnull=False, answered_at__isnull=False)),
            name=f"{prefix}_is_answered_by_somebody",
        ),
        models.CheckConstraint(
            condition=~Q(state=ProposalState.ACCEPTED) | ~Q(answered_by=F("proposed_by")),
            name=f"{prefix}_is_accepted_by_a_second_person",
            violation_error_message=_("Somebody else than who proposed it accepts a change."),
        ),
    )


class GroupProposal(Proposal):
    """Who should be in an approving group, lead it, or stand behind all: `members`, `lead`, `is_fallback`."""

    group = models.ForeignKey(ApproverGroup, models.PROTECT, related_name="proposals", verbose_name=_("group"))

    history = HistoricalRecords()

    class Meta(Proposal.Meta):
        verbose_name = _("proposed change of a group")
        verbose_name_plural = _("proposed changes of groups")
        constraints = (
            *two_people("group_proposal"),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(state=ProposalState.WAITING),
                name="group_proposal_waits_alone",
                violation_error_message=_("Another change of this group waits for a second person."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.group}: {', '.join(self.after)}"

    @property
    def subject(self) -> str:
        return "group"

    @property
    def stream(self) -> str:
        return self.group.stream
