"""The drafts nobody has claimed: to find, to choose, to claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.rules import changes_things
from audit import clock
from exceptions_app.terms import FAR_AWAY
from portal.catalog.listing import paged
from portal.http import PersonRequest
from portal.waivers.forms import WaiverFilter
from waivers import queries
from waivers.models import Source


@dataclass(frozen=True)
class Line:
    """One draft of the list, and what it lacks besides people, control and identity."""

    source: Source
    lacks: list[str]


@login_required
@require_safe
def waivers(request: PersonRequest) -> HttpResponse:
    """What nobody has claimed, filtered, a page at a time."""
    at, form = clock.now(), WaiverFilter(request.GET)
    rows = queries.unclaimed(form.filters, at)
    page = paged(request, rows)
    context = {
        "form": form,
        "page": page,
        "lines": [Line(source, lacks(source, at.date())) for source in page.rows],
        "missing": queries.missing(rows, at),
        "asked": [(name, value) for name, value in form.cleaned_data.items() if value],
        "clear": reverse("waivers") if form.is_narrowed else "",
        "may_claim": changes_things(request.user),
        "runs": queries.runs()[:5],
        "at": at,
    }
    return render(request, "portal/waivers/list.html", context)


def lacks(source: Source, today: date) -> list[str]:
    """What this draft lacks, in a word or two each."""
    case = source.case
    found = []
    if case.end_on is None and not case.term_days:
        found.append(_("no end"))
    elif case.end_on is not None and case.end_on < today:
        found.append(_("past its end"))
    elif case.end_on is not None and case.end_on > today + FAR_AWAY:
        found.append(_("end far away"))
    if not source.gives_reason:
        found.append(_("no reason, only a comment") if case.justification else _("no reason"))
    if source.gone_at is not None:
        found.append(_("gone from its file"))
    return found
