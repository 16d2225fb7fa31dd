"""From a concrete syntax tree (tree-sitter) to ours: level by level without recursion, within the bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from waivers.formats.tree import DEEPEST, MOST_NODES, Comments, Node, Scalar, Unreadable


@dataclass
class Leaf:
    value: Scalar


@dataclass
class Items:
    nodes: list[Any]


@dataclass
class Mapping:
    """Pairs of a key, the node whose lines the member has, and the node of its value."""

    pairs: list[tuple[str, Any, Any]]


Step = Leaf | Items | Mapping


@dataclass
class _Level:
    """A collection whose members are still to be built, the last first."""

    node: Any
    todo: list[tuple[str, Any, Any]]
    value: dict[str, Node] | list[Node]
    done: list[tuple[str, Any]] = field(default_factory=list)


def build(root: Any, step: Callable[[Any], Step], comments: Comments) -> Node:
    """The tree under `root`. Raises Unreadable beyond the bounds, and for a key that stands twice."""
    levels: list[_Level] = []
    pending: tuple[str, Any, Any] | None = ("", root, root)
    count = 0
    while True:
        if pending is None:
            level = levels[-1]
            if level.todo:
                pending = level.todo.pop()
                continue
            levels.pop()
            built = _node(level.node, level.value)
            if not levels:
                return built
            _put(levels[-1], *levels[-1].done[-1], built)
            continue
        key, place, node = pending
        count += 1
        if count > MOST_NODES:
            raise Unreadable(_("It holds more than %(n)d values.") % {"n": MOST_NODES}, line_of(node))
        found = step(node)
        if isinstance(found, Leaf):
            leaf = Node(line_of(node), last_line_of(node), found.value, _written(node))
            if not levels:
                return leaf
            _put(levels[-1], key, place, leaf)
        else:
            if len(levels) >= DEEPEST:
                raise Unreadable(_("It is nested deeper than %(n)d levels.") % {"n": DEEPEST}, line_of(node))
            if levels:
                levels[-1].done.append((key, place))
            levels.append(_level(node, found))
        pending = None


def first_error(root: Any) -> int:
    """The line of the first thing the grammar could not place; 0 where there is none."""
    if not root.has_error:
        return 0
    node = root
    while node.type != "ERROR" and not node.is_missing:
        wrong = next((child for child in node.children if child.has_error or child.is_missing), None)
        if wrong is None:
            break
        node = wrong
    return line_of(node)


def note_comments(root: Any, content: bytes, comments: Comments) -> None:
    """Add every comment of the tree."""
    lines = content.split(b"\n")
    for node in walk(root):
        if node.type == "comment":
            row, column = node.start_point.row, node.start_point.column
            alone = not lines[row][:column].strip()
            for offset, text in enumerate((node.text or b"").decode().split("\n")):
                words = text.strip(" \t\r").lstrip("#/*").removesuffix("*/")
                comments.add(row + 1 + offset, words, alone=alone, column=column)


def walk(root: Any) -> Iterator[Any]:
    """Every node, in the order of the file."""
    cursor = root.walk()
    while True:
        yield cursor.node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def line_of(node: Any) -> int:
    return int(node.start_point.row) + 1


def last_line_of(node: Any) -> int:
    """The last line with something of the node on it."""
    end = node.end_point
    return int(end.row) + (1 if end.column or end.row == node.start_point.row else 0)


def _level(node: Any, found: Items | Mapping) -> _Level:
    if isinstance(found, Mapping):
        return _Level(node, found.pairs[::-1], {})
    return _Level(node, [("", item, item) for item in reversed(found.nodes)], [])


def _node(node: Any, value: dict[str, Node] | list[Node]) -> Node:
    return Node(line_of(node), last_line_of(node), value)


def _put(level: _Level, key: str, place: Any, node: Node) -> None:
    if isinstance(level.value, list):
        level.value.append(node)
        return
    if key in level.value:
        raise Unreadable(_("“%(key)s” stands twice in one mapping.") % {"key": key}, line_of(place))
    level.value[key] = Node(line_of(place), node.last_line, node.value, node.as_written)


def _written(node: Any) -> str:
    return (node.text or b"").decode(errors="replace")
