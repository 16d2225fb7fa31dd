"""YAML with lines and comments, from the events of libyaml: nothing is constructed, an alias is never unfolded.

Helm's directives are set aside before: a line that holds nothing else counts as empty, one inside a value stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from waivers.formats.tree import DEEPEST, MOST_NODES, Comments, Document, Node, Unreadable

_OPEN, _CLOSE = "\ue000", "\ue001"
_KEPT = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_COMMENT = re.compile(r"(?:^|\s)#(.*)$")
_NAMED = 12
MOST_DIRECTIVES = 5_000


def parse(text: str) -> Document:
    """All documents of the text. Raises Unreadable."""
    if _OPEN in text and "{{" in text:
        raise Unreadable(_("The file holds private characters that no tool writes."))
    plain, directives = _without_directives(text)
    reader = _Reader(directives)
    try:
        roots = reader.roots(plain)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or _("it is malformed")
        raise Unreadable(_("This is not YAML: %(what)s.") % {"what": what}, mark.line + 1 if mark else 0) from error
    return Document(roots, _comments(plain, reader), list(_named(directives, text)) + reader.notes)


@dataclass
class _Level:
    """A collection that is being read."""

    line: int
    value: dict[str, Node] | list[Node]
    anchor: str | None
    key: str | None = None
    key_line: int = 0
    size: int = 1


@dataclass
class _Reader:
    """Builds the tree from events, level by level; remembers where text stands so that comments are told from it."""

    directives: list[tuple[int, str]]
    ends: dict[int, int] = field(default_factory=dict)
    inside: set[int] = field(default_factory=set)
    notes: list[tuple[int, str]] = field(default_factory=list)
    _levels: list[_Level] = field(default_factory=list)
    _roots: list[Node] = field(default_factory=list)
    _anchors: dict[Any, tuple[Node, int]] = field(default_factory=dict)
    _count: int = 0
    _line: int = 0

    def roots(self, text: str) -> list[Node]:
        for event in yaml.parse(text, Loader=_LOADER):
            self._take(event)
        return self._roots

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        match event:
            case yaml.ScalarEvent():
                self._cover(event)
                self._put(self._scalar(event), 1, event.anchor)
            case yaml.AliasEvent():
                self._cover(event)
                if event.anchor not in self._anchors:
                    raise Unreadable(_("“*%(name)s” names nothing before it.") % {"name": event.anchor}, line)
                node, size = self._anchors[event.anchor]
                self._put(Node(line, line, node.value, node.as_written), size, None)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(_Level(line, {} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._cover_end(event)
                level = self._levels.pop()
                self._put(Node(level.line, max(level.line, self._line), level.value), level.size, level.anchor)

    def _begin(self, level: _Level) -> None:
        if len(self._levels) >= DEEPEST:
            raise Unreadable(_("It is nested deeper than %(n)d levels.") % {"n": DEEPEST}, level.line)
        self._levels.append(level)

    def _put(self, node: Node, size: int, anchor: str | None) -> None:
        self._count += size
        if self._count > MOST_NODES:
            raise Unreadable(_("It holds more than %(n)d values, aliases unfolded.") % {"n": MOST_NODES}, node.line)
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._levels:
            self._roots.append(node)
            return
        level = self._levels[-1]
        level.size += size
        if isinstance(level.value, list):
            level.value.append(node)
        elif level.key is None:
            level.key, level.key_line = self._key(node), node.line
        else:
            self._set(level, level.key, Node(level.key_line, node.last_line, node.value, node.as_written))
            level.key = None

    def _key(self, node: Node) -> str:
        if isinstance(node.value, dict | list):
            raise Unreadable(_("A key is %(what)s; it has to be a single value.") % {"what": node.kind}, node.line)
        return str(node.value or "")

    def _set(self, level: _Level, key: str, node: Node) -> None:
        members = level.value
        assert isinstance(members, dict)  # noqa: S101 — the caller has asked
        if key == "<<" and isinstance(node.value, dict):
            for name, inherited in node.value.items():
                members.setdefault(name, inherited)
        elif key not in members:
            members[key] = node
        elif self.directives:
            self.notes.append((node.line, _("“%(key)s” stands twice; the first is read.") % {"key": key}))
        else:
            raise Unreadable(_("“%(key)s” stands twice in one mapping.") % {"key": key}, node.line)

    def _scalar(self, event: Any) -> Node:
        value = event.value
        if self.directives:
            value = _KEPT.sub(lambda found: self.directives[int(found[1])][1], value)
        first, last = event.start_mark.line + 1, event.end_mark.line + 1
        if event.style in {"|", ">"} and event.end_mark.column == 0:
            last = max(first, last - 1)
        self._line = max(self._line, last)
        is_null = not event.style and value in {"", "~", "null", "Null", "NULL"}
        return Node(first, last, None if is_null else value, value)

    def _cover_end(self, event: Any) -> None:
        """A block collection ends where the next thing begins; only brackets stand on a line of their own."""
        start, end = event.start_mark, event.end_mark
        if (start.line, start.column) != (end.line, end.column):
            self.ends[end.line + 1] = max(end.column, self.ends.get(end.line + 1, 0))
            self._line = max(self._line, end.line + 1)

    def _cover(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        self.inside.update(range(start.line + 2, end.line + 1 + (end.column > 0)))
        if getattr(event, "style", None) in {"|", ">"}:
            self.inside.add(start.line + 1)
        self.ends[end.line + 1] = max(end.column, self.ends.get(end.line + 1, 0))
        self._line = max(self._line, start.line + 1)


def _comments(text: str, reader: _Reader) -> Comments:
    comments = Comments()
    for number, line in enumerate(text.splitlines(), start=1):
        if "#" not in line or (number in reader.inside and number not in reader.ends):
            continue
        start = reader.ends.get(number, 0)
        found = _COMMENT.search(line, start) if start else _COMMENT.match(line.strip())
        if found and not found[1].startswith("!"):
            comments.add(number, found[1], alone=not start, column=line.index("#", start))
    return comments


def _without_directives(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without Helm's directives, line for line, and the directives with their lines."""
    found: list[tuple[int, str]] = []
    parts: list[str] = []
    line, place = 1, 0
    while (start := text.find("{{", place)) >= 0 and (end := text.find("}}", start)) >= 0:
        if len(found) >= MOST_DIRECTIVES:
            raise Unreadable(_("It holds more than %(n)d Helm directives.") % {"n": MOST_DIRECTIVES}, line)
        line += text.count("\n", place, start)
        words = text[start : end + 2]
        parts += [text[place:start], f"{_OPEN}{len(found)}{_CLOSE}", "\n" * words.count("\n")]
        found.append((line, words))
        line += words.count("\n")
        place = end + 2
    if not found:
        return text, found
    return "\n".join(_emptied(line) for line in "".join([*parts, text[place:]]).split("\n")), found


def _emptied(line: str) -> str:
    """An empty line for one that holds directives and nothing else."""
    return "" if _OPEN in line and not _KEPT.sub("", line).strip() else line


def _named(directives: list[tuple[int, str]], text: str) -> Iterator[tuple[int, str]]:
    if not directives:
        return
    lines = sorted({line for line, _words in directives})
    some = ", ".join(map(str, lines[:_NAMED])) + (" …" if len(lines) > _NAMED else "")
    words = ngettext(
        "%(n)d Helm directive is not evaluated (line %(lines)s), so what it adds or leaves out is not known.",
        "%(n)d Helm directives are not evaluated (lines %(lines)s), so what they add or leave out is not known.",
        len(directives),
    )
    yield lines[0], words % {"n": len(directives), "lines": some}


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
