"""What limits exceptions to a control changes by two people: the second one's answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import ProposalState, User
from accounts.rules import may_run_catalog
from catalog import services
from catalog.models import Control, ControlProposal
from portal import proposals
from portal.catalog import editing
from portal.chronicle import proposed_changes


def waiting(user: User, control: Control) -> dict[str, Any]:
    """For the control's page: the change that waits, in words, and who may answer it."""
    proposal = control.proposals.filter(state=ProposalState.WAITING).select_related("proposed_by").first()
    if proposal is None:
        return {}
    at = [control.code, proposal.pk]
    urls = reverse("proposal_acceptance", args=at), reverse("proposal_refusal", args=at)
    return proposals.context(user, proposal, proposed_changes(proposal), urls, governs=may_run_catalog(user))


def _proposal(code: str, pk: int) -> ControlProposal:
    return get_object_or_404(
        ControlProposal.objects.select_related("control", "proposed_by"), control__code=code, pk=pk
    )


urlpatterns = proposals.Answering(
    demand=editing.demand_programme_manager,
    find=_proposal,
    accept=services.accept_proposal,
    decline=services.decline_proposal,
    accepted=_("The change is in effect."),
    declined=_("The control stays as it is."),
    back=partial(redirect, "control"),
).urls("catalog/controls/<slug:code>/proposals/<int:pk>", "proposal_")
