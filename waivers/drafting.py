"""From an entry of a file to the words of a draft. What the product's fields cannot hold goes into the text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785
from django.utils.translation import gettext as _

from exceptions_app import scope
from exceptions_app.services import DraftContent, GrantContent
from waivers.formats import FORMATS, ReasonFrom, Waiver

LONGEST_TITLE, LONGEST_TEXT, LONGEST_TICKET = 160, 9_000, 120
MOST_GRANTS = 20
_TICKET = re.compile(r"https?://[^\s)\"'<>]+/(?:issues|pull|browse|merge_requests|-/issues)/[\w-]+")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")


def content(waiver: Waiver, zone: ZoneInfo) -> DraftContent:
    """The draft as its file tells it: no owner, control or identity. A past end is kept, so that it can be told."""
    last_day = waiver.last_day(zone)
    fields = {
        "title": _shortened(_title(waiver), LONGEST_TITLE),
        "blocked": _shortened(_blocked(waiver), LONGEST_TEXT),
        "justification": _shortened(_reason(waiver), LONGEST_TEXT),
        "end_on": last_day,
        "end_zone": str(zone) if last_day else "",
        "ticket_ref": _ticket(waiver),
    }
    return DraftContent(fields=fields, grants=list(_grants(waiver)))


def digest(waiver: Waiver) -> str:
    """SHA-256 of what the entry says, wherever in the file it stands."""
    ends = waiver.ends.isoformat() if waiver.ends else None
    said = {**vars(waiver), "ends": ends, "reason_from": waiver.reason_from.value}
    for name in ("file", "line"):
        del said[name]
    return hashlib.sha256(rfc8785.dumps(_plain(said))).hexdigest()


def facts(waiver: Waiver) -> dict[str, Any]:
    """What the entry says, for its source row: also what no field of a draft holds."""
    return {
        "verb": waiver.verb,
        "excepted": list(waiver.excepted),
        "places": list(waiver.places),
        "end": waiver.end_as_written,
        "reason": waiver.reason_as_written,
        "reason_from": waiver.reason_from.value,
        "comment": waiver.comment,
        **dict(waiver.facts),
    }


def source(waiver: Waiver) -> dict[str, Any]:
    """Where the entry stands, for the record's events."""
    return {"file": waiver.file, "line": waiver.line, "key": waiver.key, "format": waiver.format}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _title(waiver: Waiver) -> str:
    what = _several(waiver.excepted)
    titles = {
        "ignore": _("%(tool)s ignores %(what)s"),
        "ignore-misconfiguration": _("%(tool)s ignores the misconfiguration %(what)s"),
        "ignore-secret": _("%(tool)s ignores the secret %(what)s"),
        "ignore-package": _("%(tool)s ignores all of %(what)s"),
        "allow-license": _("%(tool)s allows the licence %(what)s"),
        "skip-policy": _("%(tool)s exempts from %(what)s"),
        "exempt": _("%(tool)s exempts from %(what)s"),
    }
    words = titles.get(waiver.verb, "%(tool)s: %(what)s") % {"tool": _tool(waiver), "what": what}
    if waiver.title and waiver.title not in words:
        return f"{waiver.title}: {words}"
    return f"{words} · {waiver.places[0]}" if waiver.places else words


def _blocked(waiver: Waiver) -> str:
    return "\n".join(_blocked_lines(waiver))


def _blocked_lines(waiver: Waiver) -> Iterator[str]:
    yield _("%(tool)s would report or refuse: %(what)s.") % {"tool": _tool(waiver), "what": ", ".join(waiver.excepted)}
    if waiver.places:
        yield _("Where: %(places)s.") % {"places": "; ".join(waiver.places)}
    yield _("Read from %(file)s, line %(line)d.") % {"file": waiver.file, "line": waiver.line}
    if waiver.end_as_written:
        yield _("The end written there: %(end)s.") % {"end": waiver.end_as_written}
    if waiver.reason_from is ReasonFrom.PLACEHOLDER or (waiver.reason_as_written and not waiver.gives_reason):
        yield _("The reason written there says nothing: “%(reason)s”.") % {"reason": waiver.reason_as_written}
    if waiver.comment and waiver.reason_from is not ReasonFrom.COMMENT:
        yield _("The comment beside it: %(comment)s") % {"comment": waiver.comment}
    for name, text in waiver.facts:
        yield f"{name}: {text}"


def _reason(waiver: Waiver) -> str:
    if waiver.reason_from is ReasonFrom.COMMENT:
        return _("From the comment beside the entry: %(reason)s") % {"reason": waiver.reason}
    return waiver.reason


def _grants(waiver: Waiver) -> Iterator[GrantContent]:
    """One for each thing excepted and each place that the scope grammar can say; the others stay words."""
    told = [place for place in waiver.places if _fits(place)]
    words = [place for place in waiver.places if place not in told]
    if len(told) * len(waiver.excepted) > MOST_GRANTS:
        told, words = [], list(waiver.places)
    named = waiver.excepted[:MOST_GRANTS]
    for what in named:
        for place in told:
            yield _grant(waiver, f"{what}/{place.lstrip('/')}", "")
        if words or not told:
            yield _grant(waiver, what, "; ".join(words))
    rest = waiver.excepted[MOST_GRANTS:]
    if rest:
        yield _grant(waiver, "", _("Also: %(what)s") % {"what": ", ".join(rest)})


def _grant(waiver: Waiver, resource: str, places: str) -> GrantContent:
    if scope.problem(resource):
        places = "; ".join(filter(None, [resource, places]))
        resource = ""
    conditions = _("Only where: %(places)s") % {"places": places} if places else ""
    return GrantContent(None, (waiver.verb,), resource, conditions=_shortened(conditions, LONGEST_TEXT))


def _fits(place: str) -> bool:
    return scope.problem(f"x/{place.lstrip('/')}") is None


def _ticket(waiver: Waiver) -> str:
    found = _TICKET.search(f"{waiver.reason} {waiver.comment}")
    url = found[0] if found else ""
    return url if len(url) <= LONGEST_TICKET and not _CREDENTIALS.search(url) else ""


def _tool(waiver: Waiver) -> str:
    form = FORMATS.get(waiver.format)
    return form.label if form else _("The list")


def _several(texts: Iterable[str]) -> str:
    first, *others = texts
    return _("%(first)s and %(n)d more") % {"first": first, "n": len(others)} if others else first


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
