"""`.trivyignore.yaml`: vulnerabilities, misconfigurations, secrets and licences ignored, some in certain paths only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

VERBS = {
    "vulnerabilities": "ignore",
    "misconfigurations": "ignore-misconfiguration",
    "secrets": "ignore-secret",
    "licenses": "allow-license",
}


def is_like(document: Document) -> bool:
    """One of its four lists, with entries that have an id."""
    for name in VERBS:
        listed = document.root.get(name)
        if listed is not None and isinstance(listed.value, list) and any(item.get("id") for item in listed.value):
            return True
    return False


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each id and the places it is ignored in."""
    for section, verb in VERBS.items():
        listed = document.root.get(section)
        if listed is None:
            continue
        try:
            items = listed.items
        except BadEntry as error:
            yield error
            continue
        yield from each(items, partial(_entry, section, verb))


def _entry(section: str, verb: str, node: Node) -> Found:
    name = node.members.get("id")
    places = [text for list_name in ("paths", "purls") for text in _texts(node.get(list_name))]
    package = node.get("package")
    return Found(
        node=node,
        key="/".join([section, name.text if name else "", *places]),
        verb=verb,
        excepted=[name.text if name else ""],
        places=places,
        end=node.get("expired_at"),
        reason=node.get("statement"),
        other_reason=node.get("reason"),
        facts={"package": package.text if package else ""},
    )


def _texts(node: Node | None) -> list[str]:
    return node.texts() if node is not None else []
