"""What every page's frame needs: the places this person may go, the theme, the instant the page speaks of."""

from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from audit import clock
from portal import navigation

THEMES = ("light", "dark")


def look(request: HttpRequest) -> dict[str, Any]:
    """`navigation` is called only by pages with a frame. A view that passes its own `at` overrides this one."""
    user = getattr(request, "user", AnonymousUser())  # a refused host never reaches the middleware that sets it
    theme, at = request.COOKIES.get("theme", ""), clock.now()
    return {
        "navigation": partial(navigation.sections, user=user, path=request.path, at=at),
        "theme": theme if theme in THEMES else "",
        "at": at,
    }
