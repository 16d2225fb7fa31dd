"""JSON, with comments and trailing commas as tools allow them, with the line of everything."""

from __future__ import annotations

import json
import re
from typing import Any

import tree_sitter_json
from django.utils.translation import gettext as _
from tree_sitter import Language, Parser

from waivers.formats import syntax
from waivers.formats.tree import DEEPEST, Comments, Document, Node, Scalar, Unreadable

_LANGUAGE = Language(tree_sitter_json.language())
_TOKEN = re.compile(rb'"(?:\\.|[^"\\])*"?|//[^\n]*|/\*.*?(?:\*/|\Z)|[,\[\]{}]|[^\s,\[\]{}"/]+|/', re.DOTALL)
"""What may stand in JSON, whole or broken off: each alternative ends somewhere, so the scan is linear."""


def parse(text: str) -> Document:
    """The text's one value. Raises Unreadable."""
    content = _without_trailing_commas(text.encode())
    tree = Parser(_LANGUAGE).parse(content)
    values = [node for node in tree.root_node.named_children if node.type not in {"comment", "ERROR"}]
    wrong = syntax.first_error(tree.root_node)
    if wrong:
        raise Unreadable(_("This is not JSON: it breaks off or goes wrong here."), wrong)
    if len(values) > 1:
        raise Unreadable(_("There is more than one value in this file."), values[1].start_point.row + 1)
    comments = Comments()
    root = syntax.build(values[0], _step, comments) if values else Node(1, 1, None)
    syntax.note_comments(tree.root_node, content, comments)
    return Document([root], comments)


def _step(node: Any) -> syntax.Step:
    """What a node of the grammar is: a scalar, or the children to build first."""
    match node.type:
        case "object":
            pairs = [child for child in node.named_children if child.type == "pair"]
            return syntax.Mapping([(_text(pair.named_children[0]), pair, _value(pair)) for pair in pairs])
        case "array":
            return syntax.Items([child for child in node.named_children if child.type != "comment"])
        case _:
            return syntax.Leaf(_scalar(node))


def _value(pair: Any) -> Any:
    return [child for child in pair.named_children if child.type != "comment"][-1]


def _text(node: Any) -> str:
    return str(_scalar(node))


def _scalar(node: Any) -> Scalar:
    try:
        value: Scalar = json.loads(node.text, strict=False)
    except ValueError as error:
        raise Unreadable(_("This value is none that JSON knows."), node.start_point.row + 1) from error
    return value


def _without_trailing_commas(content: bytes) -> bytes:
    """The same bytes with a space for each comma that only a closing bracket follows. Raises Unreadable if too deep."""
    given, comma, opened = bytearray(content), -1, list[int]()
    for token in _TOKEN.finditer(content):
        word, place = token[0], token.start()
        if word.startswith((b"//", b"/*")):
            continue
        if word in {b"[", b"{"}:
            opened.append(place)
        if word in {b"]", b"}"}:
            _close(content, opened, place)
            if comma >= 0:
                given[comma] = ord(" ")
        if len(opened) > DEEPEST:
            raise Unreadable(_("It is nested deeper than %(n)d levels.") % {"n": DEEPEST}, _line(content, place))
        comma = place if word == b"," else -1
    if opened:
        raise Unreadable(_("This is not JSON: the bracket opened here is never closed."), _line(content, opened[-1]))
    return bytes(given)


def _close(content: bytes, opened: list[int], place: int) -> None:
    if not opened:
        sentence = _("This is not JSON: a bracket is closed that was never opened.")
        raise Unreadable(sentence, _line(content, place))
    opened.pop()


def _line(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1
