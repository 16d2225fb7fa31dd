"""What every teller is made of: the shape of what is said, and the words that recur."""

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
from django.utils.translation import ngettext

from accounts.models import User
from catalog.models import Tier
from portal import words

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What somebody did, as words that follow their name, and what they wrote about it."""

    title: str
    text: str = ""


@dataclass(frozen=True)
class Teller:
    tone: str
    icon: str
    say: Callable[[Body, Mapping[UUID, User]], Said]


def plain(title: Promise) -> Callable[[Body, Mapping[UUID, User]], Said]:
    return lambda body, people: Said(str(title), body.get("reason", ""))


def voided(body: Body) -> str:
    count = body.get("voided_decisions") or 0
    text = ngettext("%(n)d earlier decision no longer counts.", "%(n)d earlier decisions no longer count.", count)
    return text % {"n": count} if count else ""


def span(body: Body) -> str:
    if "from_at" not in body or "until_at" not in body:
        return ""
    return _("From %(start)s until %(end)s.") % {"start": exact(body["from_at"]), "end": exact(body["until_at"])}


def until(body: Body, name: str) -> str:
    return _("To be decided by %(end)s.") % {"end": exact(body[name])} if body.get(name) else ""


def instant(body: Body, name: str) -> str:
    """An instant that the event names, in words; "" where it names none."""
    return exact(body[name]) if body.get(name) else ""


def exact(text: str) -> str:
    return date_format(localtime(datetime.fromisoformat(text)), "j M Y, H:i T")


def tier(value: int | None) -> str:
    return str(Tier(value).label) if value else _("unrated")


def named(pseudonyms: Sequence[str] | None, people: Mapping[UUID, User]) -> str:
    known = [str(people[key]) for key in map(UUID, pseudonyms or ()) if key in people]
    return words.joined(known) or _("someone unknown")
