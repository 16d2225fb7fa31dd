"""The pages of a profile, one beside the other."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

PAGES = (
    ("profile", _("Profile")),
    ("profile_signing_in", _("Signing in")),
    ("profile_mails", _("Mails")),
    ("profile_calendar", _("Calendar")),
    ("profile_away", _("Out of office")),
)


def tabs(here: str) -> list[dict[str, Any]]:
    """For components/tabs.html."""
    return [{"label": label, "href": reverse(name), "current": name == here, "count": None} for name, label in PAGES]
