"""cargo: advisories ignored in `audit.toml` (cargo-audit) and `deny.toml` (cargo-deny)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

POLICY = (("licenses", "exceptions"), ("bans", "skip"), ("bans", "skip-tree"))


def is_like(document: Document) -> bool:
    """A table of advisories with a list of those to ignore."""
    ignore = document.root.get("advisories", "ignore")
    return ignore is not None and isinstance(ignore.value, list)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each advisory or crate; other parts of the policy are named and left."""
    for path in POLICY:
        found = document.root.get(*path)
        if found is not None and isinstance(found.value, list) and found.value:
            words = {"list": ".".join(path), "n": len(found.value)}
            sentence = _("%(list)s (%(n)d) belongs to the policy itself and is not read as an exception.")
            document.notes.append((found.line, sentence % words))
    ignore = document.root.get("advisories", "ignore")
    if ignore is None:
        return
    yield from each(ignore.items, _entry)


def _entry(node: Node) -> Found:
    if not isinstance(node.value, dict):
        return Found(node=node, key=node.text, verb="ignore", excepted=[node.text])
    named = node.get("id") or node.get("crate") or node.get("name")
    name = named.text if named else ""
    return Found(node=node, key=name, verb="ignore", excepted=[name], reason=node.get("reason"))
