"""Each kind of event as a sentence a reader understands. An event whose payload was erased still says what it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from audit.models import Event
from catalog.models import Tier
from exceptions_app.models import RemovalHow
from exceptions_app.queries.case import Timeline
from portal import words
from portal.verbs import NOUNS, VERBS

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What somebody did, as words that follow their name, and what they wrote about it."""

    title: str
    text: str = ""


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


@dataclass(frozen=True)
class Teller:
    tone: str
    icon: str
    say: Callable[[Body, Mapping[UUID, User]], Said]


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


def _plain(title: Promise) -> Callable[[Body, Mapping[UUID, User]], Said]:
    return lambda body, people: Said(str(title), body.get("reason", ""))


def _edited(body: Body, people: Mapping[UUID, User]) -> Said:
    count = len(body.get("changed", ()))
    return Said(_("saved the draft") if count else _("saved the draft; nothing changed"))


def _imported(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("imported it; nobody answered for it yet"), _place(body))


def _reimported(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("brought it to what its file says now"), _place(body))


def _place(body: Body) -> str:
    """The file and line a draft was read from."""
    if "file" not in body:
        return ""
    return _("%(file)s, line %(line)s") % {"file": body["file"], "line": body.get("line", "?")}


def _asked(body: Body, people: Mapping[UUID, User]) -> Said:
    groups = [step["name"] for step in body.get("route", ())]
    if not groups:
        return Said(_("asked for approval"))
    return Said(_("asked %(groups)s for approval") % {"groups": _joined(groups)}, _until(body, "decide_by_at"))


def _amended(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("changed the request"), _voided(body))


def _decided(body: Body, people: Mapping[UUID, User]) -> Said:
    text = body.get("statement", "")
    if body.get("verdict") == "changes":
        return Said(_("asked for changes"), text)
    if "step_name" not in body:
        return Said(_("answered a step"))
    place = {"k": body.get("step"), "name": body["step_name"], "role": body.get("capacity")}
    if body.get("on_behalf_of"):
        place["who"] = _people(body["on_behalf_of"], people)
        return Said(_("approved step %(k)s, %(name)s, on behalf of %(who)s") % place, text)
    if place["role"] == place["name"]:
        return Said(_("approved step %(k)s as %(name)s") % place, text)
    if body.get("by_fallback") or body.get("by_lead"):
        return Said(_("approved step %(k)s in place of %(name)s, as %(role)s") % place, text)
    return Said(_("approved step %(k)s, %(name)s, as %(role)s") % place, text)


def _approved(body: Body, people: Mapping[UUID, User]) -> Said:
    seconds = body.get("term_seconds")
    if seconds is None:
        return Said(_("met the last step"))
    return Said(_("met the last step: approved for %(term)s") % {"term": words.duration(seconds)})


def _reopened(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("reason") == "risk_tier_rose":
        tiers = {"before": _tier(body.get("from_tier")), "after": _tier(body.get("to_tier"))}
        return Said(_("asked again: the risk rose from %(before)s to %(after)s") % tiers, _voided(body))
    if body.get("reason") == "approver_lost_eligibility":
        return Said(_("asked again: who approved may no longer decide this"), _voided(body))
    return Said(_("asked again"), _voided(body))


def _facts(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("answered to new facts: the catalog changed beside the request"), _voided(body))


def _rejected(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("rejected it"), body.get("statement", ""))


def _lapsed(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("from_state") == "approved":
        return Said(_("let it lapse: it did not start in time"))
    return Said(_("let it lapse: it was not decided in time"))


def _activated(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("renews"):
        title = _("put it in force, taking over from %(reference)s") % {"reference": body["renews"]}
        return Said(title, _span(body))
    return Said(_("put it in force"), _span(body))


def _suspended(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("reason") == "owner_left":
        return Said(_("suspended it: its owner left and nobody takes over"))
    return Said(_("suspended it"), body.get("reason", ""))


def _resumed(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("let it resume"), body.get("statement", ""))


def _ended(title: Promise) -> Callable[[Body, Mapping[UUID, User]], Said]:
    def say(body: Body, people: Mapping[UUID, User]) -> Said:
        owed = body.get("removal_owed") or 0
        count = ngettext("%(n)d grant has to be confirmed removed.", "%(n)d grants have to be confirmed removed.", owed)
        return Said(str(title), "\n".join(filter(None, [body.get("reason", ""), count % {"n": owed} if owed else ""])))

    return say


def _superseded(body: Body, people: Mapping[UUID, User]) -> Said:
    said = _ended(gettext_lazy("ended it"))(body, people)
    heir = {"reference": body.get("by", _("its renewal"))}
    return Said(_("ended it: %(reference)s has taken over") % heir, said.text)


def _owner_changed(body: Body, people: Mapping[UUID, User]) -> Said:
    names = {"before": _people(body.get("from_owner"), people), "after": _people(body.get("to_owner"), people)}
    return Said(_("passed ownership from %(before)s to %(after)s") % names if body else _("passed ownership on"))


def _ownership_offered(body: Body, people: Mapping[UUID, User]) -> Said:
    if "to_owner" not in body:
        return Said(_("asked somebody to own it"))
    return Said(_("asked %(person)s to own it") % {"person": _people(body["to_owner"], people)}, body.get("reason", ""))


def _ownership_withdrawn(body: Body, people: Mapping[UUID, User]) -> Said:
    if "to_owner" not in body:
        return Said(_("took back who was asked to own it"))
    return Said(_("no longer asks %(person)s to own it") % {"person": _people(body["to_owner"], people)})


def _verified(body: Body, people: Mapping[UUID, User]) -> Said:
    if "description" not in body:
        return Said(_("verified a safeguard"))
    return Said(_("verified: %(what)s") % {"what": body["description"]}, body.get("statement", ""))


def _removed(body: Body, people: Mapping[UUID, User]) -> Said:
    if "resource" not in body:
        return Said(_("confirmed that access is gone"))
    how = dict(RemovalHow.choices).get(body.get("how", ""), "")
    said = "\n".join(filter(None, [f"{how}." if how else "", body.get("note", "")]))
    return Said(_("confirmed removed: %(what)s") % {"what": body["resource"]}, said)


def _evidence(body: Body, people: Mapping[UUID, User]) -> Said:
    if "title" not in body:
        return Said(_("added evidence"))
    return Said(_("added evidence: %(title)s") % {"title": body["title"]})


def _evidence_removed(body: Body, people: Mapping[UUID, User]) -> Said:
    if "title" not in body:
        return Said(_("removed evidence"))
    return Said(_("removed evidence: %(title)s") % {"title": body["title"]})


def _reminder(body: Body, people: Mapping[UUID, User]) -> Said:
    sentences = {
        "end_30": _("reminded: 30 days to the end"),
        "end_14": _("reminded: 14 days to the end"),
        "end_7": _("reminded: 7 days to the end"),
        "end_1": _("reminded: one day to the end"),
        "half_time": _("reminded the approvers: half the time to decide is gone"),
        "removal": _("reminded: access is not confirmed gone"),
    }
    return Said(sentences.get(body.get("kind", ""), _("sent a reminder")))


def _voided(body: Body) -> str:
    count = body.get("voided_decisions") or 0
    text = ngettext("%(n)d earlier decision no longer counts.", "%(n)d earlier decisions no longer count.", count)
    return text % {"n": count} if count else ""


def _span(body: Body) -> str:
    if "from_at" not in body or "until_at" not in body:
        return ""
    return _("From %(start)s until %(end)s.") % {"start": _exact(body["from_at"]), "end": _exact(body["until_at"])}


def _until(body: Body, name: str) -> str:
    return _("To be decided by %(end)s.") % {"end": _exact(body[name])} if body.get(name) else ""


def _exact(text: str) -> str:
    return date_format(localtime(datetime.fromisoformat(text)), "j M Y, H:i T")


def _tier(value: int | None) -> str:
    return str(Tier(value).label) if value else _("unrated")


def _people(pseudonyms: Sequence[str] | None, people: Mapping[UUID, User]) -> str:
    known = [str(people[key]) for key in map(UUID, pseudonyms or ()) if key in people]
    return _joined(known) or _("someone unknown")


def _joined(items: Sequence[str]) -> str:
    return ", ".join(items[:-1]) + _(" and ") + items[-1] if len(items) > 1 else "".join(items)


TELLERS: dict[str, Teller] = {
    "case.drafted": Teller("grey", "pencil", _plain(gettext_lazy("opened the draft"))),
    "case.shared": Teller("grey", "people", _plain(gettext_lazy("asked the owner to complete it"))),
    "case.edited": Teller("grey", "pencil", _edited),
    "case.imported": Teller("grey", "file", _imported),
    "case.reimported": Teller("grey", "file", _reimported),
    "case.claimed": Teller("grey", "people", _plain(gettext_lazy("claimed it and answers for it from now on"))),
    "case.submitted": Teller("blue", "inbox", _asked),
    "case.resubmitted": Teller("blue", "inbox", _asked),
    "case.rerouted": Teller("blue", "inbox", _plain(gettext_lazy("routed it anew"))),
    "case.amended": Teller("blue", "pencil", _amended),
    "case.returned": Teller("grey", "back", lambda body, people: Said(_("sent it back to its requester as a draft"))),
    "case.withdrawn": Teller("outline", "back", _plain(gettext_lazy("withdrew it"))),
    "case.decided": Teller("violet", "seal", _decided),
    "case.approved": Teller("violet", "seal", _approved),
    "case.reopened": Teller("blue", "inbox", _reopened),
    "case.facts_changed": Teller("blue", "info", _facts),
    "case.rejected": Teller("rose", "cross", _rejected),
    "case.lapsed": Teller("slate", "clock", _lapsed),
    "case.activated": Teller("green", "dot", _activated),
    "case.warned": Teller("amber", "hourglass", _plain(gettext_lazy("warned that the end comes near"))),
    "case.suspended": Teller("orange", "pause", _suspended),
    "case.resumed": Teller("green", "dot", _resumed),
    "case.expired": Teller("slate", "check", _ended(gettext_lazy("ended it as agreed"))),
    "case.completed": Teller("slate", "check", _ended(gettext_lazy("ended it early"))),
    "case.superseded": Teller("slate", "check", _superseded),
    "case.revoked": Teller("red", "cut", _ended(gettext_lazy("revoked it"))),
    "case.owner_changed": Teller("grey", "user", _owner_changed),
    "ownership.offered": Teller("grey", "user", _ownership_offered),
    "ownership.withdrawn": Teller("grey", "user", _ownership_withdrawn),
    "ownership.declined": Teller("grey", "user", _plain(gettext_lazy("declined to own it"))),
    "safeguard.verified": Teller("green", "shield", _verified),
    "removal.owed": Teller("amber", "key", _plain(gettext_lazy("noted that access has to be removed"))),
    "removal.confirmed": Teller("green", "check", _removed),
    "backup.accepted": Teller("grey", "user", _plain(gettext_lazy("accepted being backup owner"))),
    "backup.declined": Teller("grey", "user", _plain(gettext_lazy("declined being backup owner"))),
    "evidence.added": Teller("grey", "file", _evidence),
    "evidence.removed": Teller("grey", "trash", _evidence_removed),
    "reminder.due": Teller("grey", "mail", _reminder),
}
"""Kinds of the case streams. What no teller knows is shown by its name, never left out."""
