"""Mails: which come at once, which in the morning, which not at all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.errors import NotPossible
from accounts.models import ACTS, MailKind, MailWhen, times_of
from accounts.services.mails import ASKS
from audit import clock
from portal.http import PersonRequest, put_on, refusals_answered
from portal.profile.tabs import tabs


class MailsForm(forms.Form):
    """One choice for each kind of mail; what asks for an act cannot be switched off."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for kind in MailKind:
            asks = kind in ACTS
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=list(times_of(kind).items()),
                widget=forms.RadioSelect,
                initial=MailWhen.AT_ONCE,
                help_text=ASKS if asks else "",
            )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def mails(request: PersonRequest) -> HttpResponseBase:
    kept = dict(request.user.mail_choices.values_list("kind", "when"))
    form = MailsForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            services.choose_mails(user=request.user, actor=request.user, choices=form.cleaned_data, at=clock.now())
        except NotPossible as refusal:
            put_on(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("profile_mails")
    context = {"form": form, "tabs": tabs("profile_mails"), "at": clock.now()}
    return render(request, "portal/profile/mails.html", context)


urlpatterns = [path("profile/mails/", mails, name="profile_mails")]
