"""What is said of looking again: what changed, which review that opened, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from exceptions_app.models import Outcome, Response, Trigger
from portal.case.tellers.base import Body, Said, instant


def change_reported(body: Body, people: Mapping[UUID, User]) -> Said:
    if "trigger" not in body:
        return Said(_("said that something changed"))
    ignored = body.get("response") == Response.NOTHING
    said = [body.get("what", ""), _("It does not listen to this, so nothing was done.") if ignored else ""]
    return Said(_("said: %(what)s") % {"what": _change(body)}, "\n".join(filter(None, said)))


def opened(body: Body, people: Mapping[UUID, User]) -> Said:
    if "trigger" not in body:
        return Said(_("opened a review"))
    due = instant(body, "due_at")
    said = [body.get("why", ""), _("To be reviewed by %(when)s.") % {"when": due} if due else ""]
    return Said(_("noted a change: %(what)s") % {"what": _change(body)}, "\n".join(filter(None, said)))


def reviewed(body: Body, people: Mapping[UUID, User]) -> Said:
    if "outcome" not in body:
        return Said(_("reviewed it"))
    titles = {
        Outcome.KEEP: _("reviewed it: it stays as it is"),
        Outcome.NARROW: _("reviewed it and took away part of what it opens"),
        Outcome.SHORTEN: _("reviewed it: it ends sooner"),
        Outcome.RENEW: _("reviewed it: it stays, and is to be renewed"),
        Outcome.REVOKE: _("reviewed it: it is revoked"),
    }
    end = instant(body, "expires_at")
    said = [body.get("statement", ""), _("Ends %(when)s.") % {"when": end} if end else ""]
    return Said(titles[Outcome(body["outcome"])], "\n".join(filter(None, said)))


def shortened(body: Body, people: Mapping[UUID, User]) -> Said:
    end = instant(body, "expires_at")
    title = _("has it end sooner, %(when)s") % {"when": end} if end else _("has it end sooner")
    return Said(title, body.get("reason", ""))


def used(body: Body, people: Mapping[UUID, User]) -> Said:
    when = instant(body, "used_at")
    if not when:
        return Said(_("recorded a use"))
    apart = "" if body.get("was_in_force") else _("It was not in force then.")
    title = _("recorded a use on %(when)s") % {"when": when}
    return Said(title, "\n".join(filter(None, [body.get("what", ""), apart])))


def _change(body: Body) -> str:
    return str(Trigger(body["trigger"]).label)
