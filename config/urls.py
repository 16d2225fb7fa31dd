"""Every address of the portal."""

from typing import NoReturn

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import healthz


def closed(request: HttpRequest, **named: str) -> NoReturn:
    """A page of a library that has nothing to offer here, such as changing one's own address."""
    raise Http404


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/email/", closed, name="account_email"),
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="profile_signing_in"), name="usersessions_list"),
    path("accounts/3rdparty/", closed, name="socialaccount_connections"),
    path("accounts/3rdparty/<path:rest>", closed, name="socialaccount_closed"),
    path("accounts/social/<path:rest>", closed, name="socialaccount_legacy_closed"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("portal.urls")),
]
