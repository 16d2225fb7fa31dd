"""`osv-scanner.toml`: vulnerabilities ignored, and packages whose vulnerabilities are."""

from __future__ import annotations

from collections.abc import Iterable

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node


def is_like(document: Document) -> bool:
    """A list of IgnoredVulns or PackageOverrides."""
    return any(document.root.get(name) is not None for name in ("IgnoredVulns", "PackageOverrides"))


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each ignored vulnerability and each package that is ignored."""
    ignored, packages = document.root.get("IgnoredVulns"), document.root.get("PackageOverrides")
    if ignored is not None:
        yield from each(ignored.items, _vulnerability)
    if packages is not None:
        yield from each(packages.items, _package)


def _vulnerability(node: Node) -> Found:
    name = node.members.get("id")
    text = name.text if name else ""
    return Found(
        node=node,
        key=text,
        verb="ignore",
        excepted=[text],
        end=node.get("ignoreUntil"),
        reason=node.get("reason"),
    )


def _package(node: Node) -> Found | None:
    """A package all of whose vulnerabilities are ignored; other overrides are no exceptions."""
    ignore = node.get("vulnerability", "ignore") or node.get("ignore")
    if ignore is None or ignore.value is not True:
        return None
    parts = [found.text for name in ("ecosystem", "name", "version") if (found := node.get(name))]
    package = "/".join(parts)
    return Found(
        node=node,
        key=f"package/{package}",
        verb="ignore-package",
        excepted=[package],
        end=node.get("effectiveUntil"),
        reason=node.get("reason"),
    )
