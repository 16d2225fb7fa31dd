"""grype: rules that ignore matches by vulnerability, package, fix state or namespace. They have no end of their own."""

from __future__ import annotations

from collections.abc import Iterable

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

_WORDS = ("vulnerability", "fix-state", "namespace", "vex-status", "vex-justification", "match-type")


def is_like(document: Document) -> bool:
    """`ignore` is a list of rules."""
    ignore = document.root.get("ignore")
    if ignore is None or not isinstance(ignore.value, list):
        return False
    return any(item.get("vulnerability") or item.get("package") for item in ignore.value)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each rule."""
    ignore = document.root.get("ignore")
    if ignore is not None:
        yield from each(ignore.items, _entry)


def _entry(node: Node) -> Found:
    criteria = {name: found.text for name in _WORDS if (found := node.members.get(name))}
    package = node.get("package")
    about = {name: found.text for name, found in package.members.items()} if package is not None else {}
    name = criteria.get("vulnerability") or about.get("name") or about.get("type") or _any(criteria)
    location = about.pop("location", "")
    facts = {**{name: text for name, text in criteria.items() if name != "vulnerability"}}
    facts |= {f"package {name}": text for name, text in about.items()}
    return Found(
        node=node,
        key="/".join(filter(None, [*criteria.values(), *about.values(), location])),
        verb="ignore" if "vulnerability" in criteria else "ignore-package",
        excepted=[name],
        places=[location],
        reason=node.get("reason"),
        facts=facts,
    )


def _any(criteria: dict[str, str]) -> str:
    return " ".join(f"{name}={text}" for name, text in criteria.items())
