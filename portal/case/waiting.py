"""What one does while a request waits: take it or let it go, remind its approvers, step aside, raise its risk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from audit import clock
from catalog.models import Tier
from exceptions_app import services
from exceptions_app.models import ExceptionCase, State
from portal.case.answering import Deed, Page, answer, back
from portal.case.forms import RecusalForm, RiskForm
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in
from workflows import services as workflows


@signed_in
@require_POST
@refusals_answered
def taking(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Let the other approvers see that one is at it."""
    said = _("The other approvers see for four hours that you are at %(reference)s. You can let it go.")
    return _at_once(request, reference, services.take, said)


@signed_in
@require_POST
@refusals_answered
def release(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Let the others see that one is no longer at it."""
    return _at_once(request, reference, services.release, _("You let %(reference)s go."))


@signed_in
@require_POST
@refusals_answered
def reminding(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Ask the approvers to look at it, once a day."""
    said = _("Those whose turn it is get a mail about %(reference)s. You can remind them again tomorrow.")
    return _at_once(request, reference, services.nudge, said)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def recusal(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Step aside from deciding it."""
    return answer(request, case_or_404(request, reference), RECUSAL, Page())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def risk(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Hold its risk for higher."""
    case = case_or_404(request, reference)
    return answer(request, case, RISK, Page(options={"above": case.risk_tier or Tier.LOW}))


def _at_once(request: PersonRequest, reference: str, verb: Callable[..., object], said: Any) -> HttpResponseBase:
    case = case_or_404(request, reference)
    verb(case=case, actor=request.user, at=clock.now())
    messages.success(request, said % {"reference": case.reference})
    if request.POST.get("origin") == "queue":
        return redirect(f"{reverse('queue')}?open={case.reference}#panel")
    return back(request, case)


def _recuse(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> object:
    return services.recuse(case=case, actor=actor, at=at, reason=said["reason"])


def _raise(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> object:
    return workflows.raise_tier(case=case, actor=actor, at=at, tier=Tier(said["tier"]), reason=said["reason"])


def _raised(case: ExceptionCase) -> str:
    said = gettext("You raised the risk of %(reference)s.")
    if case.state == State.DRAFT:
        said = gettext("You raised the risk of %(reference)s. It lacks what that risk wants, so it went back.")
    return said % {"reference": case.reference}


RECUSAL = Deed(
    action="decide",
    form=RecusalForm,
    heading=_("Step aside"),
    lead=RecusalForm.lead,
    button=_("Step aside"),
    done=_("You stepped aside from %(reference)s; the others decide it."),
    perform=_recuse,
)
RISK = Deed(
    action="raise_tier",
    form=RiskForm,
    heading=_("Raise the risk"),
    lead=_(
        "The request is asked anew of everybody whom the higher risk asks, and decisions so far no longer count. "
        "Where it lacks something that risk wants, it goes back to its requester. Nobody lowers it again."
    ),
    button=_("Raise the risk"),
    done=_raised,
    perform=_raise,
)
