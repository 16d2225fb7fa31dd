"""`.snyk`: vulnerabilities ignored on a path of dependencies, each until a date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from waivers.formats.entries import Found
from waivers.formats.tree import BadEntry, Document, Node

EVERYWHERE = "*"


def is_like(document: Document) -> bool:
    """`ignore` maps vulnerabilities to lists, under a policy's version."""
    ignore = document.root.get("ignore")
    return ignore is not None and isinstance(ignore.value, dict) and document.root.get("version") is not None


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each vulnerability and path."""
    ignore = document.root.get("ignore")
    if document.root.get("exclude") is not None:
        document.notes.append((document.root.members["exclude"].line, _("Excluded folders are not exceptions here.")))
    if ignore is None or ignore.value is None:
        return
    for name, paths in _members(ignore):
        yield from _of_vulnerability(name, paths)


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    yield from node.members.items()


def _of_vulnerability(name: str, paths: Node) -> Iterator[Found | BadEntry]:
    try:
        listed = paths.items
    except BadEntry as error:
        yield error
        return
    for item in listed:
        try:
            for path, about in item.members.items():
                yield _entry(name, path, about, item)
        except BadEntry as error:
            yield error


def _entry(name: str, path: str, about: Node, item: Node) -> Found:
    if about.value is not None:
        about.members  # noqa: B018 — anything but a mapping is refused here, with its line
    created = about.get("created")
    return Found(
        node=item,
        key=f"{name}/{path}",
        verb="ignore",
        excepted=[name],
        places=[] if path == EVERYWHERE else [path],
        end=about.get("expires"),
        reason=about.get("reason"),
        facts={"created": created.text if created else ""},
    )
