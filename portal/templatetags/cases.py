"""A case's facts in a table, a column each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from exceptions_app.models import Decision, ExceptionCase, Grant
from exceptions_app.narrowing import Narrowing
from exceptions_app.queries.case import Story
from portal import words
from portal.case import ends, ownership, reacting, wording
from portal.case.approving import phrases
from portal.register.columns import Line
from portal.templatetags import look, times

register = template.Library()
MOST_NAMED = 4
METHODS = {
    "password": gettext_lazy("password"),
    "mfa totp": gettext_lazy("a code from an app"),
    "mfa webauthn": gettext_lazy("passkey"),
    "mfa recovery_codes": gettext_lazy("a recovery code"),
    "socialaccount": gettext_lazy("the company's sign-in"),
}


@register.simple_tag(takes_context=True)
def cell(context: Context, one: dict[str, Any], line: Line) -> SafeString | str:
    """What a column (its name, and the column) tells of a line: as the rest of the portal draws it, else as text."""
    drawn = DRAWN.get(one["name"])
    return drawn(context, line) if drawn else str(one["column"].value(line) or "–")


@register.simple_tag
def demands(case: ExceptionCase) -> str:
    """What the case's control demands of its exceptions at the case's risk."""
    return wording.demands(case)


@register.simple_tag(takes_context=True)
def ends_between(context: Context, case: ExceptionCase) -> SafeString | str:
    """The ends that the start of a case leaves open. Needs `at` in the context."""
    return ends.between(case, context["at"])


@register.simple_tag(takes_context=True)
def mended_late(context: Context, case: ExceptionCase) -> str:
    """By how much its cause is mended only after its end. Needs `at` in the context."""
    return ends.mended_late(case, context["at"])


@register.simple_tag
def took_back(answer: Decision, grants: Sequence[Grant]) -> list[str]:
    """What an approval took back of what was asked when it was given, a phrase each."""
    if answer.narrowing.get("as_left"):
        return [_("As the steps before left it")]
    return phrases(Narrowing.read(answer.narrowing), grants)


@register.simple_tag
def either(people: Sequence[User]) -> str:
    """One of these people, the first few by name; "" for nobody."""
    return words.named(people, most=MOST_NAMED, listed=words.either)


@register.simple_tag(takes_context=True)
def comes_with(context: Context, story: Story) -> list[str]:
    """What somebody takes over with a case. Needs `at` in the context."""
    return ownership.comes_with(story, context["at"])


@register.simple_tag
def on_change(case: ExceptionCase) -> list[str]:
    """What the case does when something changes, a sentence each."""
    return reacting.told(case)


@register.simple_tag
def signed_in_by(answer: Decision) -> str:
    """How the person had signed in: by the last second factor, else by the last proof."""
    proofs = answer.sign_in["proofs"]
    last = next((one for one in reversed(proofs) if one["method"].startswith("mfa")), proofs[-1])
    when = date_format(localtime(datetime.fromisoformat(last["at"])), "j M Y, H:i T")
    return _("Signed in by %(how)s, %(when)s") % {"how": METHODS.get(last["method"], last["method"]), "when": when}


def _in_force(context: Context, line: Line) -> SafeString:
    word, look = (_("Yes"), "strong") if line.in_force else (_("No"), "muted")
    said = format_html('<span class="{}">{}</span>', look, word)
    if line.falls_at is None:
        return said
    until = format_html(_("only until {when} as it stands"), when=times.when(context, line.falls_at, "date"))
    return format_html('{} <span class="under">{}</span>', said, until)


def _ends(context: Context, line: Line) -> SafeString:
    return render_to_string("portal/register/end.html", {"case": line.case, "at": context["at"]})


DRAWN: dict[str, Callable[[Context, Line], SafeString | str]] = {
    "state": lambda context, line: look.standing(context, line.case),
    "risk": lambda context, line: look.risk(line.case.risk_tier),
    "owner": lambda context, line: look.person(line.case.owner),
    "backup_owner": lambda context, line: look.person(line.case.backup_owner),
    "requester": lambda context, line: look.person(line.case.requester),
    "filed": lambda context, line: times.when(context, line.case.created_at, "date"),
    "activated": lambda context, line: times.when(context, line.case.activated_at, "date"),
    "ended": lambda context, line: times.when(context, line.case.ended_at, "date"),
    "ends": _ends,
    "in_force": _in_force,
}
