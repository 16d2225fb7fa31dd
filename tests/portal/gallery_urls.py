"""The gallery and the addresses its frame links to, for tests alone."""

from django.shortcuts import render
from django.urls import include, path

from tests.portal import gallery

NAMES = ["queue", "register", "history", "controls", "identities", "systems", "effects", "exception_new", "profile"]


def show(request):
    return render(request, "gallery.html", gallery.context(bound="blank" not in request.GET))


urlpatterns = [
    path("", show, name="home"),
    *(path(f"{name}/", show, name=name) for name in NAMES),
    path("accounts/", include("allauth.urls")),
]
