"""A case's facts in a table, a column each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.register.columns import Line
from portal.templatetags import look, times

register = template.Library()


@register.simple_tag(takes_context=True)
def cell(context: Context, one: dict[str, Any], line: Line) -> SafeString | str:
    """What a column (its name, and the column) tells of a line: as the rest of the portal draws it, else as text."""
    drawn = DRAWN.get(one["name"])
    return drawn(context, line) if drawn else str(one["column"].value(line) or "–")


def _in_force(context: Context, line: Line) -> SafeString:
    word, look = (_("Yes"), "strong") if line.in_force else (_("No"), "muted")
    return format_html('<span class="{}">{}</span>', look, word)


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
