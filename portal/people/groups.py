"""Approver groups: the list, a group's page, its members, and which one is the fallback."""

from __future__ import annotations

from functools import partial
from typing import Any, Unpack

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import rules, services
from accounts.errors import NotPossible
from accounts.models import ApproverGroup, GroupMembership, GroupProposal, ProposalState, User
from accounts.queries import fallback_is_staffed
from accounts.services.group_proposals import OWN_MEMBERSHIP, Wanted, why_not_accept
from audit import clock
from catalog.models import Control
from portal import proposals
from portal.catalog.listing import paged
from portal.chronicle import chronicle, group_changes
from portal.http import PersonRequest, put_on, refusals_answered
from portal.navigation import overseer
from portal.people.channels import channel_facts
from portal.people.forms import GroupForm, LeadForm, MemberForm
from portal.people.guards import demand_governor, demand_reader, why_not_fallback, why_not_remove
from portal.people.tabs import tabs
from workflows.rules import may_set_channel


@login_required
@require_safe
@refusals_answered
def approver_groups(request: PersonRequest) -> HttpResponse:
    """Every group with its active members and how many controls ask it."""
    demand_reader(request.user)
    members = Prefetch("members", User.objects.active().filter(is_auditor=False), to_attr="active")
    controls = Count("controls", filter=Q(controls__is_active=True), distinct=True)
    rows = ApproverGroup.objects.annotate(control_count=controls).prefetch_related(members)
    context = {
        "page": paged(request, rows.order_by("name")),
        "has_fallback": ApproverGroup.objects.fallback() is not None,
        "may_change": rules.may_govern_people(request.user),
        "tabs": tabs("approver_groups"),
        "at": clock.now(),
    }
    return render(request, "portal/people/groups.html", context)


@login_required
@require_safe
@refusals_answered
def approver_group(request: PersonRequest, slug: str) -> HttpResponse:
    """Members, controls it decides for, and what was changed."""
    demand_reader(request.user)
    return _show(request, get_object_or_404(ApproverGroup, slug=slug))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def approver_group_new(request: PersonRequest) -> HttpResponseBase:
    demand_governor(request.user)
    form = GroupForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, form)
    try:
        made = services.create_group(actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, form)
    messages.success(request, _("%(group)s is there. Now add its members.") % {"group": made})
    return redirect("approver_group", made.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def approver_group_edit(request: PersonRequest, slug: str) -> HttpResponseBase:
    demand_governor(request.user)
    found = get_object_or_404(ApproverGroup, slug=slug)
    name, form = str(found), GroupForm(request.POST or None, instance=found)
    if request.method != "POST" or not form.is_valid():
        return _render(request, form, slug, name)
    try:
        services.change_group(group=found, actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, form, slug, name)
    messages.success(request, _("Saved."))
    return redirect("approver_group", slug)


@login_required
@require_POST
@refusals_answered
def approver_group_members(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Propose a member. Nobody adds themselves."""
    demand_governor(request.user)
    group = get_object_or_404(ApproverGroup, slug=slug)
    form = MemberForm(request.POST, without_people=[])
    if not form.is_valid():
        return _show(request, group, form)
    try:
        _propose(request, group, add=[form.cleaned_data["member"]])
    except NotPossible as refusal:
        form.add_error("member", str(refusal))
        return _show(request, group, form)
    return redirect("approver_group", slug)


@login_required
@require_POST
@refusals_answered
def approver_group_removal(request: PersonRequest, slug: str, pk: int) -> HttpResponseBase:
    """Propose that a member leaves. Nobody takes themselves out."""
    demand_governor(request.user)
    group, member = get_object_or_404(ApproverGroup, slug=slug), get_object_or_404(User, pk=pk)
    _propose(request, group, remove=[member])
    return redirect("approver_group", slug)


@login_required
@require_POST
@refusals_answered
def approver_group_lead(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Propose who stands behind the members; nobody, where the field is empty."""
    demand_governor(request.user)
    group = get_object_or_404(ApproverGroup, slug=slug)
    form = LeadForm(request.POST, group=group, without=request.user)
    if not form.is_valid():
        return _show(request, group, lead=form)
    try:
        _propose(request, group, lead=form.cleaned_data["lead"])
    except NotPossible as refusal:
        form.add_error("lead", str(refusal))
        return _show(request, group, lead=form)
    return redirect("approver_group", slug)


@login_required
@require_POST
@refusals_answered
def approver_group_fallback(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Propose that this group stands behind every other, instead of the one that does."""
    demand_governor(request.user)
    group = get_object_or_404(ApproverGroup, slug=slug)
    _propose(request, group, is_fallback=True)
    return redirect("approver_group", slug)


def _propose(request: PersonRequest, group: ApproverGroup, **wanted: Unpack[Wanted]) -> None:
    """Raises NotAllowed, NotPossible."""
    found = services.propose_group_change(group=group, actor=request.user, at=clock.now(), **wanted)
    said = _("Proposed. It takes effect when another programme manager accepts it.")
    messages.success(request, said if found else _("The group stays as it is: nothing waits any more."))


def _proposal(slug: str, pk: int) -> GroupProposal:
    found = GroupProposal.objects.select_related("group__lead", "proposed_by")
    return get_object_or_404(found, group__slug=slug, pk=pk)


def _waiting(user: User, group: ApproverGroup) -> dict[str, Any]:
    """The change that waits, in words, and who may answer it."""
    proposal = group.proposals.filter(state=ProposalState.WAITING).select_related("group__lead", "proposed_by").first()
    if proposal is None:
        return {}
    at = [group.slug, proposal.pk]
    urls = reverse("approver_group_acceptance", args=at), reverse("approver_group_refusal", args=at)
    why_not, governs = why_not_accept(proposal, user), rules.may_govern_people(user)
    return proposals.context(user, proposal, group_changes(proposal), urls, governs=governs, why_not=why_not)


def _show(
    request: PersonRequest, group: ApproverGroup, form: MemberForm | None = None, lead: LeadForm | None = None
) -> HttpResponse:
    rows = list(GroupMembership.objects.filter(group=group).select_related("member", "added_by").order_by("member"))
    members = [row.member for row in rows]
    may_change, stream = rules.may_govern_people(request.user), group.stream
    context = {
        "group": group,
        "memberships": [(row, why_not_remove(request.user, row.member)) for row in rows],
        "can_decide": any(map(rules.changes_things, members)),
        "fallback_is_staffed": fallback_is_staffed(),
        "controls": list(Control.objects.in_use().filter(approver_group=group)),
        "stream": stream,
        "is_overseer": overseer(request.user),
        "changes": chronicle(stream, ApproverGroup),
        "form": (form or MemberForm(without_people=[*members, request.user])) if may_change else None,
        "lead_form": (lead or LeadForm(group=group, without=request.user)) if may_change else None,
        "own_membership": OWN_MEMBERSHIP,
        "may_change": may_change,
        "may_set_channel": may_set_channel(request.user, group),
        "why_not_fallback": why_not_fallback(request.user, group, members),
        "at": clock.now(),
    }
    return render(request, "portal/people/group.html", context | channel_facts(group) | _waiting(request.user, group))


def _render(request: PersonRequest, form: GroupForm, slug: str = "", name: str = "") -> HttpResponse:
    context = {"form": form, "slug": slug, "name": name, "at": clock.now()}
    return render(request, "portal/people/group_form.html", context)


ANSWERING = proposals.Answering(
    demand=demand_governor,
    find=_proposal,
    accept=services.accept_group_change,
    decline=services.decline_group_change,
    accepted=gettext_lazy("The change is in effect."),
    declined=gettext_lazy("The group stays as it is."),
    back=partial(redirect, "approver_group"),
)
urlpatterns = [
    path("people/groups/", approver_groups, name="approver_groups"),
    path("people/groups/new/", approver_group_new, name="approver_group_new"),
    path("people/groups/<slug:slug>/", approver_group, name="approver_group"),
    path("people/groups/<slug:slug>/edit/", approver_group_edit, name="approver_group_edit"),
    path("people/groups/<slug:slug>/members/", approver_group_members, name="approver_group_members"),
    path("people/groups/<slug:slug>/members/<int:pk>/removal/", approver_group_removal, name="approver_group_removal"),
    path("people/groups/<slug:slug>/lead/", approver_group_lead, name="approver_group_lead"),
    path("people/groups/<slug:slug>/fallback/", approver_group_fallback, name="approver_group_fallback"),
    *ANSWERING.urls("people/groups/<slug:slug>/proposals/<int:pk>", "approver_group_"),
]
