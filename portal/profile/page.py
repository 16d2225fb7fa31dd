"""Profile: one's own time zone, and what one may do."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.errors import NotPossible
from accounts.models import User
from audit import clock
from portal.http import PersonRequest, put_on, refusals_answered
from portal.people import wording
from portal.people.forms import ProfileForm
from portal.profile.tabs import tabs
from workflows.rules import may_set_channel


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def profile(request: PersonRequest) -> HttpResponseBase:
    """Read and change what is one's own; the rest is said with who changes it."""
    me = User.objects.select_related("team", "manager").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_profile(user=me, actor=request.user, at=clock.now(), **form.cleaned_data)
        except NotPossible as refusal:
            put_on(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("profile")
    groups = list(me.approver_groups.all())
    context = {
        "form": form,
        "me": me,
        "powers": wording.powers(me, groups),
        "groups_led": [group for group in me.groups_led.order_by("name") if may_set_channel(me, group)],
        "tabs": tabs("profile"),
        "at": clock.now(),
    }
    return render(request, "portal/profile/page.html", context)


urlpatterns = [path("profile/", profile, name="profile")]
