"""A form that acts on a case: shown alone on GET, carried out on POST, shown again with its text when refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from accounts.errors import NotAllowed, NotPossible, NotSure, Refusal, Stale
from accounts.models import User
from audit import clock
from exceptions_app import rules
from exceptions_app.models import SINCE, ExceptionCase, State
from portal.case.changes import Change
from portal.http import PersonRequest, case_or_404, put_on

TEXTS = ("statement", "reason", "note", "text", "what", *SINCE)


@dataclass(frozen=True)
class Deed:
    """One act: the law's word for it, its form, its words on the page, and the verb that carries it out.

    `then` is where it leads, where that is not back to where one came from; `warns` of what came to less than meant.
    """

    action: str
    form: type[Form]
    heading: str | Promise
    lead: str | Promise
    button: str | Promise
    done: str | Promise | Callable[[ExceptionCase], str]
    perform: Callable[[ExceptionCase, User, datetime, dict[str, Any]], object]
    tone: str = "primary"
    then: Callable[[PersonRequest, ExceptionCase], HttpResponse] | None = None
    warns: Callable[[ExceptionCase], bool] = lambda case: False

    def told(self, case: ExceptionCase) -> str:
        """What is said once it is done."""
        return self.done(case) if callable(self.done) else str(self.done) % {"reference": case.reference}


@dataclass(frozen=True)
class Page:
    """What one request brings to a deed: what its form is made with, what else the page shows and the verb hears."""

    initial: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)


def answer(request: PersonRequest, case: ExceptionCase, deed: Deed, page: Page) -> HttpResponseBase:
    """The page of a deed. Raises Stale, and every refusal that costs the person no text."""
    at = clock.now()
    if request.method == "POST":
        return _carry_out(request, case, deed, page, at)
    rules.require(request.user, deed.action, case, at)
    return show(request, case, deed, page, deed.form(initial=dict(page.initial), **page.options))


def answer_anew(
    request: PersonRequest, reference: str, of: Callable[[ExceptionCase], tuple[Deed, Page]]
) -> HttpResponseBase:
    """The page of a deed about what may have changed since it was shown: then anew, with all that was written."""
    case = case_or_404(request, reference)
    try:
        return answer(request, case, *of(case))
    except Stale as refusal:
        case = case_or_404(request, reference)
        deed, page = of(case)
        said = request.POST.copy()  # a list stays one
        for name, value in page.initial.items():
            said[name] = value
        form = deed.form(said, request.FILES, **page.options)
        return show(request, case, deed, page, form, status=409, refusal=refusal)


def show(
    request: PersonRequest,
    case: ExceptionCase,
    deed: Deed,
    page: Page,
    form: Form,
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    changes: Sequence[Change] = (),
) -> HttpResponse:
    """The form with all that was written, and what stands in the way."""
    context = {
        "case": case,
        "deed": deed,
        "form": form,
        "at": clock.now(),
        "refusal": refusal,
        "changes": changes,
        "is_final": isinstance(refusal, NotAllowed),
        **page.context,
    }
    return render(request, "portal/case/deed.html", context, status=status)


def back(request: PersonRequest, case: ExceptionCase) -> HttpResponse:
    """To the queue if the form was filled in there, or if nothing is left for this person to do; else to the case."""
    exists = ExceptionCase.objects.visible_to(request.user, clock.now()).filter(pk=case.pk).exists()
    went_back = case.state == State.DRAFT and case.requester != request.user
    if request.POST.get("origin") == "queue" or went_back or not exists:
        return redirect("queue")
    return redirect("case", case.reference)


def _carry_out(request: PersonRequest, case: ExceptionCase, deed: Deed, page: Page, at: datetime) -> HttpResponseBase:
    form = deed.form(request.POST, request.FILES, **page.options)
    has_text = any(request.POST.get(name, "").strip() for name in TEXTS)
    try:
        rules.require(request.user, deed.action, case, at)
        if not form.is_valid():
            return show(request, case, deed, page, form)
        done = deed.perform(case, request.user, at, form.cleaned_data | dict(page.beside))
    except NotPossible as refusal:
        if not has_text:
            raise
        put_on(form, refusal)
        return show(request, case, deed, page, form, status=409)
    except NotAllowed as refusal:
        if not has_text or isinstance(refusal, NotSure):
            raise
        return show(request, case, deed, page, form, status=403, refusal=refusal)
    case = done if isinstance(done, ExceptionCase) else case
    (messages.warning if deed.warns(case) else messages.success)(request, deed.told(case))
    return (deed.then or back)(request, case)
