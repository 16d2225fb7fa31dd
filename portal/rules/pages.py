"""Approval rules: the list, a rule with what waits and what was changed, and the form with its rehearsal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseFormSet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import NotAllowed, NotPossible
from accounts.models import ProposalState, User
from accounts.rules import may_run_catalog
from audit import clock
from portal import proposals
from portal.chronicle import Change, chronicle
from portal.formsets import pressed
from portal.http import PersonRequest, put_on, refusals_answered
from portal.navigation import overseer
from portal.people.choosing import offer
from portal.rules import wording
from portal.rules.forms import RuleForm, StepForm, StepSet, content
from workflows import rule_changes
from workflows.models import ApprovalRule, RuleProposal
from workflows.models.rules import stream_of
from workflows.rehearsal import Rehearsal, rehearse
from workflows.routing import NO_RULE


@login_required
@require_safe
@refusals_answered
def rules(request: PersonRequest) -> HttpResponse:
    """Every rule in words, those that wait for a second person, and what decides where none holds."""
    _demand_reader(request.user)
    rows = list(ApprovalRule.objects.prefetch_related("steps__group", "steps__person"))
    facts = {rule.slug: rule_changes.facts_of(rule) for rule in rows}
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
    facts = rule_changes.facts_of(found) if found else None
    waiting = RuleProposal.objects.filter(slug=slug, state=ProposalState.WAITING).select_related("proposed_by").first()
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
    if waiting is not None:
        context |= _waiting(request.user, found, waiting)
    return render(request, "portal/rules/rule.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def rule_new(request: PersonRequest) -> HttpResponseBase:
    _demand_manager(request.user)
    return _edit(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def rule_edit(request: PersonRequest, slug: str) -> HttpResponseBase:
    _demand_manager(request.user)
    return _edit(request, get_object_or_404(ApprovalRule, slug=slug))


@login_required
@require_POST
@refusals_answered
def rule_acceptance(request: PersonRequest, slug: str, pk: int) -> HttpResponseBase:
    """A second person lets a proposed rule hold."""
    _demand_manager(request.user)
    rule_changes.accept_rule(proposal=_proposal(slug, pk), actor=request.user, at=clock.now())
    messages.success(request, _("The rule holds as proposed, for requests submitted from now on."))
    return redirect("rule", slug)


@login_required
@require_POST
@refusals_answered
def rule_refusal(request: PersonRequest, slug: str, pk: int) -> HttpResponseBase:
    """A second person declines a proposed rule, or who proposed it withdraws it."""
    _demand_manager(request.user)
    reason = request.POST.get("reason", "")
    rule_changes.decline_rule(proposal=_proposal(slug, pk), actor=request.user, at=clock.now(), reason=reason)
    messages.success(request, _("The rules stay as they are."))
    return redirect("rule", slug) if ApprovalRule.objects.filter(slug=slug).exists() else redirect("rules")


def _edit(request: PersonRequest, found: ApprovalRule | None) -> HttpResponseBase:
    facts = rule_changes.facts_of(found) if found else None
    offered = offer(*_people(facts))
    options: dict[str, Any] = {"form_kwargs": {"offered": offered}, "prefix": "steps"}
    if request.method != "POST":
        form = RuleForm(initial=_initial(facts, found) if facts and found else None)
        return _form(request, found, form, StepSet(initial=_steps(facts, offered.rows) if facts else None, **options))
    rows = pressed(request.POST, "steps")
    form, steps = RuleForm(rows or request.POST), StepSet(rows or request.POST, **options)
    if rows is not None or not all([form.is_valid(), steps.is_valid()]):
        return _form(request, found, form, steps)
    wanted = content(form, steps)
    try:
        if request.POST.get("act") == "rehearse":
            return _form(request, found, form, steps, rehearsal=_rehearsed(found, wanted))
        why = form.cleaned_data["why"]
        proposal = rule_changes.propose_rule(rule=found, content=wanted, actor=request.user, at=clock.now(), reason=why)
    except NotPossible as refusal:
        _put_back(form, steps, refusal)
        return _form(request, found, form, steps)
    if proposal is None:
        messages.info(request, _("Nothing was changed."))
        return redirect("rule", found.slug) if found else redirect("rules")
    messages.success(request, _("Proposed. It holds when another programme manager accepts it."))
    return redirect("rule", proposal.slug)


def _form(
    request: PersonRequest,
    found: ApprovalRule | None,
    form: RuleForm,
    steps: BaseFormSet[StepForm],
    rehearsal: Rehearsal | None = None,
) -> HttpResponse:
    offered = steps.empty_form.fields["person"].offer  # type: ignore[attr-defined]
    context = {"rule": found, "form": form, "steps": steps, "rehearsal": rehearsal, "offered": offered}
    return render(request, "portal/rules/form.html", context | {"at": clock.now()})


def _rehearsed(found: ApprovalRule | None, wanted: rule_changes.RuleContent) -> Rehearsal:
    """Raises NotPossible for what a rule cannot say."""
    at = clock.now()
    facts = rule_changes.possible(found, wanted, at)
    return rehearse(*rule_changes.built(found, found.slug if found else "", facts, at), at=at)


def _put_back(form: RuleForm, steps: BaseFormSet[StepForm], refusal: NotPossible) -> None:
    """Each problem beside its field, those of steps beside theirs."""
    rows = [row for row in steps.forms if row not in steps.deleted_forms and row.has_changed()]
    ordered = sorted(rows, key=lambda row: int(row.cleaned_data["order"]))
    others = {}
    for name, texts in refusal.fields.items():
        prefix, _dash, rest = name.partition("-")
        place, _dash, field = rest.partition("-")
        if prefix == "steps" and place.isdecimal() and field in StepForm.base_fields:
            ordered[int(place)].add_error(field, [str(text) for text in texts])
        else:
            others[name] = texts
    if others or not refusal.fields:
        put_on(form, NotPossible(str(refusal), fields=others))


def _initial(facts: dict[str, Any], found: ApprovalRule) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if name != "steps"} | {"valid_from_at": found.valid_from_at}


def _steps(facts: dict[str, Any], people: Any) -> list[dict[str, Any]]:
    named = {str(person.pseudonym): person for person in people}
    return [step | {"person": named.get(step["person"]), "group": step["group"] or None} for step in facts["steps"]]


def _people(facts: dict[str, Any] | None) -> list[User]:
    keys = [UUID(step["person"]) for step in facts["steps"] if step["person"]] if facts else []
    return list(User.objects.filter(pseudonym__in=keys))


def _waiting(user: User, found: ApprovalRule | None, proposal: RuleProposal) -> dict[str, Any]:
    """The change that waits, in words, with what it would have done, and who may answer it."""
    names = wording.names_for(proposal.before, proposal.after)
    at = [proposal.slug, proposal.pk]
    urls = reverse("rule_acceptance", args=at), reverse("rule_refusal", args=at)
    changes = wording.changes(proposal.before, proposal.after, names)
    why_not = rule_changes.why_not_accept(proposal, user)
    now = clock.now()
    facts = (rule_changes.facts_of(found) if found else {}) | proposal.after
    shown = proposals.context(user, proposal, changes, urls, governs=may_run_catalog(user), why_not=why_not)
    return shown | {"rehearsal": rehearse(*rule_changes.built(found, proposal.slug, facts, now), at=now)}


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


def _proposal(slug: str, pk: int) -> RuleProposal:
    return get_object_or_404(RuleProposal.objects.select_related("proposed_by"), slug=slug, pk=pk)


def _demand_reader(user: User) -> None:
    if not overseer(user):
        raise NotAllowed(_("Approval rules are for programme managers and auditors. A request says its own route."))


def _demand_manager(user: User) -> None:
    if not may_run_catalog(user):
        raise NotAllowed(_("Only programme managers change approval rules."))


PROPOSAL = "rules/<slug:slug>/proposals/<int:pk>"
urlpatterns = [
    path("rules/", rules, name="rules"),
    path("rules/new/", rule_new, name="rule_new"),
    path("rules/<slug:slug>/", rule, name="rule"),
    path("rules/<slug:slug>/edit/", rule_edit, name="rule_edit"),
    path(f"{PROPOSAL}/acceptance/", rule_acceptance, name="rule_acceptance"),
    path(f"{PROPOSAL}/refusal/", rule_refusal, name="rule_refusal"),
]
