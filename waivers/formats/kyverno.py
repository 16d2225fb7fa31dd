"""Kyverno PolicyException: policies and rules that certain resources are exempt from, without end or reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from waivers.formats.entries import Found, each
from waivers.formats.tree import BadEntry, Document, Node

KIND = "PolicyException"


def is_like(document: Document) -> bool:
    """A document of that kind."""
    return any(_is_one(root) for root in document.roots)


def read(document: Document) -> Iterable[Found | BadEntry]:
    """One entry for each PolicyException of the file."""
    yield from each([root for root in document.roots if _is_one(root)], _entry)


def _is_one(root: Node) -> bool:
    kind = root.get("kind")
    return kind is not None and kind.value == KIND


def _entry(node: Node) -> Found:
    policies = [*_exceptions(node), *_policies(node), *_references(node)]
    name = _named(node)
    spec = node.get("spec")
    return Found(
        node=node,
        key=name,
        verb="skip-policy",
        excepted=policies,
        places=[*_places(spec)] if spec else [],
        title=name,
        facts={"conditions": "yes" if spec and spec.get("conditions") else ""},
        commented=Node(node.line, node.line, None),
    )


def _named(node: Node) -> str:
    parts = [found.text for path in ("namespace", "name") if (found := node.get("metadata", path))]
    return "/".join(parts)


def _exceptions(node: Node) -> Iterator[str]:
    """`spec.exceptions`: a policy and its rules."""
    listed = node.get("spec", "exceptions")
    for item in listed.items if listed else ():
        policy, rules = item.members.get("policyName"), item.members.get("ruleNames")
        names = [name for name in rules.texts() if not name.startswith("autogen-")] if rules else []
        for name in names or [""]:
            yield "/".join(filter(None, [policy.text if policy else "", name]))


def _policies(node: Node) -> Iterator[str]:
    """`spec.policies`, as a wrapper of Giant Swarm writes it."""
    listed = node.get("spec", "policies")
    yield from listed.texts() if listed else ()


def _references(node: Node) -> Iterator[str]:
    """`spec.policyRefs`, as the newer API writes it."""
    listed = node.get("spec", "policyRefs")
    for item in listed.items if listed else ():
        name = item.members.get("name")
        if name:
            yield name.text


def _places(spec: Node) -> Iterator[str]:
    """Which resources: namespace, kinds and names in words, and who asks."""
    for how in ("any", "all"):
        listed = spec.get("match", how)
        for item in listed.items if listed else ():
            yield from _resources(item)
    targets = spec.get("targets")
    for item in targets.items if targets else ():
        yield _words(item)


def _resources(item: Node) -> Iterator[str]:
    resources = item.get("resources")
    if resources is not None:
        yield _words(resources)
    subjects = item.get("subjects")
    for subject in subjects.items if subjects else ():
        parts = [found.text for name in ("kind", "namespace", "name") if (found := subject.members.get(name))]
        yield "asked by " + "/".join(parts)


def _words(resources: Node) -> str:
    parts = []
    for label, names in (("", ("kind", "kinds")), ("named", ("names", "name")), ("in", ("namespaces", "namespace"))):
        texts = [text for name in names if (found := resources.members.get(name)) for text in found.texts()]
        if texts:
            parts.append(" ".join(filter(None, [label, ", ".join(texts)])))
    return " ".join(parts)
