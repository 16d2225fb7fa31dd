"""Probes: asks addresses whether safeguards work, each again and again, outside any transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jsonpointer
from django.utils.translation import gettext as _

import outgoing
from exceptions_app import services
from exceptions_app.models import Watch
from exceptions_app.rules import LAWS

EVERY = timedelta(minutes=15)
AT_ONCE = 50
"""So many in one run, of ten seconds each at most; what is left is due a minute later."""


def run(*, now: Callable[[], datetime]) -> int:
    """Ask every address that is due; answers how many. `now` is read anew for each."""
    at = now()
    due = Watch.objects.filter(next_at__lte=at, safeguard__case__state__in=LAWS["watch"].states)
    asked = [watch for watch in due.order_by("next_at", "pk")[:AT_ONCE] if _claim(watch, at)]
    for watch in asked:
        problem = probe(watch)
        services.note(watch=watch, at=now(), problem=problem)
    return len(asked)


def probe(watch: Watch) -> str:
    """Ask once; answers what is not as expected, as a sentence, and "" where all is."""
    try:
        answer = outgoing.get(watch.url)
    except outgoing.NotPossible as refusal:
        return str(refusal)
    if answer.status != watch.expected_status:
        words = {"status": answer.words, "expected": watch.expected_status}
        return _("It answered %(status)s instead of %(expected)s.") % words
    return _value_problem(answer.body, watch) if watch.pointer else ""


def _claim(watch: Watch, at: datetime) -> bool:
    """Whether nobody else asks it this time."""
    return Watch.objects.filter(pk=watch.pk, next_at=watch.next_at).update(next_at=at + EVERY) == 1


def _value_problem(body: bytes, watch: Watch) -> str:
    try:
        found = jsonpointer.resolve_pointer(json.loads(body), watch.pointer)
    except (ValueError, RecursionError):
        return _("Its answer is no JSON.")
    except jsonpointer.JsonPointerException:
        return _("Its answer has nothing at %(pointer)s.") % {"pointer": watch.pointer}
    if found == _meant(watch.expected):
        return ""
    words = {"pointer": watch.pointer, "expected": watch.expected}
    return _("What its answer has at %(pointer)s is not %(expected)s.") % words


def _meant(expected: str) -> Any:
    """A value written as JSON, or else as the text it is."""
    try:
        return json.loads(expected)
    except ValueError:
        return expected
