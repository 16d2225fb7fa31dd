"""What a writer wrote of a draft, as values: the fields they may write, its grants and its safeguards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.models import System
from exceptions_app.models import SINCE, ExceptionCase, Grant

FIELDS = (
    "kind",
    "title",
    "control",
    "identity",
    "blocked",
    "normal_path",
    "justification",
    "if_conditions_change",
    "on_change",
    "exit_plan",
    "remediation_on",
    "excess",
    "excess_reason",
    "credential_form",
    "exposed_from_at",
    "owner",
    "backup_owner",
    "likelihood",
    "impact",
    "raised_tier",
    "term_days",
    "end_on",
    "end_zone",
    "planned_start_at",
    "change_ref",
    "incident_ref",
    "ticket_ref",
    *SINCE,
)
"""What a person may write in a draft; everything else is the register's own."""


@dataclass(frozen=True)
class GrantContent:
    """One grant as written: actions are single words, networks CIDR blocks."""

    system: System | None
    actions: Sequence[str]
    resource: str
    networks: Sequence[str] = ()
    conditions: str = ""


@dataclass(frozen=True)
class SafeguardContent:
    """One compensating control as written."""

    kind: str
    description: str
    required: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    """By the fields of its kind (safeguard_kinds.py); what is of another shape is not kept."""


@dataclass(frozen=True)
class DraftContent:
    """The whole of a draft as its writer sees it. Fields left out keep their value; lists replace the old ones."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    grants: Sequence[GrantContent] | None = None
    safeguards: Sequence[SafeguardContent] | None = None


def grant_contents(case: ExceptionCase) -> list[GrantContent]:
    """The case's grants as content."""
    grants = case.grants.select_related("system").order_by("pk")
    return [content_of(grant) for grant in grants if grant.opens is not None]


def content_of(grant: Grant) -> GrantContent:
    """What a grant opens, as content."""
    scope = grant.opens or grant.asked
    return GrantContent(grant.system, scope.actions, scope.resource, scope.networks, grant.conditions)


def safeguard_contents(case: ExceptionCase) -> list[SafeguardContent]:
    """The case's safeguards as content."""
    return [SafeguardContent(s.kind, s.description, s.required, s.details) for s in case.safeguards.order_by("pk")]
