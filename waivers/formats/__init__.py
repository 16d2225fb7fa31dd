"""Every format of exceptions: recognised by name, else by content, and read within bounds. Nothing here raises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from types import ModuleType

from django.utils.translation import gettext as _

from waivers.formats import (
    audit_ci,
    azure,
    azure_terraform,
    cargo,
    grype,
    hcl_tree,
    json_tree,
    kyverno,
    nsprc,
    osv_scanner,
    snyk,
    toml_tree,
    trivyignore,
    uds,
    yaml_tree,
)
from waivers.formats.entries import Found, read_entries
from waivers.formats.finding import Findings, Problem, ReasonFrom, Waiver
from waivers.formats.tree import LARGEST_FILE, MOST_ENTRIES, BadEntry, Document, Unreadable

__all__ = ["FORMATS", "Findings", "Format", "Problem", "ReasonFrom", "Waiver", "read"]

Parse = Callable[[str], Document]


@dataclass(frozen=True)
class Format:
    """One format: what its files are called, how they are parsed, and the module that knows what is in them."""

    name: str
    label: str
    names: re.Pattern[str]
    parse: Parse
    module: ModuleType
    words: tuple[bytes, ...]  # what an unparsable file must hold to be taken for one

    def is_like(self, document: Document) -> bool:
        found: bool = self.module.is_like(document)
        return found

    def read(self, document: Document) -> Iterable[Found | BadEntry]:
        found: Iterable[Found | BadEntry] = self.module.read(document)
        return found


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_NEVER = _named(r"(?!)")
FORMATS = {
    one.name: one
    for one in (
        Format("snyk", "Snyk", _named(r".*\.snyk"), yaml_tree.parse, snyk, (b"SNYK-", b"npm:")),
        Format(
            "osv-scanner",
            "OSV-Scanner",
            _named(r".*osv-scanner\.toml"),
            toml_tree.parse,
            osv_scanner,
            (b"IgnoredVulns",),
        ),
        Format(
            "trivyignore-yaml",
            "Trivy",
            _named(r".*trivyignore\.ya?ml"),
            yaml_tree.parse,
            trivyignore,
            (b"expired_at:",),
        ),
        Format("nsprc", "nsprc", _named(r".*\.nsprc"), json_tree.parse, nsprc, (b"nodesecurity.io",)),
        Format("audit-ci", "audit-ci", _named(r".*audit-ci\.json[c5]?"), json_tree.parse, audit_ci, (b"allowlist",)),
        Format(
            "cargo",
            "cargo audit and deny",
            _named(r"(.*[_.-])?(audit|deny)\.toml"),
            toml_tree.parse,
            cargo,
            (b"RUSTSEC-",),
        ),
        Format("grype", "Grype", _named(r".*grype\.ya?ml"), yaml_tree.parse, grype, (b"vulnerability:",)),
        Format("kyverno-policyexception", "Kyverno", _NEVER, yaml_tree.parse, kyverno, (b"PolicyException",)),
        Format("uds-exemption", "UDS", _NEVER, yaml_tree.parse, uds, (b"uds.dev/",)),
        Format(
            "azure-policy-exemption",
            "Azure Policy",
            _named(r".*[-_.]?exemptions?\.jsonc?"),
            json_tree.parse,
            azure,
            (b"exemptionCategory", b"policyExemptions"),
        ),
        Format(
            "azure-policy-exemption-terraform",
            "Azure Policy, Terraform",
            _NEVER,
            hcl_tree.parse,
            azure_terraform,
            (b"policy_exemption", b"exemption_category"),
        ),
    )
}
SYNTAXES: dict[str, Parse] = {
    ".yaml": yaml_tree.parse,
    ".yml": yaml_tree.parse,
    ".json": json_tree.parse,
    ".jsonc": json_tree.parse,
    ".toml": toml_tree.parse,
    ".tf": hcl_tree.parse,
}


def read(file: str, content: bytes, *, format_name: str = "") -> Findings:
    """All exceptions of a file. `format_name` forces a format; "" recognises it by name, then by content."""
    findings = Findings(file=file, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    form = FORMATS[format_name] if format_name else by_name(file)
    try:
        _demand_bounds(content)
        text = _decoded(content)
        found = (form, form.parse(text)) if form else _by_content(file, text)
        if found:
            form, document = found
            _take(findings, form, document)
    except Unreadable as error:
        form = form or _suspected(file, content)
        findings.format = form.name if form else ""
        findings.refuse(error.sentence, error.line)
    except RecursionError:
        findings.format = form.name if form else ""
        findings.refuse(_("It is nested too deep to be read."))
    return findings


def by_name(file: str) -> Format | None:
    """The format whose files are called so."""
    name = PurePath(file).name
    return next((form for form in FORMATS.values() if form.names.fullmatch(name)), None)


def _by_content(file: str, text: str) -> tuple[Format, Document] | None:
    parse = SYNTAXES.get(PurePath(file).suffix.lower())
    if parse is None:
        return None
    document = parse(text)
    form = next((form for form in FORMATS.values() if form.parse is parse and form.is_like(document)), None)
    return (form, document) if form else None


def _suspected(file: str, content: bytes) -> Format | None:
    """The format an unparsable file seems to be of: any other may stand in a folder without concern to us."""
    parse = SYNTAXES.get(PurePath(file).suffix.lower())
    likely = (form for form in FORMATS.values() if form.parse is parse and any(w in content for w in form.words))
    return next(likely, None)


def _take(findings: Findings, form: Format, document: Document) -> None:
    findings.format = form.name
    if (isinstance(document.root.value, list) and form.module is not azure) or not _is_collection(document):
        raise Unreadable(_("A mapping is expected at the top, not %(what)s.") % {"what": document.root.kind}, 1)
    try:
        read_entries(findings, document, form.read)
    except BadEntry as error:
        findings.refuse(error.sentence, error.line)
        return
    if len(findings.waivers) > MOST_ENTRIES:
        findings.refuse(_("It holds more than %(n)d exceptions.") % {"n": MOST_ENTRIES})
        return
    findings.notes += [Problem(line, sentence) for line, sentence in document.notes]


def _is_collection(document: Document) -> bool:
    return document.root.value is None or isinstance(document.root.value, dict | list)


def _demand_bounds(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise Unreadable(_("It is larger than %(n)d MB.") % {"n": LARGEST_FILE // 1024**2})
    if b"\x00" in content:
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        raise Unreadable(_("It holds a NUL byte, so it is not a text."), line)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(_("It is not UTF-8: save it in that encoding."), line) from error
