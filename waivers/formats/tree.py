"""A parsed file with the line of everything in it and its comments, whatever its syntax; and the bounds for all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

LARGEST_FILE = 1024 * 1024
DEEPEST = 50
MOST_NODES = 100_000
MOST_ENTRIES = 5_000

Scalar = str | int | float | bool | None


class Unreadable(Exception):
    """The file as a whole cannot be read; `line` counts from 1, and is 0 where no line is to blame."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.line = sentence, line


class BadEntry(Exception):
    """One exception of the file cannot be read; the others can."""

    def __init__(self, sentence: str, line: int, *, is_end: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.line, self.is_end = sentence, line, is_end


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the lines it stands on, from 1. A member of a mapping begins where its key does."""

    line: int
    last_line: int
    value: Scalar | dict[str, Node] | list[Node]
    as_written: str = ""

    @property
    def members(self) -> dict[str, Node]:
        """The members of a mapping; raises BadEntry for anything else."""
        if isinstance(self.value, dict):
            return self.value
        raise BadEntry(_("A mapping is expected here, not %(what)s.") % {"what": self.kind}, self.line)

    @property
    def items(self) -> list[Node]:
        """The items of a list, none for an empty value; raises BadEntry for anything else."""
        if isinstance(self.value, list):
            return self.value
        if self.value is None:
            return []
        raise BadEntry(_("A list is expected here, not %(what)s.") % {"what": self.kind}, self.line)

    @property
    def text(self) -> str:
        """A single value as text, "" for an empty one; raises BadEntry for anything else."""
        if isinstance(self.value, dict | list):
            raise BadEntry(_("A single value is expected here, not %(what)s.") % {"what": self.kind}, self.line)
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value).strip()

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        if isinstance(self.value, dict):
            return _("a mapping")
        if isinstance(self.value, list):
            return _("a list")
        return _("nothing") if self.value is None else _("a single value")

    def get(self, *names: str) -> Node | None:
        """The member under these names, one below the other; None where one is missing."""
        node: Node | None = self
        for name in names:
            node = node.value.get(name) if node is not None and isinstance(node.value, dict) else None
        return node

    def texts(self) -> list[str]:
        """A single value or a list of them, as texts."""
        return [item.text for item in self.items] if isinstance(self.value, list) else [self.text] * bool(self.text)


@dataclass(frozen=True)
class Comment:
    """A comment and the column it begins in; `alone` if nothing else stands on its line."""

    text: str
    alone: bool
    column: int


@dataclass
class Comments:
    """The comments of a file by their line."""

    by_line: dict[int, Comment] = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)
    _shared: dict[int, str] = field(default_factory=dict)

    def add(self, line: int, text: str, *, alone: bool, column: int) -> None:
        before = self.by_line.get(line)
        if before is not None:
            text, alone, column = f"{before.text} {text}", before.alone, before.column
        self.by_line[line] = Comment(text, alone, column)

    def beside(self, first: int, last: int) -> str:
        """What stands beside an entry: in the lines right above it, and on its own. Ask for one after the other.

        Entries that follow each other without a gap share what stands above the first.
        """
        above = list(self._above(first - 1))
        told = _joined(above[::-1]) if above else self._shared.get(first - 1, "")
        own = [self.by_line[line].text for line in range(first, last + 1) if line in self.by_line]
        below = list(self._below(last))
        self._shared[last + len(below)] = told
        return " ".join(filter(None, [told, _joined([*own, *below])]))

    def _above(self, line: int) -> Iterator[str]:
        while line in self.by_line and self.by_line[line].alone and line not in self._taken:
            yield self.by_line[line].text
            line -= 1

    def _below(self, line: int) -> Iterator[str]:
        """The lines into which a comment behind the last one runs on: alone, and in its column."""
        behind = self.by_line.get(line)
        if behind is None or behind.alone:
            return
        while (below := self.by_line.get(line := line + 1)) and below.alone and below.column == behind.column:
            self._taken.add(line)
            yield below.text


@dataclass
class Document:
    """One file: its documents (most syntaxes have one), its comments, and what was passed over."""

    roots: list[Node]
    comments: Comments = field(default_factory=Comments)
    notes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def root(self) -> Node:
        return self.roots[0] if self.roots else Node(1, 1, None)


_RULER = re.compile(r"[-=~#*/_─━═\s]{3,}")
_NOTICE = re.compile(r"^\s*(Copyright\b|SPDX-)")
_CODE = re.compile(
    r"""^\s*(-\s+)?["']?(id|vulnerability|package|paths|statement|expired_at|ignoreUntil)["']?\s*[:=]"""
    r"""|^\s*\[\[?[A-Za-z.]+\]\]?\s*$|^\s*["'{].*["'}],?\s*$|^\s*-\s+["']"""
)


def _joined(lines: Sequence[str]) -> str:
    """Comment lines as one text, without rulers and notices; "" where they hold entries that were commented out."""
    if any(_CODE.search(line) for line in lines):
        return ""
    return " ".join(filter(None, (_RULER.sub(" ", line).strip() for line in lines if not _NOTICE.search(line))))
