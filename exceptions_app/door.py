"""The one door: governed rows are written only while a service holds it open (DESIGN, promise 2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_held_open: ContextVar[bool] = ContextVar("exceptions_app_door", default=False)


class SecondDoor(RuntimeError):
    """Raised when anything but `exceptions_app.services` writes a governed row or calls a transition."""


@contextmanager
def opened() -> Iterator[None]:
    """Let governed writes through for the length of the block. Only services may import this."""
    token = _held_open.set(True)
    try:
        yield
    finally:
        _held_open.reset(token)


def check(what: str) -> None:
    """Raise SecondDoor unless a service holds the door open."""
    if not _held_open.get():
        raise SecondDoor(f"{what} goes through exceptions_app.services and nowhere else.")
