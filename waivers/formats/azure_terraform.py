"""Azure Policy exemptions as Terraform writes them: azurerm resources, or modules that take the same arguments."""

from __future__ import annotations

from collections.abc import Iterable

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

_PLACES = ("scope", "resource_id", "resource_group_id", "subscription_id", "management_group_id")


def is_like(document: Document) -> bool:
    """A resource of that type, or a module with an exemption's arguments."""
    return any(_is_one(root) for root in document.roots)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each block."""
    yield from each([root for root in document.roots if _is_one(root)], _entry)


def _is_one(block: Node) -> bool:
    words = block.members[""].texts()
    if words[0] == "resource":
        return len(words) > 1 and words[1].startswith("azurerm_") and words[1].endswith("policy_exemption")
    return words[0] == "module" and "policy_assignment_id" in block.members and "exemption_category" in block.members


def _entry(block: Node) -> Found:
    words, about = block.members[""].texts(), block.members
    texts = {name: found.text for name in ("name", "display_name") if (found := about.get(name))}
    named = about.get("policy_definition_reference_ids") or about.get("member_definition_names")
    category, assignment = about.get("exemption_category"), about.get("policy_assignment_id")
    return Found(
        node=block,
        key=".".join(words),
        verb="exempt",
        excepted=[assignment.text] if assignment else [],
        places=[found.text for name in _PLACES if (found := about.get(name))],
        title=texts.get("display_name") or texts.get("name") or words[-1],
        end=about.get("expires_on"),
        reason=about.get("description"),
        facts={"category": category.text if category else "", "only": ", ".join(named.texts()) if named else ""},
    )
