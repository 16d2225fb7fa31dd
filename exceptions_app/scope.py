"""The one scope grammar and its matcher: a literal, or a prefix ending in `*` at a `/` boundary (DESIGN §4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

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


@dataclass(frozen=True)
class Scope:
    """What a grant opens on its system: actions on a resource pattern, from CIDR blocks; from anywhere without any."""

    actions: tuple[str, ...]
    resource: str
    networks: tuple[str, ...] = ()

    def is_within(self, wide: Scope) -> bool:
        """Whether everything this opens the other opens too."""
        return (
            set(self.actions) <= set(wide.actions)
            and covers(wide.resource, self.resource)
            and _networks_within(self.networks, wide.networks)
        )


def meet(one: Scope, other: Scope) -> Scope | None:
    """What both open; None where that is nothing."""
    actions = tuple(action for action in one.actions if action in other.actions)
    if covers(one.resource, other.resource):
        resource = other.resource
    elif covers(other.resource, one.resource):
        resource = one.resource
    else:
        return None
    networks = _networks_meet(one.networks, other.networks)
    return Scope(actions, resource, networks) if actions and networks is not None else None


def _networks_within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    if not wide or not narrow:
        return not wide
    return all(any(_is_subnet(one, other) for other in wide) for one in narrow)


def _networks_meet(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """Blocks in both, where none stands for anywhere; None where there is no address in both."""
    if not one or not other:
        return one or other
    pairs = [(first, second) for first in one for second in other]
    smaller = [first if _is_subnet(first, second) else second for first, second in pairs if _overlap(first, second)]
    return tuple(dict.fromkeys(smaller)) or None


def _is_subnet(narrow: str, wide: str) -> bool:
    """What is no network is within itself alone."""
    try:
        inner, outer = ip_network(narrow), ip_network(wide)
    except ValueError:
        return narrow == wide
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _overlap(one: str, other: str) -> bool:
    return _is_subnet(one, other) or _is_subnet(other, one)
