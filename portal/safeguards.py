"""Every safeguard that something relies on: fresh, due, stale, failed or not verified yet."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import clock
from exceptions_app.freshness import Freshness
from exceptions_app.queries.guards import GuardFilters, guards, numbers
from portal.catalog.listing import FilterForm, paged, tabs
from portal.http import PersonRequest
from portal.inputs import choice_or_all

WHOSE = (("mine", _("Of my exceptions")), ("verify", _("Mine to verify")))


class GuardFilter(FilterForm):
    whose = choice_or_all(_("Whose"), _("Everybody's"), WHOSE)
    freshness = forms.ChoiceField(widget=forms.HiddenInput, required=False, choices=Freshness.choices)

    @property
    def filters(self) -> GuardFilters:
        """What was understood."""
        asked = self.read()
        kind = Freshness(asked["freshness"]) if "freshness" in asked else None
        return GuardFilters(search=asked.get("q", ""), whose=asked.get("whose", ""), freshness=kind)


@login_required
@require_safe
def safeguards(request: PersonRequest) -> HttpResponse:
    """Those this person may see, of one kind or all, a page at a time."""
    at, form = clock.now(), GuardFilter(request.GET)
    filters = form.filters
    context = {
        "form": form,
        "tabs": tabs(request, "freshness", numbers(request.user, filters, at), filters.freshness),
        "page": paged(request, guards(request.user, filters, at)),
        "clear": reverse("safeguards") if form.read() else "",
        "at": at,
    }
    return render(request, "portal/safeguards.html", context)


urlpatterns = [path("safeguards/", safeguards, name="safeguards")]
