"""Asking and deciding."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from exceptions_app.models import RejectionReason
from portal import words
from portal.case.tellers.base import Body, Said, exact, named, tier, until, voided


def edited(body: Body, people: Mapping[UUID, User]) -> Said:
    count = len(body.get("changed", ()))
    return Said(_("saved the draft") if count else _("saved the draft; nothing changed"))


def imported(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("imported it; nobody answered for it yet"), place(body))


def reimported(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("brought it to what its file says now"), place(body))


def place(body: Body) -> str:
    """The file and line a draft was read from."""
    if "file" not in body:
        return ""
    return _("%(file)s, line %(line)s") % {"file": body["file"], "line": body.get("line", "?")}


def asked(body: Body, people: Mapping[UUID, User]) -> Said:
    groups = [step["name"] for step in body.get("route", ())]
    if not groups:
        return Said(_("asked for approval"))
    return Said(_("asked %(groups)s for approval") % {"groups": words.joined(groups)}, until(body, "decide_by_at"))


def amended(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("changed the request"), voided(body))


def decided(body: Body, people: Mapping[UUID, User]) -> Said:
    text = body.get("statement", "")
    if body.get("verdict") == "changes":
        return Said(_("asked for changes"), text)
    if body.get("verdict") == "recuse":
        return Said(_("stepped aside"), text)
    if "step_name" not in body:
        return Said(_("answered a step"))
    place = {"k": body.get("step"), "name": body["step_name"], "role": body.get("capacity")}
    takes_back = bool(body.get("narrowing")) and not body["narrowing"].get("as_left")
    if takes_back and body.get("on_behalf_of"):
        place["who"] = named(body["on_behalf_of"], people)
        said = _("approved less than was asked in step %(k)s, %(name)s, on behalf of %(who)s")
        return Said(said % place, text)
    if takes_back:
        return Said(_("approved less than was asked in step %(k)s, %(name)s, as %(role)s") % place, text)
    if body.get("on_behalf_of"):
        place["who"] = named(body["on_behalf_of"], people)
        return Said(_("approved step %(k)s, %(name)s, on behalf of %(who)s") % place, text)
    if place["role"] == place["name"]:
        return Said(_("approved step %(k)s as %(name)s") % place, text)
    if body.get("by_fallback") or body.get("by_lead"):
        return Said(_("approved step %(k)s in place of %(name)s, as %(role)s") % place, text)
    return Said(_("approved step %(k)s, %(name)s, as %(role)s") % place, text)


def approved(body: Body, people: Mapping[UUID, User]) -> Said:
    seconds = body.get("term_seconds")
    if seconds is None:
        return Said(_("met the last step"))
    if body.get("is_narrowed"):
        return Said(
            _("met the last step: approved for %(term)s, less than was asked") % {"term": words.duration(seconds)}
        )
    return Said(_("met the last step: approved for %(term)s") % {"term": words.duration(seconds)})


def reopened(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("reason") == "risk_tier_rose":
        tiers = {"before": tier(body.get("from_tier")), "after": tier(body.get("to_tier"))}
        return Said(_("asked again: the risk rose from %(before)s to %(after)s") % tiers, voided(body))
    if body.get("reason") == "became_a_renewal":
        return Said(_("asked again: it has become a renewal, as another was in force meanwhile"), voided(body))
    if body.get("reason") == "approver_lost_eligibility":
        return Said(_("asked again: who approved may no longer decide this"), voided(body))
    return Said(_("asked again"), voided(body))


def facts(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("noted that the facts shown with the request have changed"), voided(body))


def rejected(body: Body, people: Mapping[UUID, User]) -> Said:
    preset = body.get("preset")
    text = "\n".join(filter(None, [f"{RejectionReason(preset).label}." if preset else "", body.get("statement", "")]))
    return Said(_("rejected it"), text)


def step_began(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("asked the next step, %(name)s") % {"name": body.get("step_name", "?")}, until(body, "decide_by_at"))


def escalated(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("kind") == "too_few":
        said = _("found nobody to decide in place of those who are asked")
        if body.get("people"):
            said = _("let others decide for those who are asked: %(who)s") % {"who": named(body["people"], people)}
        return Said(said, _("Too few of them are left."))
    to_lead = body.get("kind") == "to_lead"
    if not body.get("people"):
        missing = _("found no lead who may decide it") if to_lead else _("found nobody of the fallback group who may")
        return Said(missing)
    who = {"who": named(body["people"], people)}
    said = _("let the lead decide as well: %(who)s") if to_lead else _("let the fallback group decide as well: %(who)s")
    return Said(said % who, _("Three quarters of the time had gone.") if to_lead else _("An eighth was left."))


def taken(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("is at it"), _("Until %(end)s.") % {"end": exact(body["until_at"])} if body.get("until_at") else "")


def nudged(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("asked the approvers to look at it"))


def raised(body: Body, people: Mapping[UUID, User]) -> Said:
    tiers = {"before": tier(body.get("from_tier")), "after": tier(body.get("to_tier"))}
    text = "\n".join(filter(None, [body.get("reason", ""), voided(body)]))
    return Said(_("raised the risk from %(before)s to %(after)s") % tiers if body else _("raised the risk"), text)


def commented(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("told"):
        return Said(_("wrote to %(who)s") % {"who": named(body["told"], people)}, body.get("text", ""))
    return Said(_("wrote"), body.get("text", ""))


def lapsed(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("from_state") == "approved":
        return Said(_("let it lapse: it did not start in time"))
    return Said(_("let it lapse: it was not decided in time"))
