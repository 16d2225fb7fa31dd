"""The places of the portal and who may use them. What a role cannot use is not shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import may_run_catalog
from exceptions_app.queries.queue import COUNTED, queue_count
from exceptions_app.queries.roles import Roles, roles_of
from portal.people.guards import may_read_people
from workflows.inbox import unread_count

Words: TypeAlias = "str | Promise"
NOTHING: Mapping[str, Callable[[], int]] = {}


@dataclass(frozen=True)
class Place:
    name: str
    label: Words
    icon: str
    may: Callable[[User], bool]
    key: str = ""  # typed after g
    count: Callable[[User, datetime], int] | None = None  # what waits there
    role: Callable[[Roles], bool] | None = None  # what besides `may` one has to be to others' exceptions


@dataclass(frozen=True)
class Item:
    label: Words
    icon: str
    url: str
    key: str
    current: bool
    count: str = ""


@dataclass(frozen=True)
class Section:
    label: Words
    items: list[Item]


def everyone(user: User) -> bool:
    return True


def programme_manager(user: User) -> bool:
    return user.is_programme_manager


def overseer(user: User) -> bool:
    return user.is_auditor or user.is_programme_manager


PLACES: tuple[tuple[Words, tuple[Place, ...]], ...] = (
    (
        "",
        (
            Place("home", _("Home"), "home", everyone, "h"),
            Place("inbox", _("Inbox"), "mail", everyone, "n", unread_count),
            Place("queue", _("Queue"), "queue", everyone, "q", queue_count, role=lambda roles: roles.may_be_asked),
            Place("register", _("Register"), "list", everyone, "r"),
            Place("safeguards", _("Safeguards"), "shield", everyone, "k"),
            Place("reviews", _("Reviews"), "eye", everyone, "o"),
            Place("orphans", _("Without an owner"), "user", everyone, "u", role=lambda roles: roles.reads_orphans),
            Place("waivers", _("Waivers"), "file", everyone, "w"),
            Place("history", _("History"), "history", overseer, "y"),
        ),
    ),
    (
        _("Catalog"),
        (
            Place("controls", _("Controls"), "shield", everyone, "c"),
            Place("identities", _("Identities"), "key", everyone, "i"),
            Place("systems", _("Systems"), "server", everyone, "s"),
            Place("vendors", _("Vendors"), "people", everyone, "v"),
            Place("frameworks", _("Frameworks"), "chart", everyone, "f"),
            Place("imports", _("Imports"), "file", may_run_catalog, "m"),
            Place("rules", _("Approval rules"), "seal", overseer, "a"),
            Place("people", _("People"), "people", may_read_people, "p"),
        ),
    ),
    (
        _("Running"),
        (
            Place("figures", _("How we decide"), "chart", overseer, "d"),
            Place("effects", _("Effects"), "bolt", overseer, "e"),
        ),
    ),
)


def sections(
    *, user: User | AnonymousUser, path: str, at: datetime, counted: Mapping[str, Callable[[], int]] = NOTHING
) -> list[Section]:
    """Groups of places open to this person; the one whose address begins `path` is current.

    `counted` says of places, by name, what waits there, where the page knows it already.
    """
    if not isinstance(user, User):
        return []
    roles = roles_of(user)
    built = [
        Section(
            label,
            [
                _item(place, path, _waiting(place, user, at, counted))
                for place in places
                if _url(place) and place.may(user) and (place.role is None or place.role(roles))
            ],
        )
        for label, places in PLACES
    ]
    return [section for section in built if section.items]


def _item(place: Place, path: str, count: int) -> Item:
    url = _url(place)
    current = path == url or (url != "/" and path.startswith(url) and not path.startswith(reverse("exception_new")))
    told = f"{COUNTED}+" if count > COUNTED else str(count or "")
    return Item(place.label, place.icon, url, place.key, current, told)


def _waiting(place: Place, user: User, at: datetime, counted: Mapping[str, Callable[[], int]]) -> int:
    if place.name in counted:
        return counted[place.name]()
    return place.count(user, at) if place.count else 0


def _url(place: Place) -> str:
    try:
        return reverse(place.name)
    except NoReverseMatch:
        return ""
