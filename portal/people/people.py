"""People: the list, a person's page, and what programme managers do with an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import absences, rules, services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from audit import clock
from exceptions_app.queries.people import burden
from portal.catalog.listing import paged
from portal.chronicle import chronicle
from portal.http import PersonRequest, put_on, refusals_answered
from portal.navigation import overseer
from portal.people import wording
from portal.people.forms import PeopleFilter, PersonForm
from portal.people.guards import demand_governor, demand_reader, why_not_change
from portal.people.tabs import tabs

HELD_BY = {
    "approver": {"memberships__isnull": False},
    "auditor": {"is_auditor": True},
    "programme_manager": {"is_programme_manager": True},
}


@login_required
@require_safe
@refusals_answered
def people(request: PersonRequest) -> HttpResponse:
    """Everyone who signs in, and whose accounts are closed."""
    demand_reader(request.user)
    form = PeopleFilter(request.GET)
    page = paged(request, _found(form.read()))
    context = {
        "form": form,
        "page": page,
        "rows": [(one, wording.roles(one)) for one in page.rows],
        "is_narrowed": bool(form.read()),
        "may_change": rules.may_govern_people(request.user),
        "tabs": tabs("people"),
        "at": clock.now(),
    }
    return render(request, "portal/people/people.html", context)


@login_required
@require_safe
@refusals_answered
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """Roles and groups, what they answer for, and what was changed."""
    demand_reader(request.user)
    found = _person(pk)
    stream = found.stream
    context = {
        "person": found,
        "roles": wording.roles(found),
        "groups": list(found.approver_groups.all()),
        "teams_led": list(found.teams_led.all()),
        "burden": burden(found),
        "absences": [one for one in absences.of(found) if one.until_at > clock.now() and not one.ended_at],
        "stands_in_for": absences.for_others(found, clock.now()),
        "stream": stream,
        "is_overseer": overseer(request.user),
        "changes": chronicle(stream, User),
        "may_change": rules.may_govern_people(request.user),
        "why_not": why_not_change(request.user, found),
        "at": clock.now(),
    }
    return render(request, "portal/people/person.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def person_new(request: PersonRequest) -> HttpResponseBase:
    """Opens an account without a password: its person sets one by the reset mail."""
    demand_governor(request.user)
    form = PersonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, form)
    try:
        made = services.create_user(actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, form)
    messages.success(request, _("%(name)s can now set a password by “Forgot password?”.") % {"name": made})
    return redirect("person", made.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def person_edit(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Somebody else's details and roles; what others changed meanwhile stays."""
    found = _person(pk)
    if sentence := why_not_change(request.user, found):
        raise NotAllowed(sentence)
    form = PersonForm(request.POST or None, instance=found)
    if request.method != "POST" or not form.is_valid():
        return _render(request, form, pk)
    try:
        services.change_user(user=found, actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, form, pk)
    messages.success(request, _("Saved."))
    return redirect("person", pk)


@login_required
@require_POST
@refusals_answered
def person_deactivation(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Close the account: sign-in and open sessions end, rows stay."""
    demand_governor(request.user)
    found = services.deactivate(user=_person(pk), actor=request.user, at=clock.now())
    said = _("The account of %(name)s is closed. Their exceptions move within a minute.")
    messages.success(request, said % {"name": found})
    return redirect("person", pk)


@login_required
@require_POST
@refusals_answered
def person_reactivation(request: PersonRequest, pk: int) -> HttpResponseBase:
    demand_governor(request.user)
    found = services.reactivate(user=_person(pk), actor=request.user, at=clock.now())
    messages.success(request, _("%(name)s can sign in again.") % {"name": found})
    return redirect("person", pk)


def _found(asked: dict[str, Any]) -> QuerySet[User]:
    rows = User.objects.all().search(asked.get("q", ""))
    if asked.get("status") != "all":
        rows = rows.filter(is_active=asked.get("status") != "closed")
    if "team" in asked:
        rows = rows.filter(team=asked["team"])
    rows = rows.filter(**HELD_BY.get(asked.get("role", ""), {}))
    return rows.select_related("team").prefetch_related("approver_groups").distinct()


def _person(pk: int) -> User:
    return get_object_or_404(User.objects.select_related("team", "manager"), pk=pk)


def _render(request: PersonRequest, form: PersonForm, pk: int | None = None) -> HttpResponse:
    context = {"form": form, "person": _person(pk) if pk else None, "at": clock.now()}
    return render(request, "portal/people/person_form.html", context)


urlpatterns = [
    path("people/", people, name="people"),
    path("people/new/", person_new, name="person_new"),
    path("people/<int:pk>/", person, name="person"),
    path("people/<int:pk>/edit/", person_edit, name="person_edit"),
    path("people/<int:pk>/deactivation/", person_deactivation, name="person_deactivation"),
    path("people/<int:pk>/reactivation/", person_reactivation, name="person_reactivation"),
]
