"""What a file of exceptions says: each exception as a value, what is wrong with the file, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import Enum
from typing import Any


class ReasonFrom(Enum):
    """Where the reason of an exception was found."""

    FIELD = "field"
    OTHER_FIELD = "other field"  # one that the tool itself does not read
    COMMENT = "comment"
    PLACEHOLDER = "placeholder"  # the field holds words that say nothing
    NOWHERE = ""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One exception as its file tells it. `key` names it within the file and outlives other lines' changes.

    `excepted` is what is ignored, `places` where; `ends` a day or an instant (UTC), None only if the file gives none.
    """

    file: str
    line: int
    format: str
    key: str
    title: str
    verb: str
    excepted: tuple[str, ...]
    places: tuple[str, ...] = ()
    ends: date | datetime | None = None
    end_as_written: str = ""
    reason: str = ""
    reason_from: ReasonFrom = ReasonFrom.NOWHERE
    reason_as_written: str = ""
    comment: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    def last_day(self, zone: tzinfo) -> date | None:
        """The day it ends in the zone; the day as written where the file gives a day."""
        return self.ends.astimezone(zone).date() if isinstance(self.ends, datetime) else self.ends

    def is_past(self, at: datetime, zone: tzinfo) -> bool:
        """Whether its end has come by `at`; a day lasts until it is over in the zone."""
        if self.ends is None:
            return False
        if isinstance(self.ends, datetime):
            return self.ends <= at
        return self.ends < at.astimezone(zone).date()

    @property
    def gives_reason(self) -> bool:
        """Whether the field meant for it holds a reason."""
        return self.reason_from is ReasonFrom.FIELD


@dataclass(frozen=True)
class Problem:
    """One thing that could not be read. Line 0 is the file as a whole."""

    line: int
    sentence: str
    is_end: bool = False  # an expiry that is none


@dataclass
class Findings:
    """What reading one file came to. A refused file has problems and no waivers; an unrecognised one has no format.

    Of a table, `header` names its columns and `mapping` says how they were read, in the words of a mapping file.
    """

    file: str
    format: str = ""
    waivers: list[Waiver] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    refused: bool = False
    sha256: str = ""
    size: int = 0
    header: tuple[str, ...] = ()
    mapping: dict[str, Any] = field(default_factory=dict)

    def refuse(self, sentence: str, line: int = 0) -> None:
        """Take nothing of the file, for one reason."""
        self.refused = True
        self.waivers.clear()
        self.problems[:] = [Problem(line, sentence)]
