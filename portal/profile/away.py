"""Out of office: when one is away, who stands in, and the answer of who was asked to."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import absences, services
from accounts.errors import NotPossible
from accounts.models import Absence
from audit import clock
from portal.http import PersonRequest, put_on, refusals_answered
from portal.inputs import Day
from portal.people.choosing import named, offer, take_people
from portal.profile.tabs import tabs

LAST_SECOND = time(23, 59, 59)


class AwayForm(forms.Form):
    from_on = forms.DateField(label=gettext_lazy("First day away"), widget=Day())
    until_on = forms.DateField(label=gettext_lazy("Last day away"), widget=Day())
    delegate = named(
        gettext_lazy("Who stands in"),
        gettext_lazy("They are asked first, and stand in once they accept."),
        required=True,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("A few words others may read, such as “Parental leave”."),
    )

    def __init__(self, *args: Any, me: PersonRequest | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offered = offer(absent=[me.user] if me else [])
        take_people(self, self.offered)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def away(request: PersonRequest) -> HttpResponseBase:
    """One's own absences, and whom one stands in for; a form for the next."""
    at = clock.now()
    form = AwayForm(request.POST or None, me=request)
    if request.method == "POST" and form.is_valid():
        try:
            absence = _announced(request, form.cleaned_data, at)
        except NotPossible as refusal:
            put_on(form, refusal)
        else:
            messages.success(request, _("%(name)s is asked to stand in for you.") % {"name": absence.delegate})
            return redirect("profile_away")
    context = {
        "form": form,
        "mine": absences.of(request.user),
        "asked": absences.asked_of(request.user, at),
        "for_others": absences.for_others(request.user, at),
        "tabs": tabs("profile_away"),
        "at": at,
    }
    return render(request, "portal/profile/away.html", context)


@login_required
@require_POST
@refusals_answered
def answer(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Accept or decline to stand in."""
    verb = services.decline_delegation if "decline" in request.POST else services.accept_delegation
    found = verb(absence=_absence(request, pk), actor=request.user, at=clock.now())
    said = _("You declined.") if found.declined_at else _("You stand in for %(name)s.") % {"name": found.person}
    messages.success(request, said)
    return redirect("profile_away")


@login_required
@require_POST
@refusals_answered
def ending(request: PersonRequest, pk: int) -> HttpResponse:
    """Be back early, call it off, or stand in no longer."""
    services.end_absence(absence=_absence(request, pk), actor=request.user, at=clock.now())
    messages.success(request, _("Ended."))
    return redirect("profile_away")


def _announced(request: PersonRequest, said: dict[str, Any], at: datetime) -> Absence:
    zone = request.user.zone
    return services.announce_absence(
        user=request.user,
        actor=request.user,
        delegate=said["delegate"],
        from_at=max(_instant(said["from_on"], time(), zone), at),
        until_at=_instant(said["until_on"], LAST_SECOND, zone),
        reason=said["reason"],
        at=at,
    )


def _instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone)


def _absence(request: PersonRequest, pk: int) -> Absence:
    """One's own, or one in which one is named; else it does not exist."""
    found = Absence.objects.filter(pk=pk).select_related("person", "delegate").first()
    if found is None or request.user.pk not in {found.person_id, found.delegate_id}:
        raise Http404
    return found


urlpatterns = [
    path("profile/away/", away, name="profile_away"),
    path("profile/away/<int:pk>/answer/", answer, name="absence_answer"),
    path("profile/away/<int:pk>/end/", ending, name="absence_end"),
]
