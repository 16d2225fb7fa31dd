"""The channel of an approver group: set it, try it out, remove it. For programme managers and the group's lead."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NotAllowed, NotPossible, Stale
from accounts.models import ApproverGroup
from audit import clock
from outgoing import signing
from portal.exception_form.forms import Hinted
from portal.http import PersonRequest, put_on, refusals_answered
from portal.people.guards import may_read_people
from workflows import channel_changes
from workflows.models import ChannelKind
from workflows.queries import channel_of
from workflows.rules import may_set_channel

HINTS = {
    ChannelKind.SLACK: gettext_lazy("The address of an incoming webhook, on hooks.slack.com."),
    ChannelKind.TEAMS: gettext_lazy("The address of a workflow that posts to a channel when a webhook request comes."),
    ChannelKind.GENERIC: gettext_lazy("Any address that takes signed JSON by the Standard Webhooks specification."),
}


class Secret(forms.CharField):
    """Needed for one kind: its hint says which."""

    needed_sometimes = True


class ChannelForm(forms.Form):
    """Where a group is told. The address is asked anew each time: the present one is never shown."""

    kind = Hinted(
        label=gettext_lazy("Where"),
        choices=ChannelKind.choices,
        coerce=ChannelKind,
        hints=HINTS,
        required=True,
    )
    url = forms.CharField(
        label=gettext_lazy("Webhook address"),
        help_text=gettext_lazy(
            "Whoever has it may post there, so it is kept like a password: not shown again once it is set."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=2000,
    )
    secret = Secret(
        label=gettext_lazy("Signing secret"),
        help_text=gettext_lazy(
            "Only for another program, which needs it to see that a message is ours. Copy it there now: "
            "it is not shown again. Slack and Teams need none."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=120,
        required=False,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


@sensitive_post_parameters("url", "secret")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def approver_group_channel(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Set or change where the group is told, and read how the last messages went."""
    group = _group(request, slug)
    present = channel_of(group)
    kind, seen = present.kind if present else ChannelKind.SLACK, channel_changes.mark(present)
    initial = {"kind": kind, "secret": signing.new_secret(), "seen": seen}
    form = ChannelForm(request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _render(request, group, form)
    try:
        channel_changes.set_channel(group=group, actor=request.user, at=clock.now(), **form.cleaned_data)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, group, form)
    except Stale as refusal:
        posted = request.POST.copy()
        posted["seen"] = channel_changes.mark(channel_of(group))
        form = ChannelForm(posted)
        form.add_error(None, str(refusal))
        return _render(request, group, form, status=409)
    messages.success(request, _("The channel is set. Send a test message to see whether it arrives."))
    return redirect("approver_group_channel", slug)


@login_required
@require_POST
@refusals_answered
def approver_group_channel_test(request: PersonRequest, slug: str) -> HttpResponseBase:
    group = _group(request, slug)
    if failure := channel_changes.try_channel(group=group, actor=request.user, at=clock.now()):
        messages.error(request, _("The test message did not arrive. %(why)s") % {"why": failure})
    else:
        messages.success(request, _("The test message was taken. Look whether it stands in the channel."))
    return redirect("approver_group_channel", slug)


@login_required
@require_POST
@refusals_answered
def approver_group_channel_removal(request: PersonRequest, slug: str) -> HttpResponseBase:
    channel_changes.remove_channel(group=_group(request, slug), actor=request.user, at=clock.now())
    messages.success(request, _("The channel is removed. The group is told by mail alone."))
    return redirect("approver_group_channel", slug)


def channel_facts(group: ApproverGroup) -> dict[str, Any]:
    """The channel, and whether whoever set it may no longer: nobody may be reading there by now."""
    channel = channel_of(group)
    return {"channel": channel, "orphaned": channel is not None and not may_set_channel(channel.set_by, group)}


def _group(request: PersonRequest, slug: str) -> ApproverGroup:
    """The group, for those who may set its channel. Raises NotAllowed before it tells others which groups exist."""
    group = ApproverGroup.objects.filter(slug=slug).first()
    if group is not None and may_set_channel(request.user, group):
        return group
    if may_read_people(request.user):
        get_object_or_404(ApproverGroup, slug=slug)
    raise NotAllowed(channel_changes.NOBODY_ELSE)


def _render(request: PersonRequest, group: ApproverGroup, form: ChannelForm, *, status: int = 200) -> HttpResponse:
    context = {
        "group": group,
        "form": form,
        "may_read_group": may_read_people(request.user),
        "at": clock.now(),
    }
    return render(request, "portal/people/channel.html", context | channel_facts(group), status=status)


CHANNEL = "people/groups/<slug:slug>/channel"
urlpatterns = [
    path(f"{CHANNEL}/", approver_group_channel, name="approver_group_channel"),
    path(f"{CHANNEL}/test/", approver_group_channel_test, name="approver_group_channel_test"),
    path(f"{CHANNEL}/removal/", approver_group_channel_removal, name="approver_group_channel_removal"),
]
