"""The form of an approval rule, with its rehearsal on past requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import NotPossible
from accounts.models import User
from audit import clock
from portal.exception_form.choosing import Offer
from portal.formsets import pressed
from portal.http import PersonRequest, put_on, refusals_answered
from portal.people.choosing import offer
from portal.rules import answering
from portal.rules.forms import RuleForm, StepForm, StepSet, content
from workflows import rule_changes, rule_contents
from workflows.models import ApprovalRule
from workflows.rehearsal import Rehearsal, rehearse


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def rule_new(request: PersonRequest) -> HttpResponseBase:
    answering.demand_manager(request.user)
    return _edit(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def rule_edit(request: PersonRequest, slug: str) -> HttpResponseBase:
    answering.demand_manager(request.user)
    return _edit(request, get_object_or_404(ApprovalRule, slug=slug))


def _edit(request: PersonRequest, found: ApprovalRule | None) -> HttpResponseBase:
    facts = rule_contents.facts_of(found) if found else None
    offered = offer(*_people(facts))
    options: dict[str, Any] = {"form_kwargs": {"offered": offered}, "prefix": "steps"}
    if request.method != "POST":
        form = RuleForm(initial=_initial(facts, found) if facts and found else None)
        steps = StepSet(initial=_steps(facts, offered.rows) if facts else None, **options)
        return _form(request, found, form, steps, offered)
    rows = pressed(request.POST, "steps")
    form, steps = RuleForm(rows or request.POST), StepSet(rows or request.POST, **options)
    if rows is not None or not all([form.is_valid(), steps.is_valid()]):
        return _form(request, found, form, steps, offered)
    wanted = content(form, steps)
    try:
        if request.POST.get("act") == "rehearse":
            return _form(request, found, form, steps, offered, _rehearsed(found, wanted))
        why = form.cleaned_data["why"]
        proposal = rule_changes.propose_rule(rule=found, content=wanted, actor=request.user, at=clock.now(), reason=why)
    except NotPossible as refusal:
        _put_back(form, steps, refusal)
        return _form(request, found, form, steps, offered)
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
    offered: Offer[User],
    rehearsal: Rehearsal | None = None,
) -> HttpResponse:
    context = {"rule": found, "form": form, "steps": steps, "rehearsal": rehearsal, "offered": offered}
    return render(request, "portal/rules/form.html", context | {"at": clock.now()})


def _rehearsed(found: ApprovalRule | None, wanted: rule_contents.RuleContent) -> Rehearsal:
    """Raises NotPossible for what a rule cannot say."""
    at = clock.now()
    facts = rule_contents.possible(found, wanted, at)
    return rehearse(*rule_contents.built(found, found.slug if found else "", facts, at), at=at)


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


urlpatterns = [
    path("rules/new/", rule_new, name="rule_new"),
    path("rules/<slug:slug>/edit/", rule_edit, name="rule_edit"),
]
