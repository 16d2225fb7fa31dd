"""Identities: the list, an identity's page, and what programme managers do with it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import may_run_catalog
from audit import clock
from catalog import queries as facts
from catalog import services
from catalog.models import Identity
from exceptions_app.queries import catalog as queries
from exceptions_app.services.content import content_of
from portal.catalog import editing
from portal.catalog.editing import Kind
from portal.catalog.forms import IdentityForm
from portal.catalog.listing import IdentityFilter, paged
from portal.chronicle import chronicle
from portal.exception_form import sentences
from portal.http import PersonRequest, refusals_answered
from portal.navigation import overseer

KIND: Kind[Identity] = Kind(
    name="identity",
    plural="identities",
    key="slug",
    many=_("Identities"),
    new=_("New identity"),
    add=_("Add the identity"),
    form=IdentityForm,
    create=services.create_identity,
    change=services.change_identity,
    retire=services.retire_identity,
    reinstate=services.reinstate_identity,
)


@login_required
@require_safe
def identities(request: PersonRequest) -> HttpResponse:
    """Every identity, with how many exceptions for it are in force among those this person may see."""
    at, form = clock.now(), IdentityFilter(request.GET)
    page = paged(request, form.found(Identity.objects.visible_to(request.user).select_related("owner", "team")))
    keys = [row.pk for row in page.rows]
    in_force = queries.in_force_counts(request.user, at, by="identity", keys=keys)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, in_force.get(row.pk, 0)) for row in page.rows],
        "may_change": may_run_catalog(request.user),
        "is_narrowed": bool(form.read()),
        "at": at,
    }
    return render(request, "portal/catalog/identities.html", context)


@login_required
@require_safe
def identity(request: PersonRequest, slug: str) -> HttpResponse:
    """What it is, who answers for it, what it may do now, every exception it ever had, and what was changed."""
    found, at = _identity(request, slug), clock.now()
    grants = queries.grants_in_force(request.user, at, found)
    context = {
        "may_do": [(grant, sentences.opens(found, content_of(grant))) for grant in grants],
        "spent": queries.time_in_force(request.user, at, found),
        "identity": found,
        "ownership": facts.ownership(found),
        "vendor_is_overdue": found.vendor is not None and found.vendor.is_review_overdue(at.date()),
        "listed": queries.cases_of(request.user, at, found),
        "stream": KIND.stream(found),
        "is_overseer": overseer(request.user),
        "changes": chronicle(KIND.stream(found), Identity),
        "may_change": may_run_catalog(request.user),
        "at": at,
    }
    return render(request, "portal/catalog/identity.html", context)


@login_required
@require_POST
@refusals_answered
def identity_ownership(request: PersonRequest, slug: str) -> HttpResponseBase:
    """The person asked to own it answers."""
    found = _identity(request, slug)
    if request.POST.get("answer") == "decline":
        services.decline_identity(identity=found, actor=request.user, at=clock.now())
        messages.success(request, _("You declined. The owner of %(name)s stays as it was.") % {"name": found})
    else:
        services.accept_identity(identity=found, actor=request.user, at=clock.now())
        messages.success(request, _("You are the owner of %(name)s.") % {"name": found})
    return redirect("home" if request.POST.get("from") == "home" else KIND.url(found))


@login_required
@require_POST
@refusals_answered
def identities_ownership(request: PersonRequest) -> HttpResponseBase:
    """The person accepts every identity they are asked to own."""
    taken = services.accept_identities(actor=request.user, at=clock.now())
    words = ngettext("You are the owner of %(n)d identity.", "You are the owner of %(n)d identities.", taken)
    messages.success(request, words % {"n": taken})
    return redirect("home")


def _identity(request: PersonRequest, slug: str) -> Identity:
    parents = ("owner__manager", "owner_asked", "backup_owner", "team", "vendor")
    return get_object_or_404(Identity.objects.visible_to(request.user).select_related(*parents), slug=slug)


urlpatterns = [
    path("catalog/identities/", identities, name="identities"),
    *editing.doors(KIND, _identity),
    path("catalog/identities/ownership/", identities_ownership, name="identities_ownership"),
    path("catalog/identities/<slug:slug>/", identity, name="identity"),
    path("catalog/identities/<slug:slug>/ownership/", identity_ownership, name="identity_ownership"),
]
