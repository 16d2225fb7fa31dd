"""The one scope grammar and its matcher: a literal, or a prefix ending in `*` at a `/` boundary (DESIGN §4)."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

MAX_LENGTH = 500
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f]")


def problem(pattern: str) -> str | None:
    """Why this pattern is not in the grammar, as a sentence; None when it is."""
    if not pattern:
        return _("Name the resource this opens.")
    if len(pattern) > MAX_LENGTH:
        return _("A resource pattern has at most %(n)d characters.") % {"n": MAX_LENGTH}
    if _FORBIDDEN.search(pattern):
        return _("A resource pattern contains no spaces or control characters.")
    if any(part in {".", ".."} for part in pattern.split("/")):
        return _("A resource pattern contains no “.” or “..” segments.")
    return _star_problem(pattern)


def _star_problem(pattern: str) -> str | None:
    stars = pattern.count("*")
    if stars == 0:
        return None
    if stars == 1 and pattern.endswith("/*") and pattern.strip("/*"):
        return None
    return _("Use “*” only once, at the end, right after a “/”, with something named before it: kv/prod/erp/*.")


def matches(pattern: str, resource: str) -> bool:
    """Whether a resource (a literal) falls under the pattern. Case-sensitive; an invalid input never matches."""
    if problem(pattern) or problem(resource) or "*" in resource:
        return False
    return covers(pattern, resource)


def covers(wide: str, narrow: str) -> bool:
    """Whether all under `narrow` is also under `wide`. `a/*` covers `a/b` and `a/b/*`, but neither `a` nor `a/`."""
    if not wide.endswith("/*"):
        return wide == narrow
    prefix = wide[:-1]
    return narrow.startswith(prefix) and len(narrow) > len(prefix)
