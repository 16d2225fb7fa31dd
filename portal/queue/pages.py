"""The queue: one row a decision, the one with the least time left first, and a panel to read and answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import absences, sign_ins
from accounts.models import ApproverGroup, User
from audit import clock
from catalog.models import Tier
from exceptions_app.models import RELIED_ON, ExceptionCase
from exceptions_app.queries import case as case_queries
from exceptions_app.queries import queue as queries
from exceptions_app.queries.queue import Filters, Row
from exceptions_app.sources import Stand
from portal import navigation
from portal.case import deciding, wording
from portal.http import PersonRequest, case_or_404, refusals_answered

KEYS = (
    {"label": _("Open the row"), "key": "enter"},
    {"label": _("Approve: write the statement"), "key": "a"},
    {"label": _("Ask for changes"), "key": "q"},
    {"label": _("Reject"), "key": "r"},
    {"label": _("Approve less: open what narrows it"), "key": "n"},
    {"label": _("Mark to approve together"), "key": "x"},
)
SHOWN = (
    ("", _("Everything")),
    ("mine", _("Asked of me by name or office")),
    ("groups", _("Asked of my groups")),
    ("delegated", _("For whom I stand in")),
    ("behind", _("As lead or fallback")),
    ("taken", _("I am at it")),
    ("free", _("Nobody else is at it")),
    ("late", _("Time runs out")),
)


@dataclass(frozen=True)
class Line:
    """A row in words."""

    row: Row
    term: str
    renewal: str
    standing: str
    taken: str
    is_open: bool
    continues_at: datetime | None


class FilterForm(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.TextInput({"type": "search"}))
    risk = forms.TypedChoiceField(
        label=_("Risk"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Any risk")), *((tier.value, tier.label.capitalize()) for tier in reversed(Tier))],
    )
    group = forms.TypedChoiceField(label=_("Group"), required=False, coerce=int, empty_value=None)
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOWN)

    def __init__(self, *args: Any, groups: Sequence[ApproverGroup] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["group"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Any group")), *((group.pk, group.name) for group in groups)]

    @property
    def filters(self) -> Filters:
        """What was asked for; what makes no sense is no filter."""
        said = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        show = said.get("show") or ""
        return Filters(search=said.get("q") or "", tier=said.get("risk"), group=said.get("group"), show=show)


@login_required
@require_safe
@refusals_answered
def queue(request: PersonRequest) -> HttpResponseBase:
    """What waits for this person. `?open=<reference>` reads one beside the list; a partial request gets only that."""
    at = clock.now()
    opened = request.GET.get("open", "")
    panel = _panel(request, opened, at) if opened else {}
    if request.headers.get("X-Partial") == "panel":
        return render(request, "portal/queue/panel.html", {"at": at, **panel})
    form = FilterForm(request.GET, groups=queries.groups_of(request.user))
    found = queries.queue(request.user, at, form.filters)
    is_filtered = form.filters != Filters()
    waiting = partial(queries.count_at, found.place, at) if is_filtered else lambda: found.found
    context = {
        "at": at,
        "lines": [_line(row, request.user, at, opened) for row in found.rows],
        "found": found,
        "away": absences.away({row.case.requester_id for row in found.rows if row.case.requester_id}, at),
        "more": found.found - len(found.rows),
        "form": form,
        "bulk": any(row.in_bulk for row in found.rows),
        "is_filtered": is_filtered,
        "navigation": partial(
            navigation.sections, user=request.user, path=request.path, at=at, counted={"queue": waiting}
        ),
        "page_keys": KEYS,
        **panel,
    }
    return render(request, "portal/queue/page.html", context)


def _panel(request: PersonRequest, reference: str, at: datetime) -> dict[str, Any]:
    """The case to read, with the three answers or the sentence that holds them back."""
    case = case_or_404(request, reference)
    story = case_queries.story(case, request.user, at)
    answer = deciding.deciding(story, request.user, at, sign_ins.of(request), origin="queue")
    return {
        "case": case,
        "story": story,
        "asks_for": _asks_for(case, at),
        "renewal": _renewal(case),
        "opens": wording.openings(case, story.grants, at),
        "comments": len(story.comments),
        "takes": not case.is_taken(at),
        "releases": case.is_taken(at) and case.taken_by == request.user,
        "deciding": answer if isinstance(answer, deciding.Deciding) else None,
        "held": answer if isinstance(answer, str) else "",
    }


def _line(row: Row, user: User, at: datetime, opened: str) -> Line:
    return Line(
        row,
        wording.term_asked(row.case, at),
        _renewal(row.case),
        _standing(row),
        _taken(row.case, user, at),
        row.case.reference == opened,
        _continues_at(row.case, at),
    )


def _continues_at(case: ExceptionCase, at: datetime) -> datetime | None:
    """When what it renews ends, where that is sooner than its deadline: undecided by then, nothing is in force."""
    old, decide_by_at = case.renews, case.decide_by_at
    if old is None or old.state not in RELIED_ON or old.expires_at is None or decide_by_at is None:
        return None
    return old.expires_at if at < old.expires_at < decide_by_at else None


def _taken(case: ExceptionCase, user: User, at: datetime) -> str:
    """Who is at it."""
    if not case.is_taken(at):
        return ""
    if case.taken_by == user:
        return gettext("you are at it")
    return gettext("%(who)s is at it") % {"who": case.taken_by}


def _standing(row: Row) -> str:
    """Why it waits for this person, where they are not asked themselves."""
    if row.is_for_another:
        return gettext("on behalf of another")
    return {Stand.LEAD: gettext("as lead"), Stand.FALLBACK: gettext("fallback")}.get(row.stand, "")


def _asks_for(case: ExceptionCase, at: datetime) -> str:
    """The same as a sentence."""
    numbers = wording.days_asked(case, at)
    if not numbers:
        return ""
    sentence = ngettext(
        "Asks for %(asked)d day of the %(cap)d allowed",
        "Asks for %(asked)d days of the %(cap)d allowed",
        numbers["asked"],
    )
    return sentence % numbers


def _renewal(case: ExceptionCase) -> str:
    """Filing anew for the same control and identity counts as a renewal, whether or not it was asked for as one."""
    if not case.renewal_number:
        return gettext("First request")
    words = gettext("Renewal %(n)d") if case.renews_id else gettext("Counts as renewal %(n)d")
    return words % {"n": case.renewal_number}
