"""Systems: the list, a system's page, and what programme managers do with it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.rules import may_run_catalog
from audit import clock
from catalog import services
from catalog.models import System
from exceptions_app.queries import catalog as queries
from portal.catalog import editing
from portal.catalog.editing import Kind
from portal.catalog.forms import SystemForm
from portal.catalog.listing import SystemFilter, paged
from portal.chronicle import chronicle
from portal.http import PersonRequest
from portal.navigation import overseer

KIND: Kind[System] = Kind(
    name="system",
    plural="systems",
    key="slug",
    many=_("Systems"),
    new=_("New system"),
    add=_("Add the system"),
    form=SystemForm,
    create=services.create_system,
    change=services.change_system,
    retire=services.retire_system,
    reinstate=services.reinstate_system,
)


@login_required
@require_safe
def systems(request: PersonRequest) -> HttpResponse:
    """Every system, with how many exceptions in force open it among those this person may see."""
    at, form = clock.now(), SystemFilter(request.GET)
    page = paged(request, form.found(System.objects.visible_to(request.user).select_related("owner")))
    keys = [row.pk for row in page.rows]
    in_force = queries.in_force_counts(request.user, at, by="grants__system", keys=keys)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, in_force.get(row.pk, 0)) for row in page.rows],
        "may_change": may_run_catalog(request.user),
        "is_narrowed": bool(form.read()),
        "at": at,
    }
    return render(request, "portal/catalog/systems.html", context)


@login_required
@require_safe
def system(request: PersonRequest, slug: str) -> HttpResponse:
    """What it is, who answers for it, what exceptions open on it, and what was changed."""
    found, at = _system(request, slug), clock.now()
    context = {
        "system": found,
        "listed": queries.grants_on(request.user, at, found),
        "stream": KIND.stream(found),
        "is_overseer": overseer(request.user),
        "changes": chronicle(KIND.stream(found), System),
        "may_change": may_run_catalog(request.user),
        "at": at,
    }
    return render(request, "portal/catalog/system.html", context)


def _system(request: PersonRequest, slug: str) -> System:
    return get_object_or_404(System.objects.visible_to(request.user).select_related("owner"), slug=slug)


urlpatterns = [
    path("catalog/systems/", systems, name="systems"),
    *editing.doors(KIND, _system),
    path("catalog/systems/<slug:slug>/", system, name="system"),
]
