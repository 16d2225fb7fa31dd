"""Who may come in by another sign-in, and what the sign-in page says to who may not."""

from __future__ import annotations

from typing import Any, NoReturn

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import services
from accounts.errors import NotPossible
from accounts.models import User
from accounts.oidc.provider import HouseProvider
from accounts.oidc.verifying import Away, issuer_of
from audit import clock

PROVIDER = HouseProvider.id
NAME_LENGTH = 150


class HouseSocialAdapter(DefaultSocialAccountAdapter):
    """Who may come in, and what the sign-in page says to who may not."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The providers of the environment alone: a row in the database is none."""
        apps = [SocialApp(provider=PROVIDER, **app) for app in settings.SOCIALACCOUNT_PROVIDERS[PROVIDER]["APPS"]]
        return [app for app in apps if provider in {None, app.provider, app.provider_id}]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stands between a verified answer and the sign-in: finds the person, or sends the stranger back."""
        try:
            if not sociallogin.is_existing:
                _link(sociallogin)
        except NotPossible as refusal:
            _back(request, str(refusal))
        if not sociallogin.user or not sociallogin.user.is_active:
            _back(request, _("This account is closed. Ask a programme manager if you need access again."))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """What an account opened for this person would say, if the setting lets one be opened."""
        stranger: Any = sociallogin.user
        stranger.email, stranger.name = data.get("email", ""), data.get("name", "")[:NAME_LENGTH].strip()
        return stranger

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: HouseProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Every failure ends on the sign-in page, with what to do."""
        _back(request, _sentence(error, exception, extra_context or {}) % {"name": provider.name})

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """allauth's own sign-up stays closed; see `_person` for ours."""
        return False


def _link(sociallogin: SocialLogin) -> None:
    """Finds the person the verified address belongs to, and remembers them by issuer and subject."""
    person, account = _person(sociallogin, sociallogin.provider), sociallogin.account
    sociallogin.account = services.link_sign_in(
        user=person,
        provider=account.provider,
        uid=account.uid,
        issuer=issuer_of(sociallogin.provider.app),
        at=clock.now(),
    )
    sociallogin.user = person


def _person(sociallogin: SocialLogin, provider: HouseProvider) -> User:
    """Opens an account only where the setting says so, and never with a role. Raises NotPossible."""
    email = next((address.email for address in sociallogin.email_addresses if address.verified), "")
    if not email:
        sentence = _("%(name)s does not vouch for your e-mail address. Have it verified there, then sign in again.")
        raise NotPossible(sentence % {"name": provider.name})
    person = User.objects.filter(email=email).first()
    if person is None and not settings.OIDC_SIGN_UP:
        raise NotPossible(_("No account here uses %(email)s. Ask a programme manager to open one.") % {"email": email})
    name = getattr(sociallogin.user, "name", "") or email.partition("@")[0]
    return person or services.create_user(actor=None, at=clock.now(), email=email, name=name)


def _sentence(error: str | None, exception: Exception | None, context: dict[str, Any]) -> str:
    if error == AuthError.CANCELLED:
        return _("You left %(name)s without signing in. Try again, or sign in with your password.")
    if isinstance(exception, Away | requests.RequestException):
        return _("%(name)s cannot be reached now. Try again in a few minutes, or sign in with your password.")
    if "state_id" in context and exception is None:
        return _("This sign-in took too long or began in another browser. Begin again.")
    return _("The answer of %(name)s could not be verified, so nobody was signed in. Try again, or tell who runs it.")


def _back(request: HttpRequest, sentence: str) -> NoReturn:
    messages.error(request, sentence)
    raise ImmediateHttpResponse(redirect("account_login"))
