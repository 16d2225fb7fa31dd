"""The canonical, versioned ask and the catalog facts shown with it; their digest is what a decision binds to.

DESIGN, promise 5. The document holds people by pseudonym and is serialised by RFC 8785, so that the digest
(SHA-256, hex) is the same on every machine. The format number changes when a field is added; old documents stay.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import rfc8785
from django.db.models import QuerySet

from accounts.models import User
from catalog.models import Control, Identity, System, Tier
from exceptions_app.models import SINCE, Evidence, EvidencePurpose, ExceptionCase, Grant, Review, Safeguard

Part = TypeVar("Part", Grant, Safeguard, Evidence, Review)

FORMAT, BEFORE_RENEWALS, BEFORE_CHANGES = 3, 2, 1
"""From 2 on it says what is done at each change, from 3 on what a renewal answers; what was pinned before stays."""
_TEXTS = (
    "kind",
    "title",
    "blocked",
    "normal_path",
    "justification",
    "if_conditions_change",
    "exit_plan",
    "excess",
    "excess_reason",
    "credential_form",
    "change_ref",
    "incident_ref",
    "ticket_ref",
    "likelihood",
    "impact",
    "raised_tier",
    "term_days",
    "end_zone",
    "renewal_number",
)


def document(case: ExceptionCase) -> dict[str, Any]:
    """Everything an approver is asked to accept, and the catalog facts beside it, as plain JSON values."""
    return documents([case])[case.pk]


def documents(cases: Sequence[ExceptionCase]) -> dict[int, dict[str, Any]]:
    """The documents of these cases by key; four queries if the cases come with the rows they point to."""
    grants = _by_case(Grant.objects.filter(case__in=cases).select_related("system"))
    safeguards = _by_case(Safeguard.objects.filter(case__in=cases, decision__isnull=True))
    evidence = _by_case(Evidence.objects.filter(case__in=cases, purpose=EvidencePurpose.ASK))
    reviews = _by_case(Review.objects.unanswered().filter(case__in=cases))
    return {
        case.pk: document_of(case, grants[case.pk], safeguards[case.pk], evidence[case.pk], reviews[case.pk])
        for case in cases
    }


def document_of(
    case: ExceptionCase,
    grants: Sequence[Grant],
    safeguards: Sequence[Safeguard],
    evidence: Sequence[Evidence],
    reviews: Sequence[Review],
) -> dict[str, Any]:
    """The document of rows in hand, each kind in the order of its keys: what a page shows is what it binds to.

    What changed since an approval, and so is to be looked at by approving anew, is among the facts.
    """
    evidence = [item for item in evidence if item.purpose == EvidencePurpose.ASK]
    safeguards = [item for item in safeguards if item.decision_id is None]
    systems = {grant.system.pk: grant.system for grant in grants if grant.system is not None}
    facts: dict[str, Any] = {
        "control": _control(case.control, case.risk_tier) if case.control else None,
        "identity": _identity(case.identity) if case.identity else None,
        "systems": [_system(systems[key]) for key in sorted(systems)],
        "risk_tier": case.risk_tier,
    }
    if case.renews is not None and case.renews.was_cut_short:
        facts["renewed"] = case.renews.state
    if changed := [{"trigger": one.trigger, "why": one.why} for one in reviews if not one.outcome]:
        facts["changed"] = changed
    return {"format": _format(case), "ask": _ask(case, grants, safeguards, evidence), "facts": facts}


def _format(case: ExceptionCase) -> int:
    if any(getattr(case, name) for name in SINCE):
        return FORMAT
    return BEFORE_RENEWALS if case.on_change else BEFORE_CHANGES


def digest(case: ExceptionCase) -> str:
    """SHA-256 (hex) of the document as it stands now."""
    return digest_of(document(case))


def digests(cases: Sequence[ExceptionCase]) -> dict[int, str]:
    """The digests of these cases' documents by key, in the queries of `documents`."""
    return {key: digest_of(body) for key, body in documents(cases).items()}


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256 (hex) of a document."""
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def digest_of_safeguard(safeguard: Safeguard) -> str:
    """SHA-256 (hex) of what a safeguard says of itself, and since when it fails: what its verification binds to."""
    failed = {"failed_at": safeguard.failed_at.isoformat()} if safeguard.failed_at else {}
    return digest_of(_safeguard(safeguard) | failed)


def _by_case(rows: QuerySet[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.case_id].append(row)
    return found


def _ask(
    case: ExceptionCase, grants: Sequence[Grant], safeguards: Sequence[Safeguard], evidence: Sequence[Evidence]
) -> dict[str, Any]:
    optional = ("on_change", *SINCE)
    said = {name: value for name in optional if (value := getattr(case, name))}
    return (
        {name: getattr(case, name) for name in _TEXTS}
        | said
        | {
            "reference": case.reference,
            "requester": _person(case.requester),
            "owner": _person(case.owner),
            "backup_owner": _person(case.backup_owner),
            "remediation_on": _instant(case.remediation_on),
            "end_on": _instant(case.end_on),
            "planned_start_at": _instant(case.planned_start_at),
            "exposed_from_at": _instant(case.exposed_from_at),
            "latest_end_at": _instant(case.latest_end_at),
            "renews": case.renews.reference if case.renews else None,
            "grants": [_grant(grant) for grant in grants],
            "safeguards": [_safeguard(item) for item in safeguards],
            "evidence": [{"title": item.title, "url": item.url, "sha256": item.sha256} for item in evidence],
        }
    )


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "system": grant.system.slug if grant.system else None,
        "actions": grant.actions,
        "resource": grant.resource,
        "networks": grant.networks,
        "conditions": grant.conditions,
    }


def _safeguard(safeguard: Safeguard) -> dict[str, Any]:
    said = {"kind": safeguard.kind, "description": safeguard.description, "required": safeguard.required}
    return said | ({"details": safeguard.details} if safeguard.details else {})


def _control(control: Control, tier: int | None) -> dict[str, Any]:
    """The cap is a fact too: a page says for how long one approves, which is the shorter of asked term and cap."""
    facts = {
        "code": control.code,
        "title": control.title,
        "statement": control.statement,
        "severity": control.severity,
        "owner": _person(control.owner),
        "exceptions_allowed": control.exceptions_allowed,
        "term_cap_days": control.term_cap(tier) if tier else None,
    }
    if required := control.safeguards_required(tier or Tier.LOW):
        facts["required_safeguards"] = [kind.value for kind in required]
    return facts


def _identity(identity: Identity) -> dict[str, Any]:
    return {
        "slug": identity.slug,
        "name": identity.name,
        "kind": identity.kind,
        "environment": identity.environment,
        "owner": _person(identity.owner),
        "vendor": identity.vendor_shown,
    }


def _system(system: System) -> dict[str, Any]:
    return {
        "slug": system.slug,
        "name": system.name,
        "environment": system.environment,
        "criticality": system.criticality,
    }


def _person(user: User | None) -> str | None:
    return str(user.pseudonym) if user else None


def _instant(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if value else None
