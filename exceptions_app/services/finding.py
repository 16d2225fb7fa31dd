"""What cases are found by, when it changes elsewhere. Nothing governed is written here: it follows, like an index."""

from __future__ import annotations

from exceptions_app import following
from exceptions_app.models import ExceptionCase


def follow_names(**naming: str) -> int:
    """Find the cases that name such a row of the catalog (`identity__slug="erp-sync"`) by its name of today.

    Answers how many they are. May run any number of times.
    """
    keys = set(ExceptionCase.objects.filter(**naming).order_by().values_list("pk", flat=True))
    following.follow_words(keys)
    return len(keys)


def rebuild_finding() -> int:
    """Make anew what every case is found by; answers how many they are."""
    return following.follow_all()
