"""Secrets in a pasted text: the shapes their makers publish, masked before anything keeps the text.

A shape is a prefix, a header or a name before a value, never mere randomness: ARNs, digests and ids of requests stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

MASK = "[masked]"


@dataclass(frozen=True)
class Masked:
    """A text without its secrets; `kinds` has one entry for each that was there."""

    text: str
    kinds: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """A sentence for the person who pasted; empty when nothing was masked."""
        if not self.kinds:
            return ""
        n = len(self.kinds)
        sentence = ngettext("%(n)d secret was masked: %(kinds)s.", "%(n)d secrets were masked: %(kinds)s.", n)
        return sentence % {"n": n, "kinds": ", ".join(dict.fromkeys(self.kinds))}


def mask(text: str) -> Masked:
    """The text with every secret of a known shape replaced; once masked, it stays as it is."""
    found: list[str] = []
    for kind, shape in _SHAPES:
        places = list(_places(shape, text))
        found.extend([str(kind)] * len(places))
        for start, end in reversed(places):
            text = f"{text[:start]}{MASK}{text[end:]}"
    return Masked(text, tuple(found))


def _places(shape: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    group = "secret" if "secret" in shape.groupindex else 0
    return (found.span(group) for found in shape.finditer(text))


_ALONE = r"(?<![\w.-])"
_HIDDEN = r"(?!\[masked\]|\*\*|HIDDEN_)"
_IS = r"""\\*["']?\s*[:=]\s*\\*["']?"""
_VALUE = rf"""{_HIDDEN}(?P<secret>[^\s"'\\&;,]{{8,}})"""
_NAMES = (
    r"(?:passw(?:or)?d|passphrase|pwd(?!=/)|client_?secret|(?:access|refresh|auth|private)_?token|api_?key|"
    r"secret_?key|account_?key|shared_?access_?key)"
)


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _named(pattern: str) -> re.Pattern[str]:
    """Names of headers and fields, which nobody writes in one case."""
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_SHAPES: tuple[tuple[Promise, re.Pattern[str]], ...] = (
    (
        _("a private key"),
        _shape(
            r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[\s\S]*?-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|(?:(?:\\n|\s)+[A-Za-z0-9+/=]{16,})*)"
        ),
    ),
    (_("a Vault token"), _shape(_ALONE + r"(?:hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}(?![\w.-]))")),
    (_("a GitHub token"), _shape(r"(?<!\w)(?:gh[pousr]_\w{30,}(?:\.[\w-]+)*|github_pat_\w{22,})")),
    (
        _("a GitLab token"),
        _shape(r"(?<!\w)gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{20,}(?:\.[\w-]+)*"),
    ),
    (_("a Slack token"), _shape(r"(?<!\w)(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]{10,}")),
    (_("a Google key"), _shape(_ALONE + r"(?:AIza[\w-]{35}(?![\w-])|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})")),
    (_("a registry's token"), _shape(_ALONE + r"(?:npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,}|dckr_pat_[\w-]{20,})")),
    (_("a web token (JWT)"), _shape(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]*\.[\w-]+(?:\.[\w-]+){0,2}")),
    (_("an AWS key"), _shape(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    (_("an AWS secret"), _named(rf"secret_?access_?key{_IS}(?P<secret>[A-Za-z0-9/+=]{{40}})(?![A-Za-z0-9/+=])")),
    (_("an AWS session token"), _named(rf"session_?token{_IS}(?P<secret>[A-Za-z0-9/+=%]{{50,}})")),
    (_("a Vault token"), _named(rf"X-Vault-Token{_IS}{_VALUE}")),
    (
        _("a token in a header"),
        _named(
            r"(?:X-(?:Auth|Access|Amz-Security|Gitlab|Consul)-Token|X-(?:Goog-)?Api-Key|\b(?:PRIVATE|JOB|DEPLOY)-TOKEN)"
            rf"{_IS}{_VALUE}"
        ),
    ),
    (_("credentials in a header"), _named(rf"Authorization{_IS}(?:Bearer|Basic|Token|ApiKey)\s+{_VALUE}")),
    (
        _("the signature of an address"),
        _named(rf"(?:[?&;]|\\u0026)(?:sig|X-Amz-Signature|X-Goog-Signature)={_HIDDEN}(?P<secret>[\w%/+=.-]{{20,}})"),
    ),
    (_("a password in an address"), _named(rf"""://[^\s/:@]*:{_HIDDEN}(?P<secret>[^\s/@"']+)@""")),
    (_("a password or key"), _named(rf"""{_NAMES}\\*["']\s*:\s*\\*["']{_HIDDEN}(?P<secret>[^"'\\]+)""")),
    (_("a password or key"), _named(rf"""{_NAMES}\s?=\s?(?P<quote>["']){_HIDDEN}(?P<secret>[^"'\n]+)(?P=quote)""")),
    (
        _("a password or key"),
        _named(
            rf"""{_NAMES}(?:\s?=\s?|(?<=--password)\s){_HIDDEN}(?P<secret>(?:(?![&;,][\s\w.-]*=|\\+[nrt])[^\s"'<>])+)"""
        ),
    ),
    (_("a password or key"), _named(rf"""^[ \t-]*+[\w.-]*{_NAMES}:[ \t]+{_HIDDEN}(?P<secret>[^\s"']+)[ \t]*$""")),
)
