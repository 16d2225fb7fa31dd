"""Leaving for the provider, and coming back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.oidc.verifying import HouseOIDCAdapter


def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for the provider. A form may not lead to another site (our policy), so a page does."""
    adapter = _adapter(request, provider_id)
    if request.method != "POST":
        return redirect("account_login")
    provider = adapter.get_provider()
    answer = _answered(OAuth2LoginView, adapter)
    if answer.status_code == HTTPStatus.FOUND and answer["Location"].startswith(("http://", "https://")):
        return render(request, "socialaccount/leave.html", {"address": answer["Location"], "provider": provider})
    return answer


def arrive(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the provider with its answer."""
    return _answered(OAuth2CallbackView, _adapter(request, provider_id))


def _adapter(request: HttpRequest, provider_id: str) -> Any:
    adapter: Any = HouseOIDCAdapter(request, provider_id)
    try:
        adapter.get_provider()
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return adapter


def _answered(view: Any, adapter: Any) -> HttpResponse:
    """What allauth's view answers; a provider that is away, or lies, ends on the sign-in page."""
    try:
        answer: HttpResponse = view.adapter_view(adapter)(adapter.request)
    except OAuth2Error as error:
        answer = render_authentication_error(adapter.request, adapter.get_provider(), exception=error)
    return answer
