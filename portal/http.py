"""What every page of the portal does alike at its edge: find the case, answer refusals, put them on a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from accounts.errors import NotAllowed, NotPossible, Refusal, Stale
from accounts.models import User
from audit import clock
from exceptions_app.models import ExceptionCase

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
DIGITS = 18


class PersonRequest(HttpRequest):
    """A request behind `login_required`: somebody is signed in."""

    user: User
    htmx: HtmxDetails


def case_or_404(request: PersonRequest, reference: str) -> ExceptionCase:
    """The case, with the rows its law looks at, if it exists for this person; else Http404."""
    cases = ExceptionCase.objects.visible_to(request.user, clock.now())
    parents = ("control__approver_group", "control__owner", "identity__owner", "identity__backup_owner")
    people = ("requester", "owner", "backup_owner", "renews")
    return get_object_or_404(cases.select_related(*parents, *people), reference=reference)


def signed_in(view: Callable[Concatenate[Request, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask for a sign-in as `login_required` does; who was writing comes back to the page they wrote on.

    There their browser still holds the text (see drafts in docs/look.md).
    """

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        came_from = urlsplit(_origin(request))
        is_text = request.method == "POST" and came_from.path != "/"
        return redirect_to_login(
            came_from._replace(scheme="", netloc="").geturl() if is_text else request.get_full_path()
        )

    return guarded


def number(text: str) -> int | None:
    """A whole number an address or a form carries; None for what is none, and for more digits than any key has."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


def refusals_answered(
    view: Callable[Concatenate[Request, P], HttpResponseBase],
) -> Callable[Concatenate[Request, P], HttpResponseBase]:
    """Let a view raise what a service refuses: NotAllowed is a 403 page with its sentence, the others a 409 page.

    A page with a form catches NotPossible and Stale itself, and shows the form again with the text kept: see `put_on`.
    """

    @wraps(view)
    def answered(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as refusal:
            return render(request, "403.html", {"exception": refusal.message}, status=403)
        except (NotPossible, Stale) as refusal:
            return conflict(request, refusal)

    return answered


def conflict(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page for what cannot be done to the row as it stands; it leads back to where the person came from."""
    return render(request, "409.html", {"exception": refusal.message, "back": _origin(request)}, status=409)


def put_on(form: BaseForm, refusal: Refusal) -> None:
    """Add the refusal's sentences to a bound form, beside the fields they name, else on top."""
    named = refusal.fields if isinstance(refusal, NotPossible) else {}
    for name, sentences in named.items():
        for sentence in sentences or [refusal.message]:
            form.add_error(name if name in form.fields else None, str(sentence))
    if not named:
        form.add_error(None, str(refusal.message))


def _origin(request: HttpRequest) -> str:
    referrer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure())
    return referrer if ours else "/"
