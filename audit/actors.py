"""Says who did what an event records, by kind and pseudonym, never by name."""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

Kind = Literal["person", "clock", "system", "token"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WITH_ID: tuple[Kind, ...] = ("person", "token")


@dataclass(frozen=True)
class Actor:
    """`id` is a pseudonym: a person and a token have one, the clock and the system have none."""

    kind: Kind
    id: UUID | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"An actor is one of {', '.join(KINDS)}, not {self.kind!r}.")
        if (self.id is not None) != (self.kind in WITH_ID):
            raise ValueError(
                f"An actor of kind {self.kind} {'needs a' if self.kind in WITH_ID else 'has no'} pseudonym."
            )


CLOCK = Actor("clock")
SYSTEM = Actor("system")
