"""Approval rules: the list, and a rule with what waits and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.errors import NotAllowed
from accounts.models import ProposalState, User
from accounts.rules import may_run_catalog
from audit import clock
from portal.chronicle import Change, chronicle
from portal.http import PersonRequest, refusals_answered
from portal.navigation import overseer
from portal.rules import answering, wording
from workflows import rule_contents
from workflows.models import ApprovalRule, RuleProposal
from workflows.models.rules import stream_of
from workflows.routing import NO_RULE


@login_required
@require_safe
@refusals_answered
def rules(request: PersonRequest) -> HttpResponse:
    """Every rule in words, those that wait for a second person, and what decides where none holds."""
    _demand_reader(request.user)
    rows = list(ApprovalRule.objects.prefetch_related("steps__group", "steps__person"))
    facts = {rule.slug: rule_contents.facts_of(rule) for rule in rows}
    waiting = list(RuleProposal.objects.filter(state=ProposalState.WAITING).select_related("proposed_by"))
    names = wording.names_for(facts)
    context = {
        "rules": [(rule, wording.told(facts[rule.slug], names)) for rule in rows],
        "waiting": {one.slug for one in waiting},
        "new": [one for one in waiting if one.slug not in facts],
        "no_rule": NO_RULE,
        "may_change": may_run_catalog(request.user),
        "at": clock.now(),
    }
    return render(request, "portal/rules/list.html", context)


@login_required
@require_safe
@refusals_answered
def rule(request: PersonRequest, slug: str) -> HttpResponse:
    """One rule, or one that was proposed: when it holds, whom it asks, what waits, what was changed."""
    _demand_reader(request.user)
    found, at = _rule(slug), clock.now()
    facts = rule_contents.facts_of(found) if found else None
    waiting = RuleProposal.objects.filter(slug=slug, state=ProposalState.WAITING)
    proposal = waiting.select_related("proposed_by").first()
    names = wording.names_for(facts)
    context = {
        "rule": found,
        "slug": slug,
        "title": found.name if found else _title(slug),
        "told": wording.told(facts, names) if facts else None,
        "stream": stream_of(slug),
        "is_overseer": overseer(request.user),
        "changes": chronicle(stream_of(slug), ApprovalRule, tell=_told),
        "may_change": found is not None and may_run_catalog(request.user),
        "at": at,
    }
    if proposal is not None:
        context |= answering.waiting(request.user, found, proposal)
    return render(request, "portal/rules/rule.html", context)


def _told(changes: Mapping[str, Mapping[str, Any]]) -> list[Change]:
    before, after = ({name: facts[key] for name, facts in changes.items()} for key in ("before", "after"))
    return wording.changes(before, after, wording.names_for(before, after))


def _rule(slug: str) -> ApprovalRule | None:
    """The rule; None for one that was only proposed. Raises Http404."""
    found = ApprovalRule.objects.filter(slug=slug).first()
    if found is None and not RuleProposal.objects.filter(slug=slug).exists():
        raise Http404
    return found


def _title(slug: str) -> str:
    latest = RuleProposal.objects.filter(slug=slug).latest("proposed_at")
    return str(latest.after.get("name", slug))


def _demand_reader(user: User) -> None:
    if not overseer(user):
        raise NotAllowed(_("Approval rules are for programme managers and auditors. A request says its own route."))


urlpatterns = [
    path("rules/", rules, name="rules"),
    path("rules/<slug:slug>/", rule, name="rule"),
]
