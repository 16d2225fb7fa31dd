"""The addresses of signing in elsewhere; allauth finds them beside the provider, in place of its own."""

from django.urls import path

from accounts.oidc import pages

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", pages.begin, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", pages.arrive, name="openid_connect_callback"),
]
