"""The register's page and its export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from defusedcsv import csv
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from audit import clock
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import register as queries
from portal.http import PersonRequest
from portal.register.forms import VIEWS, RegisterForm

COLUMNS = (
    "reference",
    "title",
    "state",
    "end_reason",
    "in_force",
    "risk",
    "control",
    "identity",
    "requester",
    "owner",
    "renewal_number",
    "activated_at",
    "expires_at",
    "ended_at",
)
CHUNK = 500


@login_required
@require_safe
def register(request: PersonRequest) -> HttpResponse:
    """One page of what this person may see; htmx or not, it is the same page."""
    at, form = clock.now(), _asked(request)
    found, count = queries.counted(queries.found(request.user, form.filters, at))
    order = form.cleaned_data.get("sort") or queries.NEWEST
    page = queries.page(found, order, request.GET.get("after", "") or request.GET.get("before", ""))
    in_force = queries.in_force_of(page.rows, at)
    context = {
        "form": form,
        "rows": [(case, case.pk in in_force) for case in page.rows],
        "count": count,
        "tabs": _tabs(request, form),
        "older": _address(request, before="", after=page.older) if page.older else "",
        "newer": _address(request, after="", before=page.newer) if page.newer else "",
        "export": f"{reverse('register_csv')}?{request.GET.urlencode()}",
        "clear": reverse("register") if form.is_narrowed else "",
        "at": at,
    }
    return render(request, "portal/register/page.html", context)


@login_required
@require_safe
def register_csv(request: PersonRequest) -> StreamingHttpResponse:
    """All that the filters find, as CSV in UTF-8; a cell that a spreadsheet would run is made text."""
    at, form = clock.now(), _asked(request)
    cases = queries.found(request.user, form.filters, at).whole
    writer = csv.writer(_Echo())
    lines = (writer.writerow(line) for line in _lines(queries.exported(cases), at))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="exceptions-{at:%Y-%m-%d}.csv"'
    return response


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _asked(request: PersonRequest) -> RegisterForm:
    form = RegisterForm(request.GET)
    form.is_valid()
    return form


def _lines(cases: Iterator[ExceptionCase], at: datetime) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    batch: list[ExceptionCase] = []
    for case in cases:
        batch.append(case)
        if len(batch) == CHUNK:
            yield from _block(batch, at)
            batch = []
    yield from _block(batch, at)


def _block(batch: list[ExceptionCase], at: datetime) -> Iterator[list[Any]]:
    in_force = queries.in_force_of(batch, at)
    for case in batch:
        state, end_reason = case.standing_at(at)
        told = {"state": state, "end_reason": end_reason, "in_force": "yes" if case.pk in in_force else "no"}
        yield [told[name] if name in told else _cell(case, name) for name in COLUMNS]


def _cell(case: ExceptionCase, name: str) -> str:
    if name == "risk":
        return str(case.get_risk_tier_display() or "")
    value = getattr(case, name)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if name == "control":
        return case.control.code if case.control else ""
    return "" if value is None else str(value)


def _tabs(request: PersonRequest, form: RegisterForm) -> list[dict[str, Any]]:
    present, first = form.cleaned_data.get("view", ""), {"after": "", "before": ""}
    return [
        {"label": label, "href": _address(request, view=name, **first), "current": name == present, "count": None}
        for name, label in VIEWS
    ]


def _address(request: PersonRequest, **changes: str) -> str:
    asked = request.GET.copy()
    for name, value in changes.items():
        asked.pop(name, None)
        if value:
            asked[name] = value
    return f"?{asked.urlencode()}"


urlpatterns = [
    path("exceptions/", register, name="register"),
    path("exceptions/export.csv", register_csv, name="register_csv"),
]
