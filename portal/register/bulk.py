"""One act on many cases: first what would happen to each, then each through the one door, with its own answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.errors import Refusal
from accounts.models import User
from audit import clock
from exceptions_app import rules, services
from exceptions_app.models import ExceptionCase
from portal.case.forms import NewOwnerForm, ReasonForm
from portal.http import PersonRequest, signed_in

MOST = 100
"""So many cases at a time; the register shows fifty on a page."""


class RevocationForm(ReasonForm):
    """Cannot be undone, so their number is typed."""

    confirm = forms.CharField(max_length=6, error_messages={"required": gettext_lazy("Type the number to confirm.")})

    def __init__(self, data: QueryDict | None, number: int) -> None:
        super().__init__(data)
        self.number = number
        self.fields["confirm"].label = _("Type %(n)d, their number, to confirm") % {"n": self.number}
        self.fields["confirm"].widget.attrs.update({"autocomplete": "off", "inputmode": "numeric"})

    def clean_confirm(self) -> str:
        if (said := self.cleaned_data["confirm"].strip()) != str(self.number):
            raise ValidationError(_("Type %(n)d to confirm.") % {"n": self.number})
        return str(said)


@dataclass(frozen=True)
class Act:
    """The law's word, the words on the page, and the verb that is called for each case.

    `form` makes what is to be said, from what was said and how many cases it is about; `done` may name what was said.
    """

    name: str
    action: str
    label: str | Promise
    lead: str | Promise
    button: str | Promise
    done: str | Promise
    form: Callable[[QueryDict | None, int], forms.Form]
    perform: Callable[[ExceptionCase, User, datetime, Mapping[str, Any]], object]
    tone: str = "primary"


@dataclass(frozen=True)
class Item:
    """A case, and why it is refused; "" where nothing stands in the way, or where it is done."""

    case: ExceptionCase
    refusal: str = ""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: PersonRequest) -> HttpResponse:
    """GET shows what would happen to each case; POST carries it out, each case in a transaction of its own."""
    at = clock.now()
    said = request.POST if request.method == "POST" else request.GET
    act = ACTS.get(said.get("act", ""))
    cases = _cases(request.user, said)
    if act is None or not cases:
        return render(request, "portal/register/bulk_none.html", {"marked": bool(cases), "at": at})
    items = [Item(case, rules.why_not(request.user, act.action, case, at) or "") for case in cases]
    possible = [item.case for item in items if not item.refusal]
    form = act.form(request.POST if request.method == "POST" else None, len(possible))
    context = {"act": act, "items": items, "possible": possible, "form": form, "at": at}
    context["missing"] = _missing(said, cases)
    if request.method == "POST" and form.is_valid():
        done = [_carried_out(act, case, request.user, form.cleaned_data) for case in cases]
        context |= {"items": done, "done": str(act.done) % form.cleaned_data, "at": clock.now()}
        return render(request, "portal/register/bulk_done.html", context)
    return render(request, "portal/register/bulk.html", context)


def _cases(user: User, said: QueryDict) -> list[ExceptionCase]:
    """The marked cases that exist for this person, in the order they were marked."""
    references = list(dict.fromkeys(said.getlist("case")))[:MOST]
    parents = ("control", "identity", "requester", "owner", "backup_owner", "renews")
    found = ExceptionCase.objects.visible_to(user).filter(reference__in=references).select_related(*parents)
    by_reference = {case.reference: case for case in found}
    return [by_reference[reference] for reference in references if reference in by_reference]


def _missing(said: QueryDict, cases: Sequence[ExceptionCase]) -> int:
    """How many were marked and are not looked at: they are not there for this person, or too many at once."""
    return len(set(said.getlist("case"))) - len(cases)


def _carried_out(act: Act, case: ExceptionCase, user: User, said: Mapping[str, Any]) -> Item:
    try:
        act.perform(case, user, clock.now(), said)
    except Refusal as refusal:
        return Item(case, str(refusal))
    return Item(case)


def _complete(case: ExceptionCase, user: User, at: datetime, said: Mapping[str, Any]) -> object:
    return services.complete(case=case, actor=user, at=at, reason=said["reason"])


def _revoke(case: ExceptionCase, user: User, at: datetime, said: Mapping[str, Any]) -> object:
    return services.revoke(case=case, actor=user, at=at, reason=said["reason"])


def _claim(case: ExceptionCase, user: User, at: datetime, said: Mapping[str, Any]) -> object:
    return services.claim(case=case, actor=user, at=at)


def _offer(case: ExceptionCase, user: User, at: datetime, said: Mapping[str, Any]) -> object:
    return services.offer_ownership(case=case, actor=user, at=at, to=said["to"], reason=said["reason"])


ACTS = {
    act.name: act
    for act in (
        Act(
            name="offer",
            action="offer_ownership",
            label=gettext_lazy("Hand over to a new owner"),
            lead=gettext_lazy("The person is asked about each of them, and becomes the owner of those they accept."),
            button=gettext_lazy("Ask this person"),
            done=gettext_lazy("Asked %(to)s"),
            form=lambda said, number: NewOwnerForm(said),
            perform=_offer,
        ),
        Act(
            name="claim",
            action="claim",
            label=gettext_lazy("Claim imported drafts"),
            lead=gettext_lazy("You become their requester and owner, and take no part in deciding on them."),
            button=gettext_lazy("Claim them"),
            done=gettext_lazy("Claimed"),
            form=lambda said, number: forms.Form(said),
            perform=_claim,
        ),
        Act(
            name="complete",
            action="complete",
            label=gettext_lazy("End now"),
            lead=gettext_lazy("They may no longer be relied on from this moment, and their access has to be removed."),
            button=gettext_lazy("End now"),
            done=gettext_lazy("Ended"),
            form=lambda said, number: ReasonForm(said),
            perform=_complete,
        ),
        Act(
            name="revoke",
            action="revoke",
            label=gettext_lazy("Revoke"),
            lead=gettext_lazy("They are taken away at once, and their access has to be removed. There is no way back."),
            button=gettext_lazy("Revoke now"),
            done=gettext_lazy("Revoked"),
            form=RevocationForm,
            perform=_revoke,
            tone="danger primary",
        ),
    )
}
"""What can be done to many at once, in the order it is offered: what takes away comes last. Another act is an entry."""
