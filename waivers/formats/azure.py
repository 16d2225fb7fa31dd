"""Azure Policy exemptions: as Enterprise Policy as Code keeps them, as ARM resources, and in Terraform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

LISTS = ("exemptions", "policyExemptions")
ARM = "microsoft.authorization/policyexemptions"
POLICIES = (
    "policyAssignmentId",
    "policyDefinitionId",
    "policyDefinitionName",
    "policySetDefinitionId",
    "policySetDefinitionName",
)


def is_like(document: Document) -> bool:
    """A list of exemptions, ARM resources of that type, or one exemption by itself; or the schema of them."""
    root = document.root
    if _is_schema(root) or _category(root) is not None:
        return True
    if any(_category(item) is not None for item in _listed(root)):
        return True
    return any(_is_arm(item) for item in _resources(root))


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each exemption."""
    root = document.root
    if _is_schema(root):
        document.notes.append((root.line, _("This is the schema of exemptions, so it holds none.")))
        return
    if root.value is None:
        return
    nodes = [*_listed(root), *(item for item in _resources(root) if _is_arm(item))]
    yield from each(nodes or [root], _entry)


def _is_schema(root: Node) -> bool:
    properties = root.get("properties", "exemptions")
    return root.get("$schema") is not None and properties is not None


def _category(node: Node) -> Node | None:
    return node.get("exemptionCategory") or node.get("properties", "exemptionCategory")


def _listed(root: Node) -> Iterator[Node]:
    if isinstance(root.value, list):
        yield from root.value
    for name in LISTS:
        listed = root.get(name)
        if listed is not None and isinstance(listed.value, list):
            yield from listed.value


def _resources(root: Node) -> Iterator[Node]:
    listed = root.get("resources")
    if listed is not None and isinstance(listed.value, list):
        yield from listed.value
    elif listed is not None and isinstance(listed.value, dict):
        yield from listed.value.values()


def _is_arm(node: Node) -> bool:
    kind = node.get("type")
    return kind is not None and str(kind.value).lower() == ARM


def _entry(node: Node) -> Found:
    node.members  # noqa: B018 — anything but a mapping is refused here, with its line
    about = node.get("properties") or node
    texts = {name: found for name in POLICIES if (found := about.get(name)) and found.value is not None}
    places = [text for name in ("scope", "scopes") for text in _texts(node.get(name) or about.get(name))]
    name, shown, category = node.get("name"), about.get("displayName"), about.get("exemptionCategory")
    parts = _texts(about.get("policyDefinitionReferenceIds"))
    policies = [found.text for found in texts.values()]
    handle = name.text if name else (policies[0] if policies else "")
    return Found(
        node=node,
        key="/".join([handle, *places]),
        verb="exempt",
        excepted=policies,
        places=places,
        title=shown.text if shown and shown.text else handle,
        end=about.get("expiresOn"),
        reason=about.get("description"),
        facts={"category": category.text if category else "", "only": ", ".join(parts)},
    )


def _texts(node: Node | None) -> list[str]:
    return node.texts() if node is not None else []
