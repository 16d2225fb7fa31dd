"""What stands before every view of the form: a sign-in that loses no text, answers to refusals, who may write."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.errors import NotAllowed
from accounts.models import User
from audit import clock
from exceptions_app import rules
from exceptions_app.models import ExceptionCase
from portal.exception_form import kept
from portal.http import PersonRequest, refusals_answered

P = ParamSpec("P")
PersonView = Callable[Concatenate[PersonRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_person(view: PersonView[P]) -> View[P]:
    """Ask for a sign-in and answer refusals. Text posted while signed out waits for its writer."""
    answering = refusals_answered(view)

    @login_required
    def signed_in(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return answering(cast("PersonRequest", request), *args, **kwargs)

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):  # a sign-in page has no place in an aside
                return render(request, "portal/exception_form/signed_out.html")
            if request.method == "POST":
                kept.keep(request, request.path, request.POST, reason=kept.LAPSED)
        return signed_in(request, *args, **kwargs)

    return guarded


def demand(user: User, action: str, case: ExceptionCase) -> None:
    """Raise NotAllowed with the sentence when this person may not act, whatever the state."""
    refused = rules.not_for(user, action, case, clock.now())
    if refused:
        raise NotAllowed(refused)


def demand_asker(user: User) -> None:
    """Raise NotAllowed for those who never ask: auditors."""
    demand(user, "duplicate", ExceptionCase())
