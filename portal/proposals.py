"""A change that waits for a second person, on the page of what it would change: in words, and who may answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import proposing
from accounts import queries as people
from accounts.errors import Sentence
from accounts.models import Proposal, ProposalState, User
from accounts.rules import may_govern_people, may_run_catalog
from audit import clock
from catalog import queries as catalog
from portal.chronicle import Change
from portal.http import PersonRequest, refusals_answered
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


@dataclass(frozen=True)
class Answering:
    """How the second person answers changes of one kind. `find` gets what the address names; the verbs are services."""

    demand: Callable[[User], None]
    find: Callable[..., Proposal]
    accept: Callable[..., object]
    decline: Callable[..., object]
    accepted: str | Promise
    declined: str | Promise
    back: Callable[..., HttpResponseBase]

    def urls(self, place: str, name: str) -> list[URLPattern]:
        """Where a change is accepted, and where it is declined or, by who proposed it, withdrawn."""
        return [
            path(f"{place}/acceptance/", self._view(self._accept), name=f"{name}acceptance"),
            path(f"{place}/refusal/", self._view(self._decline), name=f"{name}refusal"),
        ]

    def _view(self, answer: Callable[[PersonRequest, Proposal], None]) -> Callable[..., HttpResponseBase]:
        @login_required
        @require_POST
        @refusals_answered
        def view(request: PersonRequest, /, *, pk: int, **named: str) -> HttpResponseBase:
            self.demand(request.user)
            answer(request, self.find(pk=pk, **named))
            return self.back(**named)

        return view

    def _accept(self, request: PersonRequest, proposal: Proposal) -> None:
        proposing.demand_second(proposal, request.user, mark=request.POST.get("seen", ""))
        self.accept(proposal=proposal, actor=request.user, at=clock.now())
        messages.success(request, str(self.accepted))

    def _decline(self, request: PersonRequest, proposal: Proposal) -> None:
        reason = request.POST.get("reason", "")
        self.decline(proposal=proposal, actor=request.user, at=clock.now(), reason=reason)
        messages.success(request, str(self.declined))


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
    why_not = why_not or proposing.why_not_second(proposal, user)
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
