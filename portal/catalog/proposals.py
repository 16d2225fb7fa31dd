"""What limits exceptions to a control changes by two people: the second one's answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import ProposalState, User
from accounts.rules import may_run_catalog
from audit import clock
from catalog import services
from catalog.models import Control, ControlProposal
from portal import proposals
from portal.catalog import editing
from portal.chronicle import proposed_changes
from portal.http import PersonRequest, refusals_answered


@login_required
@require_POST
@refusals_answered
def proposal_acceptance(request: PersonRequest, code: str, pk: int) -> HttpResponseBase:
    """A second person lets a proposed change take effect."""
    editing.demand_programme_manager(request.user)
    services.accept_proposal(proposal=_proposal(code, pk), actor=request.user, at=clock.now())
    messages.success(request, _("The change is in effect."))
    return redirect("control", code)


@login_required
@require_POST
@refusals_answered
def proposal_refusal(request: PersonRequest, code: str, pk: int) -> HttpResponseBase:
    """A second person declines a proposed change, or who proposed it withdraws it."""
    editing.demand_programme_manager(request.user)
    reason = request.POST.get("reason", "")
    services.decline_proposal(proposal=_proposal(code, pk), actor=request.user, at=clock.now(), reason=reason)
    messages.success(request, _("The control stays as it is."))
    return redirect("control", code)


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


PROPOSAL = "catalog/controls/<slug:code>/proposals/<int:pk>"
urlpatterns = [
    path(f"{PROPOSAL}/acceptance/", proposal_acceptance, name="proposal_acceptance"),
    path(f"{PROPOSAL}/refusal/", proposal_refusal, name="proposal_refusal"),
]
