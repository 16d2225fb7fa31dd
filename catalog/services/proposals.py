"""What limits exceptions to a control changes by two people: one proposes it, another accepts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import proposing, recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ApproverGroup, ProposalState, User
from accounts.texts import says
from catalog.labels import label_of
from catalog.models import Control, ControlProposal
from catalog.services import entries
from catalog.services.entries import Verb

PER_TIER = ("term_cap", "lifetime_cap", "review_days")
GUARDED = frozenset(
    {
        "approver_group",
        "exceptions_allowed",
        "severity",
        "required_safeguards",
        *(f"{kind}_{tier}" for kind in PER_TIER for tier in ("low", "moderate", "high", "critical")),
    }
)
"""Fields by which more may be let through, or by fewer: severity sets the floor of an exception's risk."""


def propose(
    control: Control, values: Mapping[str, Any], *, actor: User, at: datetime, reason: str
) -> ControlProposal | None:
    """Keep what differs among the guarded values until a second person answers; None where nothing does.

    The caller holds the control's row. Raises NotPossible for values the control could not have, without a reason, and
    where another change waits.
    """
    before = {name: recording.fact(getattr(control, name)) for name in GUARDED & values.keys()}
    after = {name: recording.fact(values[name]) for name in before}
    after = {name: fact for name, fact in after.items() if fact != before[name]}
    if not after:
        return None
    if (waiting := waits(control, after)) is not None:
        return waiting
    _demand_possible(control, {name: values[name] for name in after})
    if not says(reason):
        message = _("Say why the limits change: a second person decides on it.")
        raise NotPossible(message, fields={"why": [message]})
    proposal = ControlProposal(
        control=control,
        before={name: before[name] for name in after},
        after=after,
        reason=reason.strip(),
        proposed_by=actor,
        proposed_at=at,
    )
    proposing.keep(proposal)
    return proposal


def waits(control: Control, after: Mapping[str, Any]) -> ControlProposal | None:
    """The proposal that waits, if it says the same. Raises NotPossible where it says something else."""
    waiting = control.proposals.filter(state=ProposalState.WAITING).first()
    if waiting is not None and waiting.after != after:
        message = _("Another change of these limits waits for a second person. It is answered first.")
        raise NotPossible(message, fields={"": [message]})
    return waiting


@transaction.atomic
def accept_proposal(*, proposal: ControlProposal, actor: User, at: datetime) -> ControlProposal:
    """The change takes effect. Raises NotAllowed for who proposed it, NotPossible where the control changed since."""
    control, row = _locked(proposal, actor)
    proposing.demand_second(row, actor, mark=proposal.mark)
    values = _values(row)
    present = {name: recording.fact(getattr(control, name)) for name in row.before}
    proposing.demand_untouched(row, present, {name: label_of(Control, name) for name in row.before})
    demand_other_group(actor, values.get("approver_group"))
    verb = Verb(kind="changed", actor=actor, at=at, also=proposing.by_whom(row))
    entries.amend(control, values=values, verb=verb)
    proposing.accepted(row, actor, at)
    return row


@transaction.atomic
def decline_proposal(*, proposal: ControlProposal, actor: User, at: datetime, reason: str = "") -> ControlProposal:
    """The control stays as it is; who proposed the change withdraws it in this way."""
    _control, row = _locked(proposal, actor)
    proposing.decline(row, actor, at, reason)
    return row


def demand_other_group(actor: User, group: ApproverGroup | None) -> None:
    """Nobody gives a control to a group they decide in: it would make them its approver (promise 4)."""
    if group is None:
        return
    if group.lead_id == actor.pk or group.memberships.filter(member=actor).exists():
        raise NotAllowed(_("You belong to this group or lead it, so somebody else gives it the control."))


def _locked(proposal: ControlProposal, actor: User) -> tuple[Control, ControlProposal]:
    """Both rows, the control first as everywhere; only a proposal that waits is answered."""
    entries.demand_programme_manager(actor)
    control = recording.locked(proposal.control)
    row = recording.locked(proposal)
    proposing.demand_waiting(row)
    return control, row


def _demand_possible(control: Control, values: Mapping[str, Any]) -> None:
    """Raises NotPossible for values that the control could not have."""
    wanted = Control.objects.get(pk=control.pk)
    recording.amend(wanted, values)
    recording.validate(wanted)


def _values(proposal: ControlProposal) -> dict[str, Any]:
    values = dict(proposal.after)
    if "approver_group" in values:
        values["approver_group"] = ApproverGroup.objects.get(slug=values["approver_group"])
    return values
