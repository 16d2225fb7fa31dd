"""Reads a refusal that somebody pasted: who was refused what, on what. AWS, Vault, Kubernetes, Azure, Google, Git, CI.

Nothing here decides anything: what is recognised is put into a form that a person reads and sends. Text that says
nothing we know stays text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

LONGEST = 20_000
_VAULT_VERBS = {"GET": "read", "LIST": "list", "PUT": "write", "POST": "write", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Refusal:
    """What a message says. `identities` are names of the one refused, the most exact first; any part may be empty."""

    source: str
    identities: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    resource: str = ""
    systems: tuple[str, ...] = ()
    """Words that may name the system: a host, a service."""
    policy: str = ""
    """The rule that said no, where the message names it."""


def read(text: str) -> Refusal | None:
    """The first refusal in the text, or None. Never raises, whatever is pasted."""
    text = text[:LONGEST].strip()
    for reader in (*_of_documents(text), *(_reader(pattern, make) for pattern, make in _SENTENCES)):
        found = reader(text)
        if found is not None:
            return found
    return None


def _reader(pattern: re.Pattern[str], make: Callable[[re.Match[str]], Refusal]) -> Callable[[str], Refusal | None]:
    def read_sentence(text: str) -> Refusal | None:
        found = pattern.search(text)
        return make(found) if found else None

    return read_sentence


def _of_documents(text: str) -> Iterator[Callable[[str], Refusal | None]]:
    """Readers for JSON: a line of an audit log, or a whole event."""
    start = text.find("{")
    if start < 0:
        return
    try:
        document, _end = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return
    if isinstance(document, Mapping):
        for make in (_cloudtrail, _kubernetes_event, _vault_event):
            yield partial(_made, make, document)


def _made(
    make: Callable[[Mapping[str, Any]], Refusal | None], document: Mapping[str, Any], _text: str
) -> Refusal | None:
    return make(document)


def _cloudtrail(event: Mapping[str, Any]) -> Refusal | None:
    error, name = _text(event, "errorCode"), _text(event, "eventName")
    if not name or not any(word in error for word in ("AccessDenied", "UnauthorizedOperation", "Forbidden")):
        return None
    service = _text(event, "eventSource").removesuffix(".amazonaws.com")
    sentence = read(_text(event, "errorMessage")) if event.get("errorMessage") else None
    resources = [_text(one, "ARN") for one in _list(event, "resources")]
    base = sentence or Refusal("AWS", _arn_names(_text(event, "userIdentity", "arn")), (f"{service}:{name}",))
    return replace(base, resource=base.resource or next(filter(None, resources), ""), systems=("aws", service))


def _kubernetes_event(event: Mapping[str, Any]) -> Refusal | None:
    refused = event.get("responseStatus")
    if not isinstance(refused, Mapping) or refused.get("code") not in {401, 403} or "verb" not in event:
        return None
    target = event.get("objectRef") if isinstance(event.get("objectRef"), Mapping) else {}
    parts = [_text(target or {}, name) for name in ("namespace", "resource", "name")]
    user = _text(event, "user", "username")
    return Refusal(
        "Kubernetes",
        _kubernetes_names(user),
        (_text(event, "verb"),),
        "/".join(filter(None, parts)) or _text(event, "requestURI"),
        ("kubernetes", "cluster"),
    )


def _vault_event(event: Mapping[str, Any]) -> Refusal | None:
    request = event.get("request")
    if not isinstance(request, Mapping) or "permission denied" not in _text(event, "error") or "path" not in request:
        return None
    names = (_text(event, "auth", "display_name"), _text(event, "auth", "entity_id"))
    return Refusal("Vault", _present(names), (_text(request, "operation"),), _text(request, "path"), ("vault",))


def _aws(found: re.Match[str]) -> Refusal:
    resource = (found["resource"] or "").strip("\"'.,")
    return Refusal(
        "AWS", _arn_names(found["who"]), (found["action"],), resource, ("aws", found["action"].split(":")[0])
    )


def _vault(found: re.Match[str]) -> Refusal:
    address = urlsplit(found["url"])
    path = re.sub(r"^/v1/", "", address.path).strip("/")
    return Refusal("Vault", (), (_VAULT_VERBS[found["method"]],), path, _present(("vault", address.hostname or "")))


def _kubernetes(found: re.Match[str]) -> Refusal:
    parts = (found["namespace"], found["resource"], found["name"])
    resource = "/".join(filter(None, parts))
    return Refusal("Kubernetes", _kubernetes_names(found["who"]), (found["verb"],), resource, ("kubernetes", "cluster"))


def _admission(found: re.Match[str]) -> Refusal:
    rest = found["rest"]
    blocked = re.search(r"resource (\S+/\S+/\S+) was blocked", rest)
    named = re.search(r"\[([\w.-]+)\]", rest) or re.search(r"^([\w.-]+):\s*$", rest, re.MULTILINE)
    return Refusal(
        "Kubernetes admission",
        actions=("deploy",),
        resource=blocked[1].lower() if blocked else "",
        systems=("kubernetes", "cluster"),
        policy=named[1] if named else found["hook"],
    )


def _azure(found: re.Match[str]) -> Refusal:
    names = _present((found["who"], found["object"] or ""))
    return Refusal("Azure", names, (found["action"],), found["scope"].strip("/"), ("azure",))


def _azure_policy(found: re.Match[str]) -> Refusal:
    named = re.search(r'"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"', found["rest"])
    policy = named[1] if named else ""
    return Refusal("Azure Policy", (), ("deploy",), found["resource"], ("azure",), policy)


def _google(found: re.Match[str]) -> Refusal:
    who, _at, _domain = (found["who"] or "").partition("@")
    return Refusal("Google Cloud", _present((found["who"] or "", who)), (found["action"],), systems=("google", "gcp"))


def _google_on(found: re.Match[str]) -> Refusal:
    resource = found["resource"].removeprefix("//").strip("/")
    return Refusal("Google Cloud", (), (found["action"],), resource, ("google", "gcp"))


def _git(found: re.Match[str]) -> Refusal:
    who = found["who"].strip(".")
    return Refusal("Git", _present((who, who.removesuffix("[bot]"))), ("push",), found["repo"], ("github", "git"))


def _postgres(found: re.Match[str]) -> Refusal:
    return Refusal("PostgreSQL", (), ("select",), found["thing"].strip('"'), ("postgresql", "database"))


def _postgres_sign_in(found: re.Match[str]) -> Refusal:
    return Refusal("PostgreSQL", (found["who"],), ("connect",), found["database"] or "", ("postgresql", "database"))


def _registry(found: re.Match[str]) -> Refusal:
    return Refusal("Package registry", (), (found["action"].replace("_", "-"),), "", ("registry", "packages"))


_Q = r"[\"'“”`]?"
_SENTENCES: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], Refusal]]] = (
    (
        re.compile(
            r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
            r"(?: on resource: (?P<resource>\S+))?"
        ),
        _aws,
    ),
    (
        re.compile(r"URL: (?P<method>GET|LIST|PUT|POST|PATCH|DELETE) (?P<url>https?://\S+)\s+Code: 403", re.MULTILINE),
        _vault,
    ),
    (
        re.compile(
            rf"User {_Q}(?P<who>[^\s\"'“”]+){_Q} cannot (?P<verb>\w+) resource {_Q}(?P<resource>[\w./-]+){_Q}"
            rf" in API group {_Q}[\w.-]*{_Q}(?: in the namespace {_Q}(?P<namespace>[\w-]+){_Q})?(?P<name>)"
        ),
        _kubernetes,
    ),
    (re.compile(r"admission webhook \"(?P<hook>[^\"]+)\" denied the request:?(?P<rest>[\s\S]*)"), _admission),
    (
        re.compile(
            r"client '(?P<who>[^']+)'(?: with object id '(?P<object>[^']+)')? does not have authorization to perform "
            r"action '(?P<action>[^']+)' (?:over|or the) scope '(?P<scope>[^']+)'"
        ),
        _azure,
    ),
    (re.compile(r"Resource '(?P<resource>[^']+)' was disallowed by policy\.(?P<rest>[\s\S]*)"), _azure_policy),
    (re.compile(r"Permission '(?P<action>[\w.]+)' denied on (?:resource )?'?(?P<resource>[^'\s]+)'?"), _google_on),
    (re.compile(r"(?P<who>[\w.+-]+@[\w.-]+) does not have (?P<action>[\w.]+\.[\w.]+) access"), _google),
    (re.compile(r"Permission to (?P<repo>[\w./-]+?)(?:\.git)? denied to (?P<who>\S+)"), _git),
    (re.compile(r"permission denied for (?:table|relation|schema|database|sequence|view) (?P<thing>\S+)"), _postgres),
    (
        re.compile(
            r"authentication failed for user \"(?P<who>[^\"]+)\"(?:.*?database \"(?P<database>[^\"]+)\")?",
            re.DOTALL,
        ),
        _postgres_sign_in,
    ),
    (re.compile(r"denied: (?:permission_denied: )?(?P<action>(?:write|read|delete)_package)"), _registry),
)


def _arn_names(arn: str) -> tuple[str, ...]:
    """The ARN; for a session also its role's ARN; and the role's or user's bare name."""
    found = re.fullmatch(r"arn:(aws[\w-]*):(?:sts|iam)::(\d+):assumed-role/([^/]+)/.*", arn)
    if found:
        return (f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}", arn, found[3])
    return _present((arn, arn.rpartition("/")[2]))


def _kubernetes_names(user: str) -> tuple[str, ...]:
    """The user's full name, and a service account's own."""
    return _present((user, user.rpartition(":")[2])) if ":" in user else _present((user,))


def _present(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _text(document: Mapping[str, Any], *path: str) -> str:
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _list(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = document.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
