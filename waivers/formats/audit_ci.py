"""audit-ci: advisories, modules and dependency paths on its allowlist, as texts or with notes and an expiry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from waivers.formats.entries import Found
from waivers.formats.tree import BadEntry, Document, Node

LISTS = ("allowlist", "whitelist", "path-whitelist", "advisories")
_SETTINGS = {"low", "moderate", "high", "critical", "package-manager", "report-type", "skip-dev", "directory"}


def is_like(document: Document) -> bool:
    """An allowlist, or the addresses of its own schema."""
    root = document.root
    if not isinstance(root.value, dict):
        return False
    schema = root.get("$schema")
    if schema is not None and "audit-ci" in str(schema.value):
        return True
    has_list = any(isinstance(found.value, list) for name in LISTS if (found := root.get(name)))
    return has_list and bool(_SETTINGS & root.value.keys() or root.get("allowlist") is not None)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each line of a list."""
    if document.root.value is None:
        return
    for name in LISTS:
        listed = document.root.members.get(name)
        if listed is None:
            continue
        try:
            for item in listed.items:
                yield from _entries(document, item)
        except BadEntry as error:
            yield error


def _entries(document: Document, item: Node) -> Iterator[Found | BadEntry]:
    try:
        if not isinstance(item.value, dict):
            yield _entry(item.text, item, None)
            return
        for name, about in item.members.items():
            active = about.get("active")
            if active is not None and active.value is False:
                document.notes.append(
                    (about.line, _("%(name)s is switched off, so it is no exception.") % {"name": name})
                )
            else:
                yield _entry(name, item, about)
    except BadEntry as error:
        yield error


def _entry(name: str, item: Node, about: Node | None) -> Found:
    """`565|react-scripts>webpack`: what stands behind the bar is where."""
    advisory, _bar, path = name.partition("|")
    return Found(
        node=item,
        key=name,
        verb="ignore",
        excepted=[advisory],
        places=[path] if path else [],
        end=about.get("expiry") if about else None,
        reason=about.get("notes") if about else None,
    )
