"""A change that waits for a second person, on the page of what it would change: in words, and who may answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import queries as people
from accounts.errors import Sentence
from accounts.models import Proposal, ProposalState, User
from accounts.rules import may_govern_people, may_run_catalog
from catalog import queries as catalog
from portal.chronicle import Change
from workflows.models import RuleProposal

SHOWN = 8


@dataclass(frozen=True)
class Waiting:
    """A change that a person may answer: what it is about, and where."""

    url: str
    title: str
    handle: str
    proposal: Proposal


def waiting_for(user: User) -> list[Waiting]:
    """Changes that wait for this person's answer among others', the oldest first; at most SHOWN of each kind."""
    found = [
        Waiting(reverse("control", args=[one.control.code]), one.control.title, one.control.code, one)
        for one in catalog.proposals_for(user)[:SHOWN]
    ]
    found += [
        Waiting(reverse("approver_group", args=[one.group.slug]), one.group.name, _("who decides"), one)
        for one in people.proposals_by_others(user)[: SHOWN if may_govern_people(user) else 0]
    ]
    rules = RuleProposal.objects.filter(state=ProposalState.WAITING).exclude(proposed_by=user)
    found += [
        Waiting(reverse("rule", args=[one.slug]), str(one.after.get("name", one.slug)), _("approval rule"), one)
        for one in rules.select_related("proposed_by")[: SHOWN if may_run_catalog(user) else 0]
    ]
    return sorted(found, key=lambda one: one.proposal.proposed_at)


def context(
    user: User,
    proposal: Proposal,
    changes: Sequence[Change],
    urls: tuple[str, str],
    *,
    governs: bool,
    why_not: Sentence | None = None,
) -> dict[str, Any]:
    """What portal/proposal.html shows. `urls` are where it is accepted, and where it is declined or withdrawn."""
    is_theirs = proposal.proposed_by == user
    return {
        "proposal": proposal,
        "proposed": changes,
        "acceptance_url": urls[0],
        "refusal_url": urls[1],
        "may_accept": governs and not is_theirs and why_not is None,
        "may_decline": governs and not is_theirs,
        "may_withdraw": governs and is_theirs,
        "why_not_accept": why_not if governs and not is_theirs else None,
    }
