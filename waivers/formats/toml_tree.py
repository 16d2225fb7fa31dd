"""TOML: the standard library says whether and what it is, the grammar on which line everything stands."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import tree_sitter_toml
from django.utils.translation import gettext as _
from tree_sitter import Language, Parser

from waivers.formats import syntax
from waivers.formats.tree import DEEPEST, MOST_NODES, Comments, Document, Node, Scalar, Unreadable

_LANGUAGE = Language(tree_sitter_toml.language())
_AT_LINE = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")
_DEEP_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){%d}""" % DEEPEST)  # noqa: UP031
_TABLES = {"table", "table_array_element"}


def parse(text: str) -> Document:
    """The text's one table. Raises Unreadable."""
    _demand_toml(text)
    content = text.encode()
    tree = Parser(_LANGUAGE).parse(content)
    wrong = syntax.first_error(tree.root_node)
    if wrong:
        raise Unreadable(_("This is not TOML: it goes wrong here."), wrong)
    comments = Comments()
    root = _root(tree.root_node, comments)
    syntax.note_comments(tree.root_node, content, comments)
    return Document([root], comments)


def _demand_toml(text: str) -> None:
    deep = _DEEP_KEY.search(text)
    if deep:  # the library takes the square of the time for such a key
        line = text.count("\n", 0, deep.start()) + 1
        raise Unreadable(_("It is nested deeper than %(n)d levels.") % {"n": DEEPEST}, line)
    try:
        tomllib.loads(text)
    except RecursionError as error:
        raise Unreadable(_("It is nested deeper than %(n)d levels.") % {"n": DEEPEST}) from error
    except (tomllib.TOMLDecodeError, ValueError) as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        what = _AT_LINE.sub("", str(error)).strip()
        raise Unreadable(_("This is not TOML: %(what)s.") % {"what": what[:1].lower() + what[1:]}, line) from error


def _root(document: Any, comments: Comments) -> Node:
    members: dict[str, Node] = {}
    if document.named_child_count > MOST_NODES:
        raise Unreadable(_("It holds more than %(n)d values.") % {"n": MOST_NODES})
    for node in document.named_children:
        if node.type == "pair":
            _put_pair(members, node, comments)
        elif node.type in _TABLES:
            target = _table(members, node)
            for pair in node.named_children:
                if pair.type == "pair":
                    _put_pair(target, pair, comments)
    return Node(1, syntax.last_line_of(document), members)


def _table(members: dict[str, Node], node: Any) -> dict[str, Node]:
    """The mapping a header names, made where it is new; below a list of tables, its last."""
    names = _names(node.named_children[0])
    first, last = syntax.line_of(node), _last_pair_line(node)
    for place, name in enumerate(names):
        is_end = place == len(names) - 1
        found = members.get(name)
        if is_end and node.type == "table_array_element":
            items = found.value if found is not None and isinstance(found.value, list) else []
            table: dict[str, Node] = {}
            items.append(Node(first, last, table))
            members[name] = Node(items[0].line, last, items)
            return table
        if found is None:
            found = members[name] = Node(first, last, {})
        inner = found.value[-1].value if isinstance(found.value, list) else found.value
        if not isinstance(inner, dict):
            raise Unreadable(_("“%(key)s” stands twice in one mapping.") % {"key": name}, first)
        members = inner
    return members


def _put_pair(members: dict[str, Node], pair: Any, comments: Comments) -> None:
    key, value = pair.named_children[0], pair.named_children[-1]
    *path, name = _names(key)
    line = syntax.line_of(pair)
    for part in path:
        found = members.setdefault(part, Node(line, line, {}))
        if not isinstance(found.value, dict):
            raise Unreadable(_("“%(key)s” stands twice in one mapping.") % {"key": part}, line)
        members = found.value
    built = syntax.build(value, _step, comments)
    members[name] = Node(line, built.last_line, built.value, built.as_written)


def _last_pair_line(node: Any) -> int:
    """A table's own last line: the grammar counts all that follows, up to the next header, as its own."""
    last = syntax.last_line_of(node.named_children[0])
    for child in node.named_children[1:]:
        if child.type != "comment" or syntax.line_of(child) <= last + 1:
            last = syntax.last_line_of(child)
    return last


def _step(node: Any) -> syntax.Step:
    match node.type:
        case "array":
            return syntax.Items([child for child in node.named_children if child.type != "comment"])
        case "inline_table":
            pairs = [child for child in node.named_children if child.type == "pair"]
            return syntax.Mapping(
                [(".".join(_names(pair.named_children[0])), pair, pair.named_children[-1]) for pair in pairs]
            )
        case _:
            return syntax.Leaf(_scalar(node))


def _names(key: Any) -> list[str]:
    """The parts of a key; deep ones are nested by the grammar."""
    names: list[str] = []
    parts = [key]
    while parts:
        part = parts.pop()
        if part.type == "dotted_key":
            parts += reversed(part.named_children)
        elif part.type == "quoted_key":
            names.append(str(_value_of(part)))
        else:
            names.append((part.text or b"").decode())
        if len(names) > DEEPEST:
            raise Unreadable(_("It is nested deeper than %(n)d levels.") % {"n": DEEPEST}, syntax.line_of(key))
    return names


def _scalar(node: Any) -> Scalar:
    value = _value_of(node)
    return value if isinstance(value, str | int | float | bool) else (node.text or b"").decode()


def _value_of(node: Any) -> Any:
    return tomllib.loads("x = " + (node.text or b"").decode())["x"]
