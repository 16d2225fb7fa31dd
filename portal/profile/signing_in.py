"""Signing in: with what, how this session began, where else one is signed in, and an end to those."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import services, sessions
from accounts.models import User
from audit import clock
from portal.http import PersonRequest, refusals_answered
from portal.profile import wording
from portal.profile.tabs import tabs


@login_required
@require_safe
def signing_in(request: PersonRequest) -> HttpResponse:
    """Sessions live by the machine's own clock, which nothing moves."""
    issuer = wording.issuer()
    context = {
        "means": sessions.means(request.user),
        "issuer": issuer,
        "began": [(wording.way(one, issuer), one.at) for one in sessions.ways(request, request.user)],
        "signed_in": [
            (wording.browser(one.agent), one)
            for one in sessions.sessions(request.user, request.session.session_key, timezone.now())
        ],
        "hours": settings.SESSION_COOKIE_AGE // 3600,
        "tabs": tabs("profile_signing_in"),
        "at": clock.now(),
    }
    return render(request, "portal/profile/signing_in.html", context)


@login_required
@require_POST
@refusals_answered
def elsewhere(request: PersonRequest) -> HttpResponseBase:
    """End every other session of one's own."""
    ended = services.sign_out_elsewhere(user=request.user, here=request.session.session_key)
    said = ngettext("Signed out of %(n)d other browser.", "Signed out of %(n)d other browsers.", ended)
    messages.success(request, said % {"n": ended})
    return redirect("profile_signing_in")


@login_required
@require_POST
@refusals_answered
def link(request: PersonRequest) -> HttpResponseBase:
    """Undo the link to the organisation's sign-in."""
    me = User.objects.get(pk=request.user.pk)
    services.unlink_sign_in(user=me, actor=me, at=clock.now())
    messages.success(request, _("The link is undone. Signing in there links it anew."))
    return redirect("profile_signing_in")


urlpatterns = [
    path("profile/signing-in/", signing_in, name="profile_signing_in"),
    path("profile/signing-in/elsewhere/", elsewhere, name="profile_elsewhere"),
    path("profile/signing-in/link/", link, name="profile_link"),
]
