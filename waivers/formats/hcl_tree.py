"""HCL as Terraform writes it: blocks with their labels and attributes. Nothing is evaluated: a reference stays text."""

from __future__ import annotations

import json
from typing import Any

import tree_sitter_hcl
from django.utils.translation import gettext as _
from tree_sitter import Language, Parser

from waivers.formats import syntax
from waivers.formats.tree import MOST_NODES, Comments, Document, Node, Scalar, Unreadable

_LANGUAGE = Language(tree_sitter_hcl.language())
LARGEST = 256 * 1024  # some nonsense takes the grammar the square of its length
_INNER = {"expression", "literal_value", "collection_value", "template_expr"}


def parse(text: str) -> Document:
    """The file's blocks as mappings: their attributes, and under "" the words of the header. Raises Unreadable."""
    content = text.encode()
    if len(content) > LARGEST:
        raise Unreadable(_("It is larger than %(n)d KB.") % {"n": LARGEST // 1024})
    tree = Parser(_LANGUAGE).parse(content)
    wrong = syntax.first_error(tree.root_node)
    if wrong:
        raise Unreadable(_("This is not Terraform: it goes wrong here."), wrong)
    comments = Comments()
    body = next((node for node in tree.root_node.named_children if node.type == "body"), None)
    blocks = [node for node in body.named_children if node.type == "block"] if body is not None else []
    if len(blocks) > MOST_NODES:
        raise Unreadable(_("It holds more than %(n)d values.") % {"n": MOST_NODES})
    roots = [_block(node, comments) for node in blocks]
    syntax.note_comments(tree.root_node, content, comments)
    return Document(roots, comments)


def _block(node: Any, comments: Comments) -> Node:
    header = [child for child in node.named_children if child.type in {"identifier", "string_lit"}]
    words = [Node(syntax.line_of(node), syntax.line_of(node), _plain(child)) for child in header]
    members = {"": Node(syntax.line_of(node), syntax.line_of(node), words)}
    body = next((child for child in node.named_children if child.type == "body"), None)
    for attribute in body.named_children if body is not None else ():
        if attribute.type == "attribute":
            name, value = attribute.named_children[0], attribute.named_children[-1]
            built = syntax.build(value, _step, comments)
            line = syntax.line_of(attribute)
            members[_text(name)] = Node(line, built.last_line, built.value, built.as_written)
    return Node(syntax.line_of(node), syntax.last_line_of(node), members)


def _step(node: Any) -> syntax.Step:
    while node.type in _INNER and len(node.named_children) == 1:
        node = node.named_children[0]
    match node.type:
        case "tuple":
            return syntax.Items([child for child in node.named_children if child.type == "expression"])
        case "object":
            elements = [child for child in node.named_children if child.type == "object_elem"]
            return syntax.Mapping([(_plain(one.named_children[0]), one, one.named_children[-1]) for one in elements])
        case "null_lit":
            return syntax.Leaf(None)
        case "bool_lit":
            return syntax.Leaf(_text(node) == "true")
        case "numeric_lit":
            return syntax.Leaf(_number(node))
        case _:
            return syntax.Leaf(_plain(node))


def _plain(node: Any) -> str:
    """A string without its quotes; anything else as it is written."""
    written = _text(node)
    if len(written) > 1 and written.startswith('"') and written.endswith('"'):
        try:
            return str(json.loads(written, strict=False))
        except ValueError:
            return written[1:-1]
    if written.startswith("<<"):
        return "\n".join(line.strip() for line in written.split("\n")[1:-1])
    return written


def _number(node: Any) -> Scalar:
    try:
        return int(_text(node))
    except ValueError:
        return _text(node)


def _text(node: Any) -> str:
    return (node.text or b"").decode(errors="replace")
