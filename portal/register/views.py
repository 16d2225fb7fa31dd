"""The register's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import SavedView
from audit import clock
from exceptions_app.queries import register as queries
from portal.http import PersonRequest
from portal.register import addresses
from portal.register.bulk import ACTS
from portal.register.columns import COLUMNS, USUAL, joins, lines
from portal.register.forms import VIEWS, RegisterForm
from portal.register.saved import SaveForm

KEYS = (
    {"label": _("Open the row"), "key": "o"},
    {"label": _("Mark the row, for an act on many"), "key": "x"},
)


@login_required
@require_safe
def register(request: PersonRequest) -> HttpResponse:
    """One page of what this person may see. How many there are is asked for apart, so that the page never waits."""
    at, form = clock.now(), RegisterForm.read(request.GET)
    found = queries.found(request.user, form.filters, at)
    if request.headers.get("HX-Target") == "count":
        return render(request, "portal/register/count.html", {"count": queries.counted(found)})
    order = form.cleaned_data.get("sort") or queries.NEWEST
    names = form.columns or list(USUAL)
    cursor = request.GET.get("after", "") or request.GET.get("before", "")
    page = queries.page(found, order, cursor, joins(names))
    views = list(SavedView.objects.open_to(request.user).select_related("owner"))
    context = {
        **_table(names, page, at),
        **_addresses(request, form, page),
        "form": form,
        "count": _count(request, found, page),
        "tabs": _tabs(request, form, views),
        "saving": SaveForm.about(request, form, views),
        "own_views": [view for view in views if view.owner_id == request.user.pk],
        "bulk_acts": list(ACTS.values()),
        "page_keys": KEYS,
        "at": at,
    }
    return render(request, "portal/register/page.html", context)


def _table(names: Sequence[str], page: queries.Page, at: datetime) -> dict[str, Any]:
    return {
        "columns": [{"name": name, "column": COLUMNS[name]} for name in names],
        "lines": lines(page.rows, names, at),
        "offered": [{"name": name, "label": column.label, "on": name in names} for name, column in COLUMNS.items()],
    }


def _addresses(request: PersonRequest, form: RegisterForm, page: queries.Page) -> dict[str, Any]:
    asked = addresses.query(request)
    return {
        "older": addresses.of(request, after=page.older) if page.older else "",
        "newer": addresses.of(request, before=page.newer) if page.newer else "",
        "count_address": addresses.of(request, keep=("after", "before"), count="yes"),
        "exports": {kind: f"{reverse(f'register_{kind}')}{asked}" for kind in ("csv", "xlsx")},
        "calendar": f"{reverse('register_calendar')}{asked}",
        "clear": addresses.of(request, only=("sort", "col")) if form.is_narrowed else "",
        "chips": [
            {"label": label, "told": told, "href": addresses.of(request, **{name: ""})}
            for name, label, told in form.chips()
        ],
        "kept": addresses.pairs(request, without=("col",)),
        "usual_columns": addresses.of(request, col=""),
    }


def _count(request: PersonRequest, found: queries.Found, page: queries.Page) -> queries.Number | None:
    """How many there are, where one page holds them all or it was asked for: else it is fetched after the page."""
    if not page.older and not page.newer:
        return queries.Number(len(page.rows), exact=True)
    return queries.counted(found) if request.GET.get("count") else None


def _tabs(request: PersonRequest, form: RegisterForm, views: list[SavedView]) -> list[dict[str, Any]]:
    """The views everybody has, then one's own and those shared."""
    present, saved = form.cleaned_data.get("view", ""), form.cleaned_data.get("saved")
    tabs = [
        {"label": label, "href": addresses.of(request, view=name, saved=""), "current": not saved and name == present}
        for name, label in VIEWS
    ]
    return tabs + [
        {"label": view.name, "href": f"?{view.query}&saved={view.pk}", "current": view.pk == saved} for view in views
    ]
