"""What this person can do to a case, and why they cannot do the rest: one table, asked of `rules.why_not`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_ins import SignIn
from catalog.models import Tier
from exceptions_app import freshness, rules
from exceptions_app.freshness import Freshness
from exceptions_app.laws import LAWS
from exceptions_app.models import EndReason, ExceptionCase, RemovalState, State
from exceptions_app.queries.case import Story
from portal.case.deciding import Deciding, deciding


@dataclass(frozen=True)
class Kind:
    """One act a page offers: the law's word, the button, and where it leads. A place beginning # is on the page."""

    action: str
    label: str | Promise
    icon: str
    place: str
    tone: str = ""
    is_post: bool = False
    hidden: bool = False  # not shown to those who may not: it concerns one person only


KINDS = (
    Kind("claim", _("Claim…"), "user", "case_claim", "primary", hidden=True),
    Kind("edit", _("Continue the draft"), "pencil", "draft", "primary"),
    Kind("accept_backup", _("Accept being backup owner"), "user", "case_backup_acceptance", is_post=True, hidden=True),
    Kind("accept_ownership", _("Take it over"), "user", "case_ownership_acceptance", is_post=True, hidden=True),
    Kind("review", _("Review…"), "eye", "case_review", "primary"),
    Kind("verify", _("Verify a safeguard"), "shield", "#safeguards"),
    Kind("report_failure", _("A safeguard fails"), "warn", "#safeguards"),
    Kind("resume", _("Resume…"), "refresh", "case_resumption", "primary"),
    Kind("renew", _("Renew…"), "refresh", "case_renewal"),
    Kind("let_end", _("Let it end"), "hourglass", "case_let_end", is_post=True, hidden=True),
    Kind("record_use", _("Record a use…"), "key", "case_use", hidden=True),
    Kind("complete", _("End now…"), "check", "case_completion"),
    Kind("offer_ownership", _("Hand over…"), "user", "case_ownership_offer", hidden=True),
    Kind("shorten", _("End sooner…"), "hourglass", "case_shortening"),
    Kind("report_change", _("Something changed…"), "bolt", "case_change", hidden=True),
    Kind("suspend", _("Suspend…"), "pause", "case_suspension"),
    Kind("revoke", _("Revoke…"), "cut", "case_revocation", "danger"),
    Kind("confirm_removal", _("Confirm removed"), "check", "#opens"),
    Kind("amend", _("Change the request"), "pencil", "amendment"),
    Kind("take", _("I am at it"), "user", "case_taking", is_post=True, hidden=True),
    Kind("release", _("Let it go"), "user", "case_release", is_post=True, hidden=True),
    Kind("nudge", _("Remind the approvers"), "mail", "case_nudge", is_post=True, hidden=True),
    Kind("raise_tier", _("Raise the risk…"), "warn", "case_risk", hidden=True),
    Kind("withdraw", _("Withdraw"), "back", "case_withdrawal", "danger", is_post=True),
    Kind("duplicate", _("Duplicate"), "copy", "case_duplicate", is_post=True),
)
DOES: Mapping[str, Promise] = {
    "complete": _("It is over at once, because nobody needs it any more. That cannot be undone."),
    "shorten": _("It gets an earlier end. Until then nothing changes."),
    "suspend": _("It is out of force until somebody who does not gain from it lets it resume. Its end stays."),
    "revoke": _("It is over at once, because it should not be. That cannot be undone."),
}
"""What they do, where the button alone does not tell one from another."""


@dataclass(frozen=True)
class Act:
    kind: Kind
    url: str

    @property
    def does(self) -> str | Promise:
        return DOES.get(self.kind.action, "")


@dataclass(frozen=True)
class Refused:
    """Buttons that stay visible, disabled, for one and the same reason."""

    labels: Sequence[str | Promise]
    sentence: str
    key: str


@dataclass(frozen=True)
class Acts:
    """`possible` is offered; what is allowed and has nothing left to act on is not."""

    deciding: Deciding | None
    possible: Sequence[Act]
    refused: Sequence[Refused]
    allowed: frozenset[str]

    @property
    def asked_of_one(self) -> bool:
        """Whether it waits for an answer of this very person."""
        return any(act.kind.action in {"accept_backup", "accept_ownership"} for act in self.possible)

    @property
    def explained(self) -> list[Act]:
        """Those that differ in more than their button says."""
        return [act for act in self.possible if act.does]

    def may(self, action: str) -> bool:
        return action in self.allowed


def acts(story: Story, user: User, at: datetime, sign_in: SignIn) -> Acts:
    """Everything the case's state has room for, sorted into what this person can do and cannot."""
    possible: list[Act] = []
    allowed: set[str] = set()
    done = _done(story, at)
    refusals: list[tuple[str | Promise, str]] = []
    answer = deciding(story, user, at, sign_in) if story.case.state == State.REQUESTED else None
    if isinstance(answer, str):
        refusals = [(label, answer) for label in (_("Approve"), _("Ask for changes"), _("Reject"))]
    for kind in _fitting(story, at):
        sentence = rules.why_not(user, kind.action, story.case, at)
        if sentence is None:
            allowed.add(kind.action)
        if kind.action in done:
            continue
        if sentence is None:
            possible.append(Act(kind, _url(kind, story.case.reference)))
        elif not kind.hidden:
            refusals.append((kind.label, sentence))
    return Acts(
        answer if isinstance(answer, Deciding) else None, possible, list(_grouped(refusals)), frozenset(allowed)
    )


def _fitting(story: Story, at: datetime) -> Iterator[Kind]:
    """The acts the case's state allows somebody, and that have something to act on."""
    has_owed = any(grant.removal_state == RemovalState.OWED for grant in story.grants)
    empty = {
        "verify": not story.safeguards,
        "report_failure": not any(one.failed_at is None for one in story.safeguards),
        "confirm_removal": not has_owed,
        "review": not any(review.is_open(at) for review in story.reviews),
        "renew": story.case.activated_at is None,
        "raise_tier": story.case.risk_tier == Tier.CRITICAL,
    }
    is_suspended = story.case.standing_at(at)[0] == State.SUSPENDED  # though no sweep may have recorded that
    state = State.SUSPENDED if is_suspended else story.case.state
    for kind in KINDS:
        if state in LAWS[kind.action].states and not empty.get(kind.action):
            yield _worded(kind, story.case)


def _worded(kind: Kind, case: ExceptionCase) -> Kind:
    """What was refused or lapsed is asked again in one press; anything else is duplicated by whoever likes it."""
    came_to_nothing = case.state == State.REJECTED or case.end_reason == EndReason.LAPSED
    if kind.action == "duplicate" and came_to_nothing:
        return replace(kind, label=_("Ask again"), tone="primary")
    return kind


def _done(story: Story, at: datetime) -> set[str]:
    """Acts that are still allowed but have been done: a verified safeguard can be verified again where it stands."""
    fresh = all(freshness.freshness(guard, at) == Freshness.FRESH for guard in story.safeguards)
    return {"verify"} if fresh else set()


def _grouped(refusals: Sequence[tuple[str | Promise, str]]) -> Iterator[Refused]:
    by_sentence: dict[str, list[str | Promise]] = {}
    for label, sentence in refusals:
        by_sentence.setdefault(sentence, []).append(label)
    for number, (sentence, labels) in enumerate(by_sentence.items()):
        yield Refused(labels, sentence, f"why-not-{number}")


def _url(kind: Kind, reference: str) -> str:
    return kind.place if kind.place.startswith("#") else reverse(kind.place, args=[reference])
