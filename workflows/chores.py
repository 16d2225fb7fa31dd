"""What an event causes that is no mail: rows brought up to date, words forgotten, messages to channels.

Each may run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from exceptions_app import services
from workflows import changes, channels, shortage
from workflows.models import Effect, Notice

PLACES = {
    "controls": "control__code",
    "identities": "identity__slug",
    "systems": "grants__system__slug",
    "vendors": "identity__vendor__slug",
}


def follow_names(effect: Effect, *, at: datetime) -> str:
    """Have the cases that name this entry of the catalog found by its new name."""
    _catalog, place, key = effect.event.stream.name.split("/", 2)
    services.follow_names(**{PLACES[place]: key})
    return ""


def forget_words(effect: Effect, *, at: datetime) -> str:
    """Take out of the inboxes what was said of the events this one erased: it may name whom they named."""
    Notice.objects.filter(effect__event__erasure__erased_by=effect.event).update(words="")
    return ""


CHORES: Mapping[str, Callable[..., str]] = {
    "follow_names": follow_names,
    "forget_words": forget_words,
    "look_again": shortage.look_again,
    "fire_changes": changes.fire,
    channels.ASK: channels.ask,
    channels.ESCALATE: channels.escalate,
    channels.TELL: channels.tell,
}
"""By name, as `workflows.reactions` has them; each answers why there was nothing to do, or ""."""
