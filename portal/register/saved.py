"""Views that are kept and shared: the page's own address under a name."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import services
from accounts.errors import NotPossible
from accounts.models import SavedView, Sharing
from audit import clock
from portal.http import PersonRequest, put_on, refusals_answered, signed_in
from portal.register import addresses
from portal.register.forms import RegisterForm

KEPT = {*RegisterForm.base_fields} - {"saved"}


class SaveForm(forms.Form):
    """A name, and who else finds the view beside theirs."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=services.views.LONGEST_NAME)
    sharing = forms.ChoiceField(label=gettext_lazy("Shown to"), required=False, choices=Sharing.choices)
    query = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def about(cls, request: PersonRequest, asked: RegisterForm, views: Sequence[SavedView]) -> SaveForm:
        """The form beside the list; an own view that is open is offered by its name, to save it anew."""
        saved = asked.cleaned_data.get("saved")
        own = next((view for view in views if view.pk == saved and view.owner_id == request.user.pk), None)
        initial = {"query": addresses.of(request), **({"name": own.name, "sharing": own.sharing} if own else {})}
        return cls(initial=initial, auto_id="view-%s")


@signed_in
@require_POST
@refusals_answered
def save(request: PersonRequest) -> HttpResponseBase:
    """Keep what the page shows under a name, and go on there."""
    form = SaveForm(request.POST, auto_id="view-%s")
    if form.is_valid():
        said = form.cleaned_data
        query = addresses.kept(said["query"], KEPT)
        try:
            view = services.save_view(
                actor=request.user, at=clock.now(), name=said["name"], query=query, sharing=said["sharing"]
            )
        except NotPossible as refusal:
            put_on(form, refusal)
        else:
            messages.success(request, _("“%(name)s” is saved. It stands beside the other views.") % {"name": view.name})
            return redirect(f"{reverse('register')}?{query}&saved={view.pk}")
    return _again(request, form)


@signed_in
@require_POST
@refusals_answered
def remove(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Take an own view away."""
    view = get_object_or_404(SavedView.objects.open_to(request.user), pk=pk)
    services.remove_view(view=view, actor=request.user)
    messages.success(request, _("“%(name)s” is removed.") % {"name": view.name})
    return redirect("register")


def _again(request: PersonRequest, form: SaveForm) -> HttpResponse:
    return render(request, "portal/register/view.html", {"form": form, "at": clock.now()}, status=409)
