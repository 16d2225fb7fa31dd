"""Effects: what events must still cause, what fails and why, which cases the clock cannot move; with retry."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotAllowed
from accounts.rules import may_run_catalog
from audit import clock
from portal.http import PersonRequest, number, refusals_answered
from workflows import queries, services
from workflows.models import Effect

PAGE = 50
VIEWS = (
    ("open", gettext_lazy("Open")),
    ("failed", gettext_lazy("Failing")),
    ("done", gettext_lazy("Done")),
    ("dropped", gettext_lazy("Dropped")),
    ("", gettext_lazy("All")),
)


@login_required
@require_safe
@refusals_answered
def effects(request: PersonRequest) -> HttpResponse:
    """A page of effects, newest first, and how the clock stands. For programme managers and auditors."""
    _demand_reader(request)
    view = request.GET.get("view", "open")
    view = view if view in {name for name, _label in VIEWS} else "open"
    rows = queries.effects(view)
    after = number(request.GET.get("after", ""))
    page = list((rows if after is None else rows.filter(pk__lt=after))[: PAGE + 1])
    context = {
        "standing": queries.standing(),
        "rows": page[:PAGE],
        "older": f"?view={view}&after={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "newer": f"?view={view}" if after else "",
        "tabs": _tabs(view),
        "troubles": queries.troubles()[:PAGE],
        "may_retry": may_run_catalog(request.user),
        "at": clock.now(),
    }
    return render(request, "portal/effects/page.html", context)


@login_required
@require_POST
@refusals_answered
def effect_retry(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Try an open effect at the next run, without waiting for its turn."""
    _demand_reader(request)
    effect = get_object_or_404(Effect, pk=pk)
    services.retry(effect=effect, actor=request.user, at=clock.now())
    messages.success(request, _("It is tried again within a few seconds."))
    return redirect("effects")


def _demand_reader(request: PersonRequest) -> None:
    if not (request.user.is_programme_manager or request.user.is_auditor):
        raise NotAllowed(_("Programme managers and auditors see what is pending. Ask one of them."))


def _tabs(view: str) -> list[dict[str, Any]]:
    return [{"label": label, "href": f"?view={name}", "current": name == view, "count": None} for name, label in VIEWS]


urlpatterns = [
    path("effects/", effects, name="effects"),
    path("effects/<int:pk>/retry/", effect_retry, name="effect_retry"),
]
