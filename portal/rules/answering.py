"""An approval rule changes by two people: what waits, and the second one's answer."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.rules import may_run_catalog
from audit import clock
from portal import proposals
from portal.rules import wording
from workflows import rule_changes, rule_contents
from workflows.models import ApprovalRule, RuleProposal
from workflows.rehearsal import rehearse


def waiting(user: User, found: ApprovalRule | None, proposal: RuleProposal) -> dict[str, Any]:
    """The change that waits, in words, with what it would have done, and who may answer it."""
    names = wording.names_for(proposal.before, proposal.after)
    at = [proposal.slug, proposal.pk]
    urls = reverse("rule_acceptance", args=at), reverse("rule_refusal", args=at)
    changes = wording.changes(proposal.before, proposal.after, names)
    why_not = rule_changes.why_not_accept(proposal, user)
    now = clock.now()
    facts = (rule_contents.facts_of(found) if found else {}) | proposal.after
    shown = proposals.context(user, proposal, changes, urls, governs=may_run_catalog(user), why_not=why_not)
    return shown | {"rehearsal": rehearse(*rule_contents.built(found, proposal.slug, facts, now), at=now)}


def demand_manager(user: User) -> None:
    """Raises NotAllowed."""
    if not may_run_catalog(user):
        raise NotAllowed(_("Only programme managers change approval rules."))


def _proposal(slug: str, pk: int) -> RuleProposal:
    return get_object_or_404(RuleProposal.objects.select_related("proposed_by"), slug=slug, pk=pk)


def _back(slug: str) -> HttpResponseBase:
    return redirect("rule", slug) if ApprovalRule.objects.filter(slug=slug).exists() else redirect("rules")


urlpatterns = proposals.Answering(
    demand=demand_manager,
    find=_proposal,
    accept=rule_changes.accept_rule,
    decline=rule_changes.decline_rule,
    accepted=_("The rule holds as proposed, for requests submitted from now on."),
    declined=_("The rules stay as they are."),
    back=_back,
).urls("rules/<slug:slug>/proposals/<int:pk>", "rule_")
