"""How a safeguard is found to work by itself: a probe we send, or a heartbeat its own system posts."""

from __future__ import annotations

from urllib.parse import urljoin

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

import outgoing
from accounts.errors import NotPossible
from audit import clock
from exceptions_app import ask, rules, services
from exceptions_app.freshness import BY_CHECK, GRACE, tier_of
from exceptions_app.models import Safeguard, Watch
from portal import words
from portal.case.proofs import demand_as_shown
from portal.http import PersonRequest, case_or_404, put_on, refusals_answered


class ProbeForm(forms.Form):
    """What is asked, and the answer that says all is well; judged by the service, but for the address."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=1000,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
        help_text=gettext_lazy("Asked by GET every 15 minutes, over the public internet or the allow-list."),
        error_messages={"required": gettext_lazy("Give the address that is asked.")},
    )
    status = forms.IntegerField(label=gettext_lazy("Expected status"), initial=200)
    pointer = forms.CharField(
        label=gettext_lazy("Where in its JSON"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("A JSON Pointer (RFC 6901) such as /checks/0/status; empty if the status is enough."),
    )
    expected = forms.CharField(
        label=gettext_lazy("Expected value"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("As JSON: true, 3, or a text, with or without quotation marks."),
    )

    def clean_url(self) -> str:
        """Raises for an address that may not be reached."""
        url = str(self.cleaned_data["url"])
        try:
            outgoing.check(url)
        except outgoing.NotPossible as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return url


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def watch(request: PersonRequest, reference: str, key: int) -> HttpResponseBase:
    """Set up a check, end it, or read how it goes. A heartbeat's secret is shown once, in answer to the post."""
    case = case_or_404(request, reference)
    safeguard = get_object_or_404(case.safeguards.select_related("case"), pk=key)
    rules.require(request.user, "watch", case, clock.now())
    make = request.POST.get("make", "")
    if request.method != "POST":
        return _page(request, safeguard, ProbeForm())
    demand_as_shown(safeguard, request.POST.get("digest", ""))
    if make == "probe":
        return _probe(request, safeguard)
    if make == "heartbeat":
        made = services.watch_by_heartbeat(safeguard=safeguard, actor=request.user, at=clock.now())
        return _page(request, safeguard, ProbeForm(), secret=made.secret)
    if make == "nothing":
        services.stop_watching(safeguard=safeguard, actor=request.user, at=clock.now())
        messages.success(request, _("This safeguard is no longer checked by itself."))
        return redirect("case", reference)
    return _page(request, safeguard, ProbeForm())


def _probe(request: PersonRequest, safeguard: Safeguard) -> HttpResponseBase:
    form = ProbeForm(request.POST)
    if not form.is_valid():
        return _page(request, safeguard, form)
    asked = {name: form.cleaned_data[name] for name in ("url", "status", "pointer", "expected")}
    try:
        services.watch_by_probe(safeguard=safeguard, actor=request.user, at=clock.now(), **asked)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _page(request, safeguard, form)
    messages.success(request, _("The address is asked within a minute, and every 15 minutes from then on."))
    return redirect("safeguard_watch", safeguard.case.reference, safeguard.pk)


def _page(request: PersonRequest, safeguard: Safeguard, form: ProbeForm, *, secret: str = "") -> HttpResponse:
    present = Watch.objects.select_related("set_by").filter(safeguard=safeguard).first()
    tier = tier_of(safeguard.case)
    context = {
        "case": safeguard.case,
        "safeguard": safeguard,
        "form": form,
        "digest": ask.digest_of_safeguard(safeguard),
        "watch": present,
        "secret": secret,
        "address": urljoin(settings.BASE_URL, reverse("heartbeat", args=[present.address])) if present else "",
        "holds": words.duration(BY_CHECK[tier]),
        "grace": words.duration(GRACE[tier]),
        "at": clock.now(),
    }
    return render(request, "portal/case/watch.html", context)
