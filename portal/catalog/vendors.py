"""Vendors: the list, a vendor's page, and what programme managers do with it."""

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
from catalog.models import Vendor
from exceptions_app.queries import catalog as queries
from portal.catalog import editing
from portal.catalog.editing import Kind
from portal.catalog.forms import VendorForm
from portal.catalog.listing import VendorFilter, paged
from portal.chronicle import chronicle
from portal.http import PersonRequest
from portal.navigation import overseer

KIND: Kind[Vendor] = Kind(
    name="vendor",
    plural="vendors",
    key="slug",
    many=_("Vendors"),
    new=_("New vendor"),
    add=_("Add the vendor"),
    form=VendorForm,
    create=services.create_vendor,
    change=services.change_vendor,
    retire=services.retire_vendor,
    reinstate=services.reinstate_vendor,
)


@login_required
@require_safe
def vendors(request: PersonRequest) -> HttpResponse:
    """Every vendor, with how many exceptions in force involve it among those this person may see."""
    at, form = clock.now(), VendorFilter(request.GET)
    page = paged(request, form.found(Vendor.objects.visible_to(request.user)))
    keys = [row.pk for row in page.rows]
    in_force = queries.in_force_counts(request.user, at, by="identity__vendor", keys=keys)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, in_force.get(row.pk, 0), row.is_review_overdue(at.date())) for row in page.rows],
        "may_change": may_run_catalog(request.user),
        "is_narrowed": bool(form.read()),
        "at": at,
    }
    return render(request, "portal/catalog/vendors.html", context)


@login_required
@require_safe
def vendor(request: PersonRequest, slug: str) -> HttpResponse:
    """Its onboarding, beside every exception for what is its, and what was changed."""
    found, at = _vendor(request, slug), clock.now()
    context = {
        "vendor": found,
        "is_overdue": found.is_review_overdue(at.date()),
        "identities": found.identities.select_related("owner").order_by("name"),
        "listed": queries.cases_of(request.user, at, found),
        "stream": KIND.stream(found),
        "is_overseer": overseer(request.user),
        "changes": chronicle(KIND.stream(found), Vendor),
        "may_change": may_run_catalog(request.user),
        "at": at,
    }
    return render(request, "portal/catalog/vendor.html", context)


def _vendor(request: PersonRequest, slug: str) -> Vendor:
    return get_object_or_404(Vendor.objects.visible_to(request.user), slug=slug)


urlpatterns = [
    path("catalog/vendors/", vendors, name="vendors"),
    *editing.doors(KIND, _vendor),
    path("catalog/vendors/<slug:slug>/", vendor, name="vendor"),
]
