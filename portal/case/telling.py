"""Each kind of event as a sentence a reader understands. An event whose payload was erased still says what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import Event
from exceptions_app.queries.case import Timeline
from portal.case.tellers import TELLERS, Body, Said, Teller
from portal.verbs import NOUNS, VERBS


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. `who` is a person, or the word the look knows an actor by."""

    event: Event
    tone: str
    icon: str
    title: str
    text: str
    who: User | str
    is_erased: bool


def entries(timeline: Timeline) -> list[Entry]:
    """The timeline's events in words, in their order."""
    return [entry(event, timeline.people) for event in timeline.events]


def entry(event: Event, people: Mapping[UUID, User]) -> Entry:
    """One event in words. An unknown kind is told by its name."""
    body = event.body
    teller = TELLERS.get(event.kind) or _teller_elsewhere(event.kind)
    said = teller.say(body or {}, people)
    text = said.text if body is not None else _("What was written here has been erased.")
    who = actor(event, people, is_erased=body is None)
    return Entry(event, teller.tone, teller.icon, said.title, text, who, is_erased=body is None)


def _teller_elsewhere(kind: str) -> Teller:
    """What happened outside of cases: to the catalog, to people and groups."""
    noun, _point, ending = kind.partition(".")
    verb = VERBS.get(ending)
    if verb is None or noun not in NOUNS:
        return Teller("grey", "dot", lambda body, people: Said(kind))
    title = str(verb.said) % {"what": NOUNS[noun]}
    return Teller(verb.tone, verb.icon, lambda body, people: Said(title, _counts(body)))


def _counts(body: Body) -> str:
    """How much a framework's file did."""
    if not isinstance(body.get("added"), int) or not isinstance(body.get("changed"), int):
        return ""
    return _("%(added)d items added, %(changed)d changed") % {"added": body["added"], "changed": body["changed"]}


def actor(event: Event, people: Mapping[UUID, User], *, is_erased: bool) -> User | str:
    """Who did it: a person by pseudonym, else the clock, the system or a token."""
    if event.actor_kind != "person":
        return event.actor_kind
    if is_erased:
        return _("Erased")
    return people.get(event.actor_id, _("Unknown person")) if event.actor_id else _("Unknown person")
