"""What a person leaves behind: read before their account is closed, by themselves too, and once it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import queries as accounts
from accounts import rules as person_rules
from accounts.models import User
from audit import clock
from exceptions_app import rules
from exceptions_app.queries.leaving import Leaving, Some, leaving, moved
from exceptions_app.succession import Fate, Succession
from portal import words
from portal.http import PersonRequest, refusals_answered
from portal.people.guards import demand_reader, may_read_people, why_not_change


@login_required
@require_safe
@refusals_answered
def person_leaving(request: PersonRequest, pk: int) -> HttpResponse:
    """What moves once the account is closed and to whom, and what does not move by itself."""
    if pk != request.user.pk:
        demand_reader(request.user)
    person, at = get_object_or_404(User, pk=pk), clock.now()
    found = leaving(person, request.user, at)
    ties = accounts.ties(person, at)
    context = {
        "person": person,
        "is_own": pk == request.user.pk,
        "may_read": may_read_people(request.user),
        "found": found,
        "owned": _owned(found, request.user, at),
        "others": _others(found),
        "entries": _entries(found),
        "moved": moved(person, request.user),
        "ties": ties,
        "is_empty": not (ties or _whole(found) or found.entries.count or found.entries.backed_up.count),
        "may_close": person.is_active and person_rules.may_govern_people(request.user) and pk != request.user.pk,
        "why_not": why_not_change(request.user, person),
        "closing": _closing(found),
        "may_name_owners": person_rules.may_run_catalog(request.user),
        "at": at,
    }
    return render(request, "portal/people/leaving.html", context)


def _owned(found: Leaving, reader: User, at: datetime) -> list[dict[str, Any]]:
    """Exceptions they own by who takes them over; which of them the reader may hand over."""
    lists = (
        ("to-nobody", _("Nobody takes these over"), found.to_nobody),
        ("to-backup", _("Their backup owner takes these over"), found.to_backup),
        ("to-manager", _("The manager takes these over"), found.to_manager),
    )
    return [
        {"name": name, "title": title, "some": some, "rows": _with_acts(some, reader, at)}
        for name, title, some in lists
        if some.whole
    ]


def _with_acts(some: Some[Succession], reader: User, at: datetime) -> list[tuple[Succession, bool]]:
    return [(one, rules.why_not(reader, "offer_ownership", one.case, at) is None) for one in some.rows]


def _others(found: Leaving) -> list[dict[str, Any]]:
    lists = (
        (
            "drafts",
            _("Drafts"),
            _("They stay drafts. Whoever else writes one can name another owner; the others are never asked for."),
            found.drafts,
        ),
        (
            "backed-up",
            _("Exceptions left without a backup owner"),
            _("Their owner stays, and names somebody else with the next change or renewal."),
            found.backed_up,
        ),
        (
            "offered",
            _("Exceptions they are asked to take over"),
            _("Nobody answers any more. Ask somebody else."),
            found.offered,
        ),
        (
            "to-decide",
            _("Requests waiting for their answer"),
            _("The others of the step decide. Where too few are left, who stands behind them is asked at once."),
            found.to_decide,
        ),
        (
            "approved",
            _("Approved by them, not started"),
            _("Their approval counts no more at the start: approvers are asked again then."),
            found.approved,
        ),
        (
            "to-review",
            _("Reviews only they may answer"),
            _("The fallback group is asked instead. What nobody reviews goes out of force."),
            found.to_review,
        ),
    )
    names = ("name", "title", "lead", "some")
    return [dict(zip(names, one, strict=True)) for one in lists if one[3].whole]


def _entries(found: Leaving) -> list[dict[str, Any]]:
    entries = found.entries
    lists = (
        ("identity", _("Identities"), entries.identities, _("Name somebody: they own it once they accept.")),
        ("system", _("Systems"), entries.systems, _("Name another owner.")),
        ("control", _("Controls"), entries.controls, _("Name another owner.")),
        ("identity", _("Identities they back up"), entries.backed_up, _("Name another backup owner.")),
    )
    names = ("kind", "title", "some", "how")
    return [dict(zip(names, one, strict=True)) for one in lists if one[2].count]


def _whole(found: Leaving) -> int:
    """How many exceptions anything is told of."""
    owned = (found.to_backup, found.to_manager, found.to_nobody)
    others = (found.drafts, found.backed_up, found.offered, found.to_decide, found.approved, found.to_review)
    return sum(some.whole for some in (*owned, *others))


def _closing(found: Leaving) -> str:
    """What closing the account does to the exceptions they own, for the button; "" for nothing."""
    fates = found.fates
    ended, suspended, left = fates[Fate.ENDED], fates[Fate.SUSPENDED], fates[Fate.LEFT]
    told = (
        (found.moved, ngettext("%(n)d exception moves", "%(n)d exceptions move", found.moved)),
        (suspended, ngettext("%(n)d is suspended", "%(n)d are suspended", suspended)),
        (ended, ngettext("%(n)d ends", "%(n)d end", ended)),
        (left, ngettext("%(n)d is left without an owner", "%(n)d are left without an owner", left)),
    )
    return words.joined([sentence % {"n": number} for number, sentence in told if number])


urlpatterns = [path("people/<int:pk>/leaving/", person_leaving, name="person_leaving")]
