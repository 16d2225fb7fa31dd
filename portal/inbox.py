"""The inbox: what the product told this person, newest first; opening an entry marks it read and goes to its matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from exceptions_app.models import ExceptionCase
from portal.catalog.listing import paged
from portal.http import PersonRequest, number
from workflows import inbox as told
from workflows.mails import ENROL
from workflows.models import Notice

PLACES = {ENROL: "profile_signing_in"}
"""Where that leads which is about no exception, by the reaction."""
MOST = 1000
SHOWS = (("", _("Unread")), ("all", _("All")))


@dataclass(frozen=True)
class Line:
    """An entry with its case, None where there is none or its reader may no longer see it; `href` is "" then."""

    notice: Notice
    case: ExceptionCase | None
    href: str


@login_required
@require_safe
def inbox(request: PersonRequest) -> HttpResponse:
    """What is unread, or all of it, a page at a time."""
    at, shows_all = clock.now(), request.GET.get("show") == "all"
    page = paged(request, told.entries(request.user, unread=not shows_all))
    context = {
        "page": page,
        "lines": _lines(request, page.rows, at),
        "shown": " ".join(str(notice.pk) for notice in page.rows if notice.read_at is None),
        "shows_all": shows_all,
        "tabs": _tabs("all" if shows_all else ""),
        "at": at,
    }
    return render(request, "portal/inbox.html", context)


@login_required
@require_POST
def reading(request: PersonRequest, pk: int) -> HttpResponse:
    """Open an entry. One that leads nowhere any more leads back to the inbox."""
    at = clock.now()
    notice = get_object_or_404(told.entries(request.user, unread=False), pk=pk)
    told.read(notice=notice, at=at)
    [line] = _lines(request, [notice], at)
    return redirect(line.href or "inbox")


@login_required
@require_POST
def reading_all(request: PersonRequest) -> HttpResponse:
    """Mark as read what the page showed, and what is older; not what came since."""
    shown = {key for word in request.POST.get("shown", "").split()[:MOST] if (key := number(word))}
    told.read_shown(user=request.user, shown=shown, at=clock.now())
    return redirect("inbox")


def _lines(request: PersonRequest, notices: Sequence[Notice], at: datetime) -> list[Line]:
    visible = ExceptionCase.objects.visible_to(request.user, at)
    cases = visible.in_bulk({notice.case_id for notice in notices if notice.case_id})
    return [Line(notice, cases.get(notice.case_id or 0), _href(notice, cases)) for notice in notices]


def _href(notice: Notice, cases: dict[int, ExceptionCase]) -> str:
    if notice.case_id is None:
        return reverse(PLACES.get(notice.effect.reaction, "home"))
    case = cases.get(notice.case_id)
    return reverse("case", args=[case.reference]) if case else ""


def _tabs(here: str) -> list[dict[str, Any]]:
    found = [(label, f"{reverse('inbox')}?show={name}" if name else reverse("inbox"), name) for name, label in SHOWS]
    return [{"label": label, "href": href, "current": name == here, "count": None} for label, href, name in found]


urlpatterns = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/reading/", reading_all, name="inbox_reading_all"),
    path("inbox/<int:pk>/reading/", reading, name="inbox_reading"),
]
