"""The three lists of people, one beside the other."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

LISTS = (("people", _("People")), ("teams", _("Teams")), ("approver_groups", _("Approver groups")))


def tabs(here: str) -> list[dict[str, Any]]:
    """For components/tabs.html."""
    return [{"label": label, "href": reverse(name), "current": name == here, "count": None} for name, label in LISTS]
