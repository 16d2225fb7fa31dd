"""What a refusal says, and the names people and machines go by in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


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

    @property
    def is_by_session(self) -> bool:
        """Whether a session of an assumed role was refused: its credential is temporary."""
        return any(":assumed-role/" in name for name in self.identities)


def arn_names(arn: str) -> tuple[str, ...]:
    """The ARN; for a session also its role's ARN; and the role's or user's bare name."""
    found = re.fullmatch(r"arn:(aws[\w-]*):(?:sts|iam)::(\d+):assumed-role/([^/]+)/.*", arn)
    if found:
        return (f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}", arn, found[3])
    return present((arn, arn.rpartition("/")[2]))


def kubernetes_names(user: str) -> tuple[str, ...]:
    """The user's full name, and a service account's own."""
    return present((user, user.rpartition(":")[2])) if ":" in user else present((user,))


def present(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
