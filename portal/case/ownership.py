"""Handing a case over to a new owner, and the answer of the person asked."""

from __future__ import annotations

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
from exceptions_app import reliance, services, succession
from exceptions_app.models import ExceptionCase, State
from exceptions_app.queries.case import Story
from exceptions_app.reliance import Wanted
from exceptions_app.succession import Fate
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
    due = [one.due_at for one in story.reviews if not one.outcome]
    if due and case.expires_at and min(due) < case.expires_at:
        said = _("Somebody who does not gain from it reviews it by %(when)s.")
        if min(due) <= at:
            said = _("A review of it is overdue since %(when)s.")
        found.append(said % {"when": _day(min(due))})
    return [*found, *_stands(story, at), *_taking_it(case, at)]


def _stands(story: Story, at: datetime) -> list[str]:
    """What ends its force before its end, or keeps it out of force."""
    case = story.case
    if case.standing_at(at)[0] == State.SUSPENDED:
        return [_("It is suspended: somebody who does not gain from it has to let it resume.")]
    if not story.is_in_force or case.relied_until_at is None or case.relied_until_at == case.expires_at:
        return []
    said = {
        Wanted.VERIFICATION: _("Unless its safeguards are verified again, it is out of force from %(when)s."),
        Wanted.REVIEW: _("Unless somebody reviews it, it is out of force from %(when)s."),
        None: _("Unless its safeguards are verified and its reviews held in time, it is out of force from %(when)s."),
    }
    fall = reliance.fall(case, story.safeguards, story.reviews, at)
    return [said[fall.wanted if fall else None] % {"when": _day(case.relied_until_at)}]


def _taking_it(case: ExceptionCase, at: datetime) -> list[str]:
    """What a new owner alone does to it."""
    said = {
        Fate.ASKED_AGAIN: _("Because it changes hands, its approvers are asked again."),
        Fate.REVIEWED: _("Because it changes hands, somebody who does not gain from it is asked to review it."),
        Fate.SUSPENDED: _("Because it changes hands, it is suspended until somebody lets it resume."),
        Fate.ENDED: _("Because it changes hands, it ends at once."),
    }
    fate = succession.on_change(case, at)
    return [said[fate]] if fate in said else []


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
