"""What a case does when something it was decided on changes: part of what is asked, so part of what is approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from exceptions_app.models import ExceptionCase, Kind, Response, Trigger

CHANGES = tuple(trigger for trigger in Trigger if trigger != Trigger.CADENCE)
REPORTED = (
    Trigger.INCIDENT_LINKED,
    Trigger.FIX_AVAILABLE,
    Trigger.TICKET_CLOSED,
    Trigger.CREDENTIAL_ROTATED,
    Trigger.CODE_CHANGED,
    Trigger.VENDOR_CHANGED,
)
"""What a person may say has happened; the rest Stopgap sees by itself."""
_REVIEWED: dict[Trigger, Response] = dict.fromkeys(CHANGES, Response.REVIEW)
DEFAULTS: Mapping[str, Mapping[Trigger, Response]] = {
    Kind.PLANNED: _REVIEWED | {Trigger.INCIDENT_LINKED: Response.SUSPEND},
    Kind.RETROSPECTIVE: _REVIEWED | {Trigger.INCIDENT_LINKED: Response.SUSPEND, Trigger.FIX_AVAILABLE: Response.END},
    Kind.BREAK_GLASS: _REVIEWED | {Trigger.TICKET_CLOSED: Response.END, Trigger.FIX_AVAILABLE: Response.END},
}
"""By kind of case. What exists already, and what opened a door in an emergency, ends where a mend is at hand."""


def responses(case: ExceptionCase) -> dict[Trigger, Response]:
    """What the case does at each change; where it does not say, what its kind does."""
    said = {Trigger(name): Response(does) for name, does in case.on_change.items() if not _unknown(name, does)}
    return {**DEFAULTS[case.kind], **said}


def kept(said: Mapping[Trigger, Response]) -> dict[str, str]:
    """As a case keeps it: plain words, in the order of the triggers."""
    return {trigger.value: said[trigger].value for trigger in CHANGES if trigger in said}


def differing(case: ExceptionCase) -> dict[Trigger, Response]:
    """Where the case asks for something else than its kind does."""
    usual = DEFAULTS[case.kind]
    return {trigger: does for trigger, does in responses(case).items() if does != usual[trigger]}


def problems(said: Mapping[str, str]) -> Iterator[str]:
    """Why these are no responses one could hold to, as sentences."""
    if any(_unknown(name, does) for name, does in said.items()):
        yield _("Choose for each change what is done then.")
    elif set(CHANGES) <= {*said} and set(said.values()) == {Response.NOTHING}:
        yield _("Say of one change at least what is done then: an exception that nothing can end is not temporary.")


def _unknown(name: str, does: str) -> bool:
    return name not in CHANGES or does not in Response.values
