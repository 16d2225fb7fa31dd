"""Handing a case over to a new owner, and the answer of the person asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from audit import clock
from exceptions_app import services
from exceptions_app.freshness import counts_until
from exceptions_app.models import ACTIVATED, ExceptionCase, Response, Trigger
from exceptions_app.queries.case import Story
from exceptions_app.triggers import responses
from portal.case.answering import Deed, Page, answer
from portal.case.forms import NewOwnerForm
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in
from workflows import inbox


def comes_with(story: Story, at: datetime) -> list[str]:
    """What there is to look after for whoever owns it next, a sentence each."""
    case, guards = story.case, story.safeguards
    found = []
    if offer := case.ownership_offers.filter(answered_at__isnull=True).select_related("offered_by").first():
        found.append(_("%(who)s asks you: “%(why)s”") % {"who": offer.offered_by, "why": offer.reason})
    if case.expires_at:
        found.append(_("It ends on %(when)s.") % {"when": _day(case.expires_at)})
    if case.is_unused(at):
        found.append(_("Nobody has recorded a use of it for a third of its term."))
    if guards:
        said = ngettext("Others verify its safeguard.", "Others verify its %(n)d safeguards.", len(guards))
        found.append(said % {"n": len(guards)})
    if guards and case.activated_at:
        said = _("Unless they do so anew, it is out of force from %(when)s.")
        found += _before_its_end(case, (counts_until(one, case) for one in guards), said, at)
    reviews = [review for review in story.reviews if not review.outcome]
    if reviews and case.expires_at:
        due = (review.due_at for review in reviews)
        found += _before_its_end(case, due, _("Somebody who does not gain from it reviews it by %(when)s."), at)
        said = _("Unless somebody does, it is out of force from %(when)s.")
        found += _before_its_end(case, (review.falls_at for review in reviews), said, at)
    return [*found, *_taking_it(case)]


def _before_its_end(case: ExceptionCase, instants: Iterable[datetime], said: str, at: datetime) -> list[str]:
    """The sentence with the first of the instants, where that is to come and before the end."""
    first = min(instants)
    return [said % {"when": _day(first)}] if case.expires_at and at < first < case.expires_at else []


def _taking_it(case: ExceptionCase) -> list[str]:
    """What a new owner alone does to it."""
    if case.state not in ACTIVATED:
        return []
    said = {
        Response.REVIEW: _("Because it changes hands, somebody who does not gain from it is asked to review it."),
        Response.SUSPEND: _("Because it changes hands, it is suspended until somebody lets it resume."),
        Response.END: _("Because it changes hands, it ends at once."),
    }
    does = responses(case)[Trigger.OWNER_CHANGED]
    return [said[does]] if does in said else []


def _day(instant: datetime) -> str:
    return date_format(localtime(instant), "j F Y")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def offer(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Ask a person to own it."""
    options = {"label": gettext_lazy("Why it is handed over")}
    return answer(request, case_or_404(request, reference), OFFER, Page(options=options))


@signed_in
@require_POST
@refusals_answered
def acceptance(request: PersonRequest, reference: str) -> HttpResponseBase:
    """The person asked accepts or declines."""
    case = case_or_404(request, reference)
    verbs = {"accept": services.accept_ownership, "decline": services.decline_ownership}
    verb = verbs.get(request.POST.get("answer", ""))
    if verb is None:
        return HttpResponseBadRequest(_("Answer with “accept” or “decline”."))
    at = clock.now()
    row = verb(case=case, actor=request.user, at=at)
    inbox.answered(user=request.user, case=row, reaction="ask_owner", at=at)
    accepted = row.owner_id == request.user.pk
    said = _("You own %s now.") if accepted else _("You declined to own %s.")
    messages.success(request, said % case.reference)
    return redirect("case", reference) if accepted else redirect("home")


def _perform(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> object:
    return services.offer_ownership(case=case, actor=actor, at=at, to=said["to"], reason=said["reason"])


OFFER = Deed(
    action="offer_ownership",
    form=NewOwnerForm,
    heading=gettext_lazy("Hand over"),
    lead=gettext_lazy("The person is asked by mail and on their Home page. Nothing changes until they accept."),
    button=gettext_lazy("Ask this person"),
    done=gettext_lazy("The person is asked. %(reference)s keeps its owner until they accept."),
    perform=_perform,
)
