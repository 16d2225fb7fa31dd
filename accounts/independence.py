"""Who owes what to whom: where two people have to say yes, one of them must not be made by the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import User

_MEANS = ("email", "is_programme_manager", "is_active")
"""What makes an account able to act for a programme manager: where its mails go, its role, and that it is open."""


def commands(person: User, other: User) -> bool:
    """Whether this person made the other's account what it is, or one that did: created it, or gave it its address,
    role or return.
    """
    return person.pk in makers({other.pk})


def makers(keys: set[int]) -> set[int]:
    """Keys of those who made these accounts what they are, of those who made theirs, and so on."""
    found: set[int] = set()
    waiting = set(keys)
    while waiting:
        hands = set().union(*(_hands(key) for key in waiting))
        waiting = hands - found
        found |= hands
    return found


def openers(key: int, since: datetime) -> set[int]:
    """Keys of those who created this account since then (UTC), or gave it its address or its return."""
    rows = User.history.filter(id=key).order_by("-history_id")
    found = list(rows.values_list("email", "is_active", "history_user", "history_date"))
    hands = {_hand((row[place], row[2:]) for row in found) for place in (0, 1)}
    return {by for by, at in filter(None, hands) if by is not None and at >= since} - {key}


def _hands(key: int) -> set[int]:
    found = list(User.history.filter(id=key).order_by("-history_id").values("history_user", *_MEANS))
    hands = {found[-1]["history_user"]} if found else set()
    hands |= {_hand((row[name], row["history_user"]) for row in found) for name in _MEANS}
    return hands - {None, key}


def giver(history: Any, key: int, column: str, value: int, since: datetime) -> int | None:
    """Key of the person who gave the row its present value since then (UTC); None where that was before, or nobody.

    `history` is the manager of the model's versions.
    """
    rows = history.filter(id=key).order_by("-history_id").values_list(column, "history_user", "history_date")
    found = [(row, (by, at)) for row, by, at in rows]
    by, at = _hand(found) or (None, None)
    return by if found and found[0][0] == value and at is not None and at >= since else None


def _hand(versions: Iterable[tuple[Any, Any]]) -> Any:
    """Of versions with the newest first: what is noted with the one that brought the value which the newest has."""
    newest = hand = None
    for place, (value, noted) in enumerate(versions):
        if place == 0:
            newest = value
        if value != newest:
            break
        hand = noted
    return hand
