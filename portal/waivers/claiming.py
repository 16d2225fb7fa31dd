"""Claiming many imported drafts at once: choose, fill what is missing, save or submit, and see what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import demand_changes_things
from audit import clock
from portal.exception_form.choosing import offers
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in
from portal.waivers.forms import ClaimForm, WaiverFilter
from waivers import queries
from waivers.models import Source
from workflows.claiming import Outcome, claim_many

AT_ONCE = 200
"""So many are claimed while somebody waits; the page says how many remain."""


@dataclass(frozen=True)
class Chosen:
    """The drafts somebody chose, at most AT_ONCE of them, and how many there were."""

    sources: Sequence[Source]
    count: int


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def claim(request: PersonRequest) -> HttpResponseBase:
    """The form that fills in all chosen drafts; posted, what became of each."""
    demand_changes_things(request.user)
    at, offered = clock.now(), offers()
    chosen = _chosen(request.GET)
    form = ClaimForm(request.POST if request.method == "POST" else None, offers=offered)
    context = {
        "form": form,
        "chosen": chosen,
        "offers": offered.all,
        "missing": queries.missing(queries.named([one.case.reference for one in chosen.sources]), at),
        "query": request.GET.urlencode(),
        "at": at,
    }
    if request.method != "POST" or not form.is_valid() or not chosen.sources:
        return render(request, "portal/waivers/claim.html", context)
    outcomes = claim_many(
        cases=[source.case for source in chosen.sources],
        actor=request.user,
        at=at,
        filling=form.filling(request.user),
        submitting=request.POST.get("act") == "submit",
    )
    return _tell(request, outcomes, chosen)


@login_required
@require_safe
def claim_one(request: PersonRequest, reference: str) -> HttpResponseBase:
    """The same form for one draft."""
    case = case_or_404(request, reference)
    return redirect(f"{reverse('waivers_claim')}?ref={case.reference}")


def _chosen(asked: QueryDict) -> Chosen:
    """Those that were ticked, or all that the filters find; only what is still unclaimed."""
    if asked.get("all"):
        rows = queries.unclaimed(WaiverFilter(asked).filters, clock.now())
    else:
        rows = queries.named(asked.getlist("ref")[: 10 * AT_ONCE])
    sources = list(rows[:AT_ONCE])
    return Chosen(sources, rows.count() if len(sources) == AT_ONCE else len(sources))


def _tell(request: PersonRequest, outcomes: Sequence[Outcome], chosen: Chosen) -> HttpResponse:
    context = {
        "outcomes": outcomes,
        "submitted": sum(one.submitted for one in outcomes),
        "claimed": sum(one.claimed and not one.submitted for one in outcomes),
        "refused": sum(not one.claimed for one in outcomes),
        "rest": chosen.count - len(chosen.sources),
        "again": f"{reverse('waivers_claim')}?{request.GET.urlencode()}" if request.GET.get("all") else "",
        "at": clock.now(),
    }
    return render(request, "portal/waivers/claimed.html", context)
