"""Who owes what to whom: where two people have to say yes, one of them must not be made by the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    return _hands(key, ("email", "is_active"), since)


def _hands(key: int, names: Sequence[str] = _MEANS, since: datetime | None = None) -> set[int]:
    """Keys of those who created the account, or gave it what it has of these, since then."""
    rows = list(User.history.filter(id=key).order_by("-history_id").values("history_user", "history_date", *names))
    if not rows:
        return set()
    noted = [(row, (row["history_user"], row["history_date"])) for row in rows]
    found = {noted[-1][1], *(_hand((row[name], note) for row, note in noted) for name in names)}
    return {by for by, at in found if by not in {None, key} and (since is None or at >= since)}


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
