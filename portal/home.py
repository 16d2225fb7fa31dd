"""Home: what needs me, and what of mine ends soon or waits for others."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import absences
from accounts.models import User
from audit import clock
from catalog import queries as catalog
from exceptions_app.queries.home import SOON_DAYS, Home
from exceptions_app.queries.home import home as home_of
from exceptions_app.queries.orphans import number as orphan_count
from portal.http import PersonRequest
from portal.proposals import waiting_for
from workflows import enrolment


@login_required
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The lists that are not empty, most pressing first."""
    at = clock.now()
    found = home_of(request.user, at)
    to_own, to_confirm = catalog.asked_to_own(request.user), waiting_for(request.user)
    to_stand_in = absences.asked_of(request.user, at)
    context = {
        "home": found,
        "needs_nothing": found.needs_nothing and not (to_own.count or to_confirm or to_stand_in),
        "needs_me": _needs_me(found),
        "mine": _mine(found),
        "to_own": to_own,
        "to_stand_in": to_stand_in,
        "to_confirm": to_confirm,
        "orphans": orphan_count(request.user, at) if request.user.is_programme_manager else 0,
        "second_factor_for": enrolment.lacking(User.objects.filter(pk=request.user.pk), at=at).get(request.user, []),
        "at": at,
    }
    return render(request, "portal/home/page.html", context)


def _needs_me(found: Home) -> list[dict[str, Any]]:
    unguarded = _("A safeguard waits for somebody else to verify it")
    lists = [
        ("to-confirm", _("Confirm that access is gone"), "key", found.to_confirm, "ended"),
        ("to-review", _("Review an exception in use"), "eye", found.to_review, "review_by"),
        ("to-resume", _("Suspended: look again, and resume it or leave it so"), "refresh", found.to_resume, "expires"),
        ("to-verify", _("Verify a safeguard"), "shield", found.to_verify, "activate_by"),
        ("to-verify-again", _("Verify a safeguard again"), "shield", found.to_verify_again, "relied"),
        ("unguarded", unguarded, "hourglass", found.unguarded, "relied"),
        ("under-review", _("Overdue for a review by others"), "hourglass", found.under_review, "review_by"),
        ("unused", _("No use on record: is it still needed?"), "key", found.unused, "unused"),
        ("backup", _("You are asked to be backup owner"), "user", found.backup_asks, "created"),
        ("owner", _("You are asked to take over an exception"), "user", found.owner_asks, "expires"),
        ("suspended", _("Suspended: somebody else resumes it, or end it"), "pause", found.suspended, "expires"),
        ("drafts", _("Drafts to finish"), "pencil", found.drafts, "updated"),
    ]
    return _shown(lists)


def _mine(found: Home) -> list[dict[str, Any]]:
    ending = _("Ending in the next %(n)d days") % {"n": SOON_DAYS}
    lists = [
        ("ending", ending, "hourglass", found.ending, "left"),
        ("continued", _("Ending, and its renewal is under way"), "refresh", found.continued, "continued"),
        ("let-end", _("Ending, and not to be renewed"), "hourglass", found.let_end, "left"),
        ("waiting", _("Waiting for others"), "inbox", found.waiting, "decide_by"),
        ("debts", _("Access not yet confirmed removed by somebody else"), "key", found.debts, "ended"),
    ]
    return _shown(lists)


def _shown(lists: list[tuple[str, str, str, Any, str]]) -> list[dict[str, Any]]:
    names = ("name", "title", "icon", "listing", "shows")
    return [dict(zip(names, one, strict=True)) for one in lists if one[3].count]


urlpatterns = [path("", home, name="home")]
