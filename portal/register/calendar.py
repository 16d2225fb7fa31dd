"""The register as a calendar: how many exceptions end on each day of a month."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import get_current_timezone, localtime
from django.views.decorators.http import require_safe

from audit import clock
from exceptions_app.queries import register as queries
from portal.http import PersonRequest
from portal.register import addresses
from portal.register.forms import RegisterForm

OWN = ("month", "ends_from", "ends_until", "ending", "sort", "col", "saved")
"""Words of the address that say which days, or how a list looks."""


@dataclass(frozen=True)
class Day:
    """A day of the month's weeks: how many end on it, and where they are listed."""

    day: date
    number: int
    href: str
    is_today: bool
    is_inside: bool


@login_required
@require_safe
def calendar(request: PersonRequest) -> HttpResponse:
    """One month in the person's zone, for the cases that the register's filters find."""
    at = clock.now()
    asked = request.GET.copy()
    for name in OWN:
        asked.pop(name, None)
    form = RegisterForm.read(asked)
    today = localtime(at).date()
    first = _month(request.GET.get("month", "")) or today.replace(day=1)
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    found = queries.found(request.user, form.filters, at)
    ends = queries.ends_by_day(found, _midnight(weeks[0][0]), _midnight(weeks[-1][-1] + timedelta(days=1)))
    days = [_day(request, day, ends, today, first) for week in weeks for day in week]
    context = {
        "first": first,
        "weekdays": weeks[0],
        "days": days,
        "number": sum(day.number for day in days if day.is_inside),
        "earlier": addresses.of(request, month=f"{first - timedelta(days=1):%Y-%m}"),
        "later": addresses.of(request, month=f"{first + timedelta(days=31):%Y-%m}"),
        "register": f"{reverse('register')}{addresses.of(request, month='')}",
        "chips": _chips(request, form),
        "at": at,
    }
    return render(request, "portal/register/calendar.html", context)


def _chips(request: PersonRequest, form: RegisterForm) -> list[dict[str, Any]]:
    return [
        {"label": label, "told": told, "href": addresses.of(request, **{name: ""})}
        for name, label, told in form.chips()
    ]


def _day(request: PersonRequest, day: date, ends: Mapping[date, int], today: date, first: date) -> Day:
    days = {"ends_from": day.isoformat(), "ends_until": day.isoformat()}
    left_out = dict.fromkeys(OWN, "") | days | {"sort": "ends"}
    href = f"{reverse('register')}{addresses.of(request, **left_out)}"
    return Day(day, ends.get(day, 0), href, day == today, (day.year, day.month) == (first.year, first.month))


def _month(text: str) -> date | None:
    """The first day of a month written 2026-11; None for what is none, or has no month beside it."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month, not an instant
    except ValueError:
        return None
    return first if 1900 < first.year < 9000 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), get_current_timezone())
