"""`.nsprc`: advisories that better-npm-audit passes over; before it, nsp had a bare list of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from django.utils.translation import gettext as _

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

_ADVISORY = re.compile(r"GHSA-[\w-]+|CVE-\d+-\d+|\d+", re.IGNORECASE)
_FACTS = {"active", "notes", "expiry"}


def is_like(document: Document) -> bool:
    """Advisories by name with notes or an expiry, or a list of nodesecurity.io's addresses."""
    root = document.root
    if not isinstance(root.value, dict):
        return False
    listed = root.get("exceptions")
    if listed is not None and isinstance(listed.value, list):
        return any("nodesecurity.io" in str(item.value) for item in listed.value)
    found = [node for name, node in root.value.items() if _ADVISORY.fullmatch(name)]
    return bool(found) and any(isinstance(node.value, dict) and _FACTS & node.value.keys() for node in found)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each advisory; one that is switched off is no exception, and is named."""
    if document.root.value is None:
        return
    for name, node in document.root.members.items():
        if name == "exceptions" and isinstance(node.value, list):
            yield from each(node.items, _address)
        elif _is_off(node):
            document.notes.append((node.line, _("%(name)s is switched off, so it is no exception.") % {"name": name}))
        elif not name.startswith("$"):
            yield from each([node], partial(_advisory, name))


def _is_off(node: Node) -> bool:
    active = node.get("active")
    return active is not None and active.value is False


def _advisory(name: str, node: Node) -> Found:
    if isinstance(node.value, list):
        raise BadEntry(_("A mapping is expected here, not %(what)s.") % {"what": node.kind}, node.line)
    is_text = isinstance(node.value, str)
    return Found(
        node=node,
        key=name,
        verb="ignore",
        excepted=[name],
        end=node.get("expiry"),
        milliseconds=True,
        reason=node if is_text else node.get("notes"),
    )


def _address(node: Node) -> Found:
    name = node.text.rstrip("/").removeprefix("https://nodesecurity.io/advisories/")
    return Found(node=node, key=f"exceptions/{name}", verb="ignore", excepted=[name], facts={"address": node.text})
