"""A limit of time for all of a request together, however many pieces it comes in."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class Deadline:
    """An instant on this machine's steady clock."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when none are."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def within(self, ask: Callable[[], T]) -> T:
        """What `ask` answers or raises, for what cannot be told to hurry: the look-up of a name has no time limit.

        Raises TimeoutError. What was asked then ends by itself, and nobody hears of it.
        """
        answers: list[T] = []
        errors: list[Exception] = []

        def work() -> None:
            try:
                answers.append(ask())
            except Exception as error:  # noqa: BLE001 - raised again where it was asked
                errors.append(error)

        worker = Thread(target=work, daemon=True)
        worker.start()
        worker.join(self.left())
        if errors:
            raise errors[0]
        if not answers:
            raise TimeoutError
        return answers[0]
