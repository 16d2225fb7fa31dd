"""What a verification finds, in sentences."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Difference:
    """Where the ledger is not what was recorded. A sequence of 0 means the stream, or the table, as a whole."""

    stream: str
    sequence: int
    what: str

    def __str__(self) -> str:
        if not self.sequence:
            return f"{self.stream}: {self.what}"
        return _("{stream}, event {sequence}: {what}").format(
            stream=self.stream, sequence=self.sequence, what=self.what
        )


@dataclass(frozen=True)
class Report:
    """How much was verified, and what differs, in the order it was met."""

    events: int
    streams: int
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.differences

    @property
    def first(self) -> Difference | None:
        return self.differences[0] if self.differences else None
