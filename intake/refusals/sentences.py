"""Refusals that are sentences, as the services write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from intake.refusals.refusal import Refusal, arn_names, kubernetes_names, present

_VERBS = {"GET": "read", "LIST": "list", "PUT": "write", "POST": "write", "PATCH": "patch", "DELETE": "delete"}


def read(text: str) -> Refusal | None:
    """What the first sentence we know says, or None."""
    found = ((pattern.search(text), make) for pattern, make in _SENTENCES)
    return next((make(match) for match, make in found if match), None)


def _aws(found: re.Match[str]) -> Refusal:
    resource = (found["resource"] or "").strip("\"'.,")
    return Refusal("AWS", arn_names(found["who"]), (found["action"],), resource, ("aws", found["action"].split(":")[0]))


def _vault(found: re.Match[str]) -> Refusal:
    try:
        address = urlsplit(found["url"])
    except ValueError:  # brackets that are no IPv6 address
        return Refusal("Vault", (), (_VERBS[found["method"]],), systems=("vault",))
    path = re.sub(r"^/v1/", "", address.path).strip("/")
    return Refusal("Vault", (), (_VERBS[found["method"]],), path, present(("vault", address.hostname or "")))


def _vault_path(found: re.Match[str]) -> Refusal:
    """A path and no verb: reading is the least that may have been refused."""
    return Refusal("Vault", (), ("read",), found["path"], ("vault",))


def _kubernetes(found: re.Match[str]) -> Refusal:
    named = re.search(r"[\"“']([\w.-]+)[\"”'] is forbidden: $", found.string[: found.start()])
    parts = (found["namespace"], found["resource"], named[1] if named else "")
    resource = "/".join(filter(None, parts))
    return Refusal("Kubernetes", kubernetes_names(found["who"]), (found["verb"],), resource, ("kubernetes", "cluster"))


def _admission(found: re.Match[str]) -> Refusal:
    rest = found["rest"]
    blocked = re.search(r"resource (\S+/\S+/\S+) was blocked", rest)
    named = re.search(r"\[([\w.-]+)\]", rest) or re.search(r"^([\w.-]+):\s*$", rest, re.MULTILINE)
    tried = re.search(r"error when (creating|patching|replacing|deleting)\b", found.string, re.IGNORECASE)
    return Refusal(
        "Kubernetes admission",
        actions=(_TRIED[tried[1].lower()],) if tried else (),
        resource=blocked[1].lower() if blocked else "",
        systems=("kubernetes", "cluster"),
        policy=named[1] if named else found["hook"],
    )


def _azure(found: re.Match[str]) -> Refusal:
    names = present((found["who"], found["object"] or ""))
    return Refusal("Azure", names, (found["action"],), found["scope"].rstrip("/"), ("azure",))


def _azure_policy(found: re.Match[str]) -> Refusal:
    named = re.search(r'"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"', found["rest"])
    policy = named[1] if named else ""
    return Refusal("Azure Policy", (), (), found["resource"], ("azure",), policy)


def _google(found: re.Match[str]) -> Refusal:
    who, _at, _domain = (found["who"] or "").partition("@")
    return Refusal("Google Cloud", present((found["who"] or "", who)), (found["action"],), systems=("google", "gcp"))


def _google_on(found: re.Match[str]) -> Refusal:
    resource = (found["resource"] or "").removeprefix("//").strip("/")
    return Refusal("Google Cloud", (), (found["action"],), resource, ("google", "gcp"))


def _gcloud(found: re.Match[str]) -> Refusal:
    who = found["who"]
    names = present((who, who.partition("@")[0]))
    return Refusal("Google Cloud", names, present((found["action"] or "",)), found["resource"], ("google", "gcp"))


def _git(found: re.Match[str]) -> Refusal:
    who = found["who"].strip(".,'\"")
    return Refusal("Git", present((who, who.removesuffix("[bot]"))), ("push",), found["repo"], ("github", "git"))


def _github(found: re.Match[str]) -> Refusal:
    """An app's token lacks a permission. Which repository, and what of it, only the address says."""
    called = _GITHUB_ADDRESS.search(found.string)
    verb = _VERBS[called["method"]] if called and called["method"] else ""
    return Refusal("GitHub", (), present((verb,)), called["path"] if called else "", ("github", "git"))


def _ssh(found: re.Match[str]) -> Refusal:
    """The sign-in was refused; what for, it does not say."""
    return Refusal("SSH", (found["who"],), (), found["host"], (found["host"], "ssh"))


def _postgres(found: re.Match[str]) -> Refusal:
    """The line's prefix may say who and in which database, the statement what; without one, reading is the least."""
    prefix = _POSTGRES_PREFIX.search(found.string[: found.start()].rpartition("\n")[2])
    statement = re.search(r"STATEMENT:\s+(select|insert|update|delete|truncate)\b", found["rest"], re.IGNORECASE)
    least = "select" if found["kind"] in {"table", "relation", "view"} else ""
    return Refusal(
        "PostgreSQL",
        (prefix["who"],) if prefix else (),
        present((statement[1].lower() if statement else least,)),
        found["thing"].strip('"'),
        present((prefix["database"] if prefix else "", "postgresql", "database")),
    )


def _postgres_sign_in(found: re.Match[str]) -> Refusal:
    return Refusal("PostgreSQL", (found["who"],), ("connect",), found["database"] or "", ("postgresql", "database"))


def _registry(found: re.Match[str]) -> Refusal:
    return Refusal("Package registry", (), (found["action"].replace("_", "-"),), "", ("registry", "packages"))


_TRIED = {"creating": "create", "patching": "patch", "replacing": "update", "deleting": "delete"}
_GITHUB_ADDRESS = re.compile(
    r"(?:\b(?P<method>GET|PUT|POST|PATCH|DELETE) )?(?:https://api\.github\.com)?"
    r"/repos/(?P<path>[\w.-]+/[\w.-]+(?:/[\w-]+)?)"
)
_POSTGRES_PREFIX = re.compile(
    r"(?<![\w.$-])(?:user=)?(?P<who>[\w.$-]+)(?:@|,\s*db=)(?P<database>[\w.$-]+)\S*\s+(?:ERROR|FATAL):\s+$"
)
_VAULT_URL = r"URL: (?P<method>GET|LIST|PUT|POST|PATCH|DELETE) (?P<url>https?://\S+)"
_Q = r"[\"'“”`]?"
_SENTENCES: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], Refusal]]] = (
    (
        re.compile(
            r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
            r"(?: on resource: (?P<resource>(?:user|group|role|policy|instance profile) (?!because\b)[\w+=,.@/-]+"
            r"|\S+))?"
        ),
        _aws,
    ),
    (re.compile(rf"{_VAULT_URL}[\s\S]{{0,200}}?(?:Code: 403|permission denied)"), _vault),
    (re.compile(rf"permission denied[\s\S]{{0,200}}?{_VAULT_URL}"), _vault),
    (
        re.compile(
            r"(?:permission denied[\s:,(]+403|403[\s:,)]+permission denied)[\s:,)]+"
            r"(?:on |for )?(?P<path>[\w.-]+(?:/[\w.-]+)+)"
        ),
        _vault_path,
    ),
    (
        re.compile(
            rf"User {_Q}(?P<who>[^\s\"'“”]+){_Q} cannot (?P<verb>\w+) resource {_Q}(?P<resource>[\w./-]+){_Q}"
            rf" in API group {_Q}[\w.-]*{_Q}(?: in the namespace {_Q}(?P<namespace>[\w-]+){_Q})?"
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
    (
        re.compile(
            r"\[(?P<who>[^\]\s]+)\] does not have permission to access \w+ instance \[(?P<resource>[^\]\s]+)\]"
            r"(?:[^']{0,200}Permission '(?P<action>[\w.]+)' denied)?"
        ),
        _gcloud,
    ),
    (
        re.compile(
            r"Permission '(?P<action>[\w.]+)' denied"
            r"(?: on (?!resource \()(?:resource )?'?(?P<resource>[^'\s]+)'?)?"
        ),
        _google_on,
    ),
    (re.compile(r"(?<![\w.+-])(?P<who>[\w.+-]+@[\w.-]+) does not have (?P<action>[\w.]+\.[\w.]+) access"), _google),
    (re.compile(r"Permission to (?P<repo>[\w./-]+?)(?:\.git)? denied to (?P<who>\S+)"), _git),
    (re.compile(r"Resource not accessible by (?:integration|personal access token)"), _github),
    (re.compile(r"(?<![\w.-])(?P<who>[\w.-]+)@(?P<host>[\w.-]+): Permission denied \([\w,-]+\)"), _ssh),
    (
        re.compile(
            r"permission denied for (?P<kind>table|relation|schema|database|sequence|view) (?P<thing>\S+)"
            r"(?P<rest>[\s\S]*)"
        ),
        _postgres,
    ),
    (
        re.compile(
            r"authentication failed for user \"(?P<who>[^\"]+)\"(?:.*?database \"(?P<database>[^\"]+)\")?",
            re.DOTALL,
        ),
        _postgres_sign_in,
    ),
    (re.compile(r"denied: (?:permission_denied: )?(?P<action>(?:write|read|delete)_package)"), _registry),
)
