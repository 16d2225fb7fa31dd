"""Refusals that are sentences, as the services write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from intake.refusals.refusal import Refusal, arn_names, kubernetes_names, present

_VAULT_VERBS = {"GET": "read", "LIST": "list", "PUT": "write", "POST": "write", "PATCH": "patch", "DELETE": "delete"}


def read(text: str) -> Refusal | None:
    """What the first sentence we know says, or None."""
    found = ((pattern.search(text), make) for pattern, make in _SENTENCES)
    return next((make(match) for match, make in found if match), None)


def _aws(found: re.Match[str]) -> Refusal:
    resource = (found["resource"] or "").strip("\"'.,")
    return Refusal("AWS", arn_names(found["who"]), (found["action"],), resource, ("aws", found["action"].split(":")[0]))


def _vault(found: re.Match[str]) -> Refusal:
    address = urlsplit(found["url"])
    path = re.sub(r"^/v1/", "", address.path).strip("/")
    return Refusal("Vault", (), (_VAULT_VERBS[found["method"]],), path, present(("vault", address.hostname or "")))


def _kubernetes(found: re.Match[str]) -> Refusal:
    parts = (found["namespace"], found["resource"], found["name"])
    resource = "/".join(filter(None, parts))
    return Refusal("Kubernetes", kubernetes_names(found["who"]), (found["verb"],), resource, ("kubernetes", "cluster"))


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
    names = present((found["who"], found["object"] or ""))
    return Refusal("Azure", names, (found["action"],), found["scope"].strip("/"), ("azure",))


def _azure_policy(found: re.Match[str]) -> Refusal:
    named = re.search(r'"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"', found["rest"])
    policy = named[1] if named else ""
    return Refusal("Azure Policy", (), ("deploy",), found["resource"], ("azure",), policy)


def _google(found: re.Match[str]) -> Refusal:
    who, _at, _domain = (found["who"] or "").partition("@")
    return Refusal("Google Cloud", present((found["who"] or "", who)), (found["action"],), systems=("google", "gcp"))


def _google_on(found: re.Match[str]) -> Refusal:
    resource = found["resource"].removeprefix("//").strip("/")
    return Refusal("Google Cloud", (), (found["action"],), resource, ("google", "gcp"))


def _git(found: re.Match[str]) -> Refusal:
    who = found["who"].strip(".")
    return Refusal("Git", present((who, who.removesuffix("[bot]"))), ("push",), found["repo"], ("github", "git"))


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
