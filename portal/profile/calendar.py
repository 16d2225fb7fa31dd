"""Calendar: the secret link for one's own calendar program, shown once, made anew and revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import services
from audit import clock
from portal.http import PersonRequest, refusals_answered
from portal.profile.tabs import tabs


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def calendar(request: PersonRequest) -> HttpResponseBase:
    """How the link stands. Its address is shown once, in answer to the post that makes it."""
    me, at, act = request.user, clock.now(), request.POST.get("act", "")
    if act == "revoke":
        services.revoke_calendar(user=me, actor=me, at=at)
        messages.success(request, _("The link is revoked. Calendars that read it find nothing any more."))
        return redirect("profile_calendar")
    if act == "make":
        secret = services.make_calendar(user=me, actor=me, at=at)
        return _page(request, f"{settings.BASE_URL}{reverse('calendar_feed', args=[secret])}")
    return _page(request, "")


def _page(request: PersonRequest, address: str) -> HttpResponse:
    link = request.user.calendar_links.filter(revoked_at__isnull=True).first()
    context = {"address": address, "link": link, "tabs": tabs("profile_calendar"), "at": clock.now()}
    response = render(request, "portal/profile/calendar.html", context)
    if address:
        response["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [path("profile/calendar/", calendar, name="profile_calendar")]
