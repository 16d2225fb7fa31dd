"""What follows a decision: force, safeguards, ownership, the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from exceptions_app.models import RemovalHow, VerifiedHow
from portal.case.tellers.base import Body, Said, instant, named, span


def activated(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("renews"):
        title = _("put it in force, taking over from %(reference)s") % {"reference": body["renews"]}
        return Said(title, span(body))
    return Said(_("put it in force"), span(body))


def suspended(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("reason") == "owner_left":
        return Said(_("suspended it: its owner left and nobody takes over"))
    if since := instant(body, "since"):
        return Said(_("found it out of force since %(when)s: suspended") % {"when": since}, body.get("reason", ""))
    return Said(_("suspended it"), body.get("reason", ""))


def resumed(body: Body, people: Mapping[UUID, User]) -> Said:
    return Said(_("let it resume"), body.get("statement", ""))


def ended(title: Promise) -> Callable[[Body, Mapping[UUID, User]], Said]:
    def say(body: Body, people: Mapping[UUID, User]) -> Said:
        owed = body.get("removal_owed") or 0
        count = ngettext("%(n)d grant has to be confirmed removed.", "%(n)d grants have to be confirmed removed.", owed)
        return Said(str(title), "\n".join(filter(None, [body.get("reason", ""), count % {"n": owed} if owed else ""])))

    return say


def superseded(body: Body, people: Mapping[UUID, User]) -> Said:
    said = ended(gettext_lazy("ended it"))(body, people)
    heir = {"reference": body.get("by", _("its renewal"))}
    return Said(_("ended it: %(reference)s has taken over") % heir, said.text)


def let_end(body: Body, people: Mapping[UUID, User]) -> Said:
    if body.get("taken_back"):
        return Said(_("took back that it is not to be renewed"))
    return Said(_("said that it is not to be renewed"))


def owner_changed(body: Body, people: Mapping[UUID, User]) -> Said:
    names = {
        "before": named(body.get("from_owner"), people),
        "after": named(body.get("to_owner"), people),
    }
    return Said(_("passed ownership from %(before)s to %(after)s") % names if body else _("passed ownership on"))


def ownership_offered(body: Body, people: Mapping[UUID, User]) -> Said:
    if "to_owner" not in body:
        return Said(_("asked somebody to own it"))
    return Said(_("asked %(person)s to own it") % {"person": named(body["to_owner"], people)}, body.get("reason", ""))


def ownership_withdrawn(body: Body, people: Mapping[UUID, User]) -> Said:
    if "to_owner" not in body:
        return Said(_("took back who was asked to own it"))
    return Said(_("no longer asks %(person)s to own it") % {"person": named(body["to_owner"], people)})


def verified(body: Body, people: Mapping[UUID, User]) -> Said:
    if "description" not in body:
        return Said(_("verified a safeguard"))
    holds = instant(body, "fresh_until_at")
    said = [body.get("statement", ""), _("Holds until %(when)s.") % {"when": holds} if holds else ""]
    return Said(_("verified: %(what)s") % {"what": body["description"]}, "\n".join(filter(None, said)))


def failed(body: Body, people: Mapping[UUID, User]) -> Said:
    if "description" not in body:
        return Said(_("said that a safeguard fails"))
    return Said(_("said that this fails: %(what)s") % {"what": body["description"]}, body.get("reason", ""))


def checked(body: Body, people: Mapping[UUID, User]) -> Said:
    if "description" not in body:
        return Said(_("verified a safeguard by itself"))
    holds = instant(body, "fresh_until_at")
    words = {"what": body["description"], "how": dict(VerifiedHow.choices).get(body.get("how", ""), "")}
    return Said(_("verified %(how)s: %(what)s") % words, _("Holds until %(when)s.") % {"when": holds} if holds else "")


def watched(body: Body, people: Mapping[UUID, User]) -> Said:
    if "description" not in body:
        return Said(_("set up an automatic check"))
    title = _("has this checked by a heartbeat: %(what)s")
    if body.get("how") == VerifiedHow.PROBE:
        title = _("has this checked by a probe: %(what)s")
    expects = [str(body.get(name) or "") for name in ("url", "status", "pointer", "expected")]
    return Said(title % {"what": body["description"]}, " ".join(filter(None, expects)))


def unwatched(body: Body, people: Mapping[UUID, User]) -> Said:
    if "description" not in body:
        return Said(_("ended an automatic check"))
    return Said(_("no longer has this checked by itself: %(what)s") % {"what": body["description"]})


def reliance(body: Body, people: Mapping[UUID, User]) -> Said:
    until = instant(body, "relied_until_at")
    if not until:
        return Said(_("changed until when it may be relied on"))
    words = {"when": until, "reference": body.get("because_of", "")}
    return Said(_("may be relied on until %(when)s, because of what changed for %(reference)s") % words)


def removed(body: Body, people: Mapping[UUID, User]) -> Said:
    if "resource" not in body:
        return Said(_("confirmed that access is gone"))
    how = dict(RemovalHow.choices).get(body.get("how", ""), "")
    said = "\n".join(filter(None, [f"{how}." if how else "", body.get("note", "")]))
    return Said(_("confirmed removed: %(what)s") % {"what": body["resource"]}, said)


def evidence(body: Body, people: Mapping[UUID, User]) -> Said:
    if "title" not in body:
        return Said(_("added evidence"))
    return Said(_("added evidence: %(title)s") % {"title": body["title"]})


def evidence_removed(body: Body, people: Mapping[UUID, User]) -> Said:
    if "title" not in body:
        return Said(_("removed evidence"))
    return Said(_("removed evidence: %(title)s") % {"title": body["title"]})


def reminder(body: Body, people: Mapping[UUID, User]) -> Said:
    sentences = {
        "end_30": _("reminded: 30 days to the end"),
        "end_14": _("reminded: 14 days to the end"),
        "end_7": _("reminded: 7 days to the end"),
        "end_1": _("reminded: one day to the end"),
        "half_time": _("reminded the approvers: half the time to decide is gone"),
        "removal": _("reminded: access is not confirmed gone"),
        "guard_due": _("reminded: a safeguard is to be verified"),
        "guard_stale": _("reminded: a safeguard was not verified in time"),
        "review_open": _("reminded: it is to be reviewed"),
        "review_half": _("reminded: nobody has reviewed it yet"),
        "review_lead": _("reminded, and the lead with them: nobody has reviewed it"),
        "review_last": _("reminded, and the fallback group with them: nobody has reviewed it"),
        "unused": _("asked its owner whether it is needed: no use on record for a third of its term"),
    }
    return Said(sentences.get(body.get("kind", ""), _("sent a reminder")))
