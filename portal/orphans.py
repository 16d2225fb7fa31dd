"""What is in use without an owner: exceptions, identities, systems and controls, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import rules as person_rules
from accounts.errors import NotAllowed
from accounts.models import User
from audit import clock
from exceptions_app import rules
from exceptions_app.models import State
from exceptions_app.queries.orphans import Orphan, OrphanFilters, Sort, concerns, numbers, orphans, told
from exceptions_app.succession import Fate
from portal.catalog.listing import FilterForm, paged, tabs
from portal.http import PersonRequest, refusals_answered

NOT_YOURS = gettext_lazy("Overseers, owners of a control and leads of a team read what has no owner.")
KINDS = {
    Sort.CASE: gettext_lazy("Exception"),
    Sort.IDENTITY: gettext_lazy("Identity"),
    Sort.SYSTEM: gettext_lazy("System"),
    Sort.CONTROL: gettext_lazy("Control"),
}


class OrphanFilter(FilterForm):
    sort = forms.ChoiceField(widget=forms.HiddenInput, required=False, choices=Sort.choices)

    @property
    def filters(self) -> OrphanFilters:
        """What was understood."""
        asked = self.read()
        return OrphanFilters(search=asked.get("q", ""), sort=Sort(asked["sort"]) if "sort" in asked else None)


@dataclass(frozen=True)
class Line:
    """An orphan as the page shows it, and what it is about.

    `act` is the address where somebody is named, "" for who may not.
    """

    orphan: Orphan
    kind: str
    name: str
    key: str
    about: Sequence[str]
    url: str
    next: str
    act: str
    label: str


@login_required
@require_safe
@refusals_answered
def listing(request: PersonRequest) -> HttpResponse:
    """Those this person may see, of one sort or all, a page at a time."""
    if not concerns(request.user):
        raise NotAllowed(NOT_YOURS)
    at, form = clock.now(), OrphanFilter(request.GET)
    filters = form.filters
    page = paged(request, orphans(request.user, filters, at))
    context = {
        "form": form,
        "tabs": tabs(request, "sort", numbers(request.user, filters, at), filters.sort),
        "page": page,
        "lines": [_line(one, request.user, at) for one in told(page.rows, at)],
        "clear": reverse("orphans") if form.read() else "",
        "at": at,
    }
    return render(request, "portal/orphans.html", context)


def _line(orphan: Orphan, reader: User, at: datetime) -> Line:
    return _line_of_case(orphan, reader, at) if orphan.sort == Sort.CASE else _line_of_entry(orphan, reader)


def _line_of_case(orphan: Orphan, reader: User, at: datetime) -> Line:
    case = orphan.row
    about = [str(one) for one in (case.identity, case.control.code if case.control else None) if one]
    page = reverse("case", args=[case.reference])
    act, label = "", ""
    if rules.why_not(reader, "offer_ownership", case, at) is None:
        act, label = reverse("case_ownership_offer", args=[case.reference]), _("Hand over")
    elif rules.why_not(reader, "confirm_removal", case, at) is None:
        act, label = f"{page}#opens", _("Confirm removed")
    return Line(
        orphan=orphan,
        kind=str(KINDS[Sort.CASE]),
        name=case.title,
        key=case.reference,
        about=about,
        url=page,
        next=_next_of_case(orphan, at),
        act=act,
        label=label,
    )


def _next_of_case(orphan: Orphan, at: datetime) -> str:
    """What becomes of the exception, and what somebody can do about it."""
    if orphan.next is None:
        return _("It has ended: the control's or a system's owner, or a programme manager, confirms its access gone.")
    if orphan.next.heir is not None:
        return _("%(heir)s takes it over within a minute.") % {"heir": orphan.next.heir}
    if orphan.asked is not None:
        return _("%(person)s is asked to take it over.") % {"person": orphan.asked}
    if orphan.next.fate == Fate.SUSPENDED:
        return _("It is suspended within a minute. Hand it over, or end it.")
    if orphan.next.fate == Fate.ENDED:
        return _("It ends within a minute.")
    state = orphan.next.case.standing_at(at)[0]
    if state == State.SUSPENDED:
        return _("It is suspended, and cannot resume. Hand it over, or end it.")
    return _("It cannot start. Hand it over, or it lapses.")


def _line_of_entry(orphan: Orphan, reader: User) -> Line:
    entry, sort = orphan.row, orphan.sort
    key = entry.code if sort == Sort.CONTROL else entry.slug
    told_next = _("Name an owner, or take it out of use.")
    if orphan.asked is not None:
        told_next = _("%(person)s is asked to own it.") % {"person": orphan.asked}
    return Line(
        orphan=orphan,
        kind=str(KINDS[sort]),
        name=entry.title if sort == Sort.CONTROL else entry.name,
        key=key,
        about=(),
        url=reverse(sort.value, args=[key]),
        next=told_next,
        act=reverse(f"{sort.value}_edit", args=[key]) if person_rules.may_run_catalog(reader) else "",
        label=_("Name an owner"),
    )


urlpatterns = [path("orphans/", listing, name="orphans")]
