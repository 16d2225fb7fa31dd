"""How we decide: the figures on decisions of a period, by approver and by rule. For programme managers and auditors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.errors import NotAllowed
from accounts.models import User
from audit import clock
from portal import words
from portal.http import PersonRequest, number, refusals_answered
from portal.navigation import overseer
from workflows.figures import counting, reading
from workflows.figures.counting import Figures
from workflows.models import ApprovalRule

PERIODS = (30, 90, 365)
USUAL = 90
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Cell:
    """A number of a row under its heading, and what is said beneath it."""

    label: str
    value: str
    under: str = ""


@dataclass(frozen=True)
class Line:
    """A row: of an approver, or of a rule, which has a page of its own if its name is still in use."""

    name: str
    person: User | None
    slug: str
    note: str
    cells: list[Cell]


@login_required
@require_safe
@refusals_answered
def figures(request: PersonRequest) -> HttpResponse:
    """The figures of the last 30, 90 or 365 days, most decisions first; by no other order, which would rank people."""
    if not overseer(request.user):
        raise NotAllowed(_("Figures on decisions are for programme managers and auditors. A request says its own."))
    at, days = clock.now(), _days(request.GET.get("days", ""))
    report = reading.report(since=at - timedelta(days=days), at=at)
    slugs = dict(ApprovalRule.objects.values_list("name", "slug"))
    context = {
        "report": report,
        "approvers": [_line(some, str(user), person=user) for user, some in report.approvers],
        "rules": [_line(some, name, slug=slugs.get(name, "")) for name, some in report.rules],
        "always_yes": [(step, slugs.get(step.rule, "")) for step in report.always_yes],
        "tabs": _tabs(days),
        "many": counting.MANY,
        "enough": counting.ENOUGH,
        "at": at,
    }
    return render(request, "portal/figures/page.html", context)


def _days(text: str) -> int:
    wanted = number(text)
    return wanted if wanted in PERIODS else USUAL


def _tabs(current: int) -> list[dict[str, Any]]:
    label = _("Last %(days)s days")
    return [
        {"label": label % {"days": days}, "href": f"?days={days}", "current": days == current, "count": None}
        for days in PERIODS
    ]


def _line(some: Figures, name: str, *, person: User | None = None, slug: str = "") -> Line:
    behind = some.from_behind
    note = ngettext("%(n)d as lead or fallback", "%(n)d as lead or fallback", behind) % {"n": behind} if behind else ""
    return Line(name, person, slug, note, _cells(some))


def _cells(some: Figures) -> list[Cell]:
    p90 = _("P90 %(time)s") % {"time": _time(some.p90)} if some.p90 is not None else ""
    few = _("too few to say") if some.are_few and some.decisions else ""
    return [
        Cell(_("Decisions"), words.grouped(some.decisions), few),
        Cell(_("Median time"), _time(some.median), p90),
        _share(_("Approved"), some.approved, some),
        _share(_("Narrowed"), some.narrowed, some),
        _share(_("Rejected"), some.rejected, some),
        Cell(_("Under 30 s"), words.grouped(some.quick) if some.shown else "–", _known(some.shown)),
        Cell(_("Lapsed"), words.grouped(some.lapsed)),
        Cell(_("Escalated"), words.grouped(some.escalated)),
    ]


def _share(label: str, count: int, some: Figures) -> Cell:
    """How many, and how many of a hundred; of few decisions, and for none, only how many."""
    share = f"{100 * count / some.decisions:.0f} %" if count and not some.are_few else ""
    return Cell(label, words.grouped(count), share)


def _known(shown: int) -> str:
    return _("of %(n)s") % {"n": words.grouped(shown)} if shown else ""


def _time(length: timedelta | None) -> str:
    if length is None:
        return "–"
    return _("under a minute") if length < MINUTE else words.duration(length)


urlpatterns = [path("approvals/figures/", figures, name="figures")]
