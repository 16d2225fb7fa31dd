"""Every review that nobody has answered yet: overdue, due or to come."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import clock
from exceptions_app.queries.looking import Pressing, ReviewFilters, numbers, to_review
from exceptions_app.queries.looking import reviews as reviews_of
from portal.catalog.listing import FilterForm, paged, tabs
from portal.http import PersonRequest
from portal.inputs import choice_or_all

WHOSE = (("answer", _("Mine to review")), ("mine", _("Of my exceptions")))


class ReviewFilter(FilterForm):
    whose = choice_or_all(_("Whose"), _("Everybody's"), WHOSE)
    pressing = forms.ChoiceField(widget=forms.HiddenInput, required=False, choices=Pressing.choices)

    @property
    def filters(self) -> ReviewFilters:
        """What was understood."""
        asked = self.read()
        pressing = Pressing(asked["pressing"]) if "pressing" in asked else None
        return ReviewFilters(search=asked.get("q", ""), whose=asked.get("whose", ""), pressing=pressing)


@login_required
@require_safe
def reviews(request: PersonRequest) -> HttpResponse:
    """Those this person may see, of one kind or all, a page at a time; which of them are theirs to answer."""
    at, form = clock.now(), ReviewFilter(request.GET)
    filters = form.filters
    page = paged(request, reviews_of(request.user, filters, at))
    context = {
        "form": form,
        "tabs": tabs(request, "pressing", numbers(request.user, filters, at), filters.pressing),
        "page": page,
        "mine": _mine(request, [review.case_id for review in page.rows], at),
        "clear": reverse("reviews") if form.read() else "",
        "at": at,
    }
    return render(request, "portal/reviews.html", context)


def _mine(request: PersonRequest, cases: list[int], at: Any) -> set[int]:
    """Keys of those of these cases that this person may review."""
    return set(to_review(request.user, at).filter(pk__in=cases).values_list("pk", flat=True)) if cases else set()


urlpatterns = [path("reviews/", reviews, name="reviews")]
