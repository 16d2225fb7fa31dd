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
from exceptions_app.laws import LAWS
from exceptions_app.models import Watch

EVERY = timedelta(minutes=15)
AT_ONCE = timedelta(seconds=50)
"""So long one run goes on: beat begins another a minute later, and what hangs for ten seconds holds up nothing else."""


def run(*, now: Callable[[], datetime]) -> int:
    """Ask the addresses that are due, one after the other; answers how many. `now` is read anew for each."""
    began_at, asked = now(), 0
    while now() - began_at < AT_ONCE and (watch := _next(now())) is not None:
        problem = probe(watch)
        services.note(watch=watch, at=now(), problem=problem)
        asked += 1
    return asked


def _next(at: datetime) -> Watch | None:
    """The one that waited longest, claimed: nobody else asks it this time."""
    due = Watch.objects.filter(next_at__lte=at, safeguard__case__state__in=LAWS["watch"].states)
    while (watch := due.select_related("safeguard").order_by("next_at", "pk").first()) is not None:
        if Watch.objects.filter(pk=watch.pk, next_at=watch.next_at).update(next_at=at + EVERY):
            return watch
    return None


def probe(watch: Watch) -> str:
    """Ask once; answers what is not as expected, as a sentence, and "" where all is."""
    try:
        answer = outgoing.get(watch.url, reads=bool(watch.pointer))
    except outgoing.NotPossible as refusal:
        return str(refusal)
    if answer.status != watch.expected_status:
        words = {"status": answer.words, "expected": watch.expected_status}
        return _("It answered %(status)s instead of %(expected)s.") % words
    return _value_problem(answer.body, watch) if watch.pointer else ""


def _value_problem(body: bytes, watch: Watch) -> str:
    try:
        found = jsonpointer.resolve_pointer(json.loads(body), watch.pointer)
    except (ValueError, RecursionError):
        return _("Its answer is no JSON.")
    except jsonpointer.JsonPointerException:
        return _("Its answer has nothing at %(pointer)s.") % {"pointer": watch.pointer}
    wanted = _meant(watch.expected)
    if type(found) is type(wanted) and found == wanted:  # in Python 1 is true
        return ""
    words = {"pointer": watch.pointer, "expected": watch.expected}
    return _("What its answer has at %(pointer)s is not %(expected)s.") % words


def _meant(expected: str) -> Any:
    """A value written as JSON, or else as the text it is."""
    try:
        return json.loads(expected)
    except ValueError:
        return expected
