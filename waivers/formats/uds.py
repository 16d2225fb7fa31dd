"""UDS Exemption: policies that workloads matched by namespace and name are exempt from. It knows no end."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node


def is_like(document: Document) -> bool:
    """A document of kind Exemption of uds.dev."""
    return any(_is_one(root) for root in document.roots)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each exemption of each document."""
    for root in document.roots:
        if not _is_one(root):
            continue
        name = root.get("metadata", "name")
        listed = root.get("spec", "exemptions")
        try:
            items = listed.items if listed else []
            handle = name.text if name else ""
        except BadEntry as error:
            yield error
            continue
        yield from each(items, partial(_entry, handle))


def _is_one(root: Node) -> bool:
    kind, version = root.get("kind"), root.get("apiVersion")
    return kind is not None and kind.value == "Exemption" and "uds.dev" in str(version.value if version else "")


def _entry(handle: str, node: Node) -> Found:
    policies = node.members.get("policies")
    matcher = node.get("matcher")
    about = {name: found.text for name in ("namespace", "name", "kind") if matcher and (found := matcher.get(name))}
    title = node.get("title")
    words = [about.get("kind", ""), about.get("name", ""), f"in {about['namespace']}" if "namespace" in about else ""]
    return Found(
        node=node,
        key="/".join([handle, *about.values()]),
        verb="skip-policy",
        excepted=policies.texts() if policies else [],
        places=[" ".join(filter(None, words))],
        title=title.text if title else "",
        reason=node.get("description"),
    )
