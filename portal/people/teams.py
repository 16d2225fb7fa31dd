"""Teams and their leads."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rules, services
from accounts.errors import NotPossible
from accounts.models import Team
from accounts.services.teams import STREAM
from audit import clock
from portal.catalog.listing import paged
from portal.chronicle import chronicle
from portal.http import PersonRequest, put_on, refusals_answered
from portal.navigation import overseer
from portal.people.forms import TeamForm
from portal.people.guards import demand_governor, demand_reader
from portal.people.tabs import tabs


@login_required
@require_safe
@refusals_answered
def teams(request: PersonRequest) -> HttpResponse:
    """Every team with its lead and how many active members it has, and what was changed."""
    demand_reader(request.user)
    active = Count("members", filter=Q(members__is_active=True))
    context = {
        "page": paged(request, Team.objects.select_related("lead").annotate(active_members=active).order_by("name")),
        "stream": STREAM,
        "is_overseer": overseer(request.user),
        "changes": chronicle(STREAM, Team),
        "may_change": rules.may_govern_people(request.user),
        "tabs": tabs("teams"),
        "at": clock.now(),
    }
    return render(request, "portal/people/teams.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def team_new(request: PersonRequest) -> HttpResponseBase:
    demand_governor(request.user)
    form = TeamForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, form)
    try:
        made = services.create_team(actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, form)
    messages.success(request, _("%(team)s is there. Its members are named on their own pages.") % {"team": made})
    return redirect("teams")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def team_edit(request: PersonRequest, pk: int) -> HttpResponseBase:
    demand_governor(request.user)
    found = get_object_or_404(Team.objects.select_related("lead"), pk=pk)
    name, form = str(found), TeamForm(request.POST or None, instance=found)
    if request.method != "POST" or not form.is_valid():
        return _render(request, form, name)
    try:
        services.change_team(team=found, actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, form, name)
    messages.success(request, _("Saved."))
    return redirect("teams")


def _render(request: PersonRequest, form: TeamForm, name: str = "") -> HttpResponse:
    return render(request, "portal/people/team_form.html", {"form": form, "name": name, "at": clock.now()})


urlpatterns = [
    path("people/teams/", teams, name="teams"),
    path("people/teams/new/", team_new, name="team_new"),
    path("people/teams/<int:pk>/edit/", team_edit, name="team_edit"),
]
