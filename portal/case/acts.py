"""What this person can do to a case, and why they cannot do the rest: one table, asked of `rules.why_not`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotSure
from accounts.models import User
from accounts.sign_ins import SignIn, proves_anew, second_factor_page
from catalog.models import Tier
from exceptions_app import freshness, independence, rules, terms
from exceptions_app.asking import Asked, approvals_of
from exceptions_app.freshness import Freshness
from exceptions_app.models import Assurance, EndReason, ExceptionCase, RemovalState, State, Step
from exceptions_app.narrowing import Granted, granted
from exceptions_app.queries.case import Story
from exceptions_app.services.deciding import demand_sure
from portal import words
from portal.case import wording
from portal.case.approving import ApprovalForm, phrases
from portal.case.forms import ChangesForm, RecusalForm, RejectionForm, shown_note


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


@dataclass(frozen=True)
class Act:
    kind: Kind
    url: str


@dataclass(frozen=True)
class Refused:
    """Buttons that stay visible, disabled, for one and the same reason."""

    labels: Sequence[str | Promise]
    sentence: str
    key: str


@dataclass(frozen=True)
class Unsure:
    """What an approval still wants of the person's sign-in, and where they give it."""

    sentence: str
    label: str
    url: str


@dataclass(frozen=True)
class Deciding:
    """The answers of an approver, each with its form.

    `approve_why_not` and `unsure` hold approval alone back; `unverified` counts the safeguards that hold the start back
    after it, until `verify_by_at` at most; `then` says who else has to approve. `so_far` is what earlier approvals took
    back, `taken_by` who else is at it. `as_asked_at` is when it was asked just as it is now; None where a fact has
    changed since.
    """

    step: Asked
    label: str
    approve_why_not: str | None
    unverified: int
    verify_by_at: datetime
    may_verify: bool
    approval: ApprovalForm
    rejection: Form
    changes: Form
    recusal: Form
    unsure: Unsure | None
    so_far: Sequence[str]
    taken_by: User | None
    then: str
    as_asked_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the form of the approval is shown."""
        return self.approve_why_not is None and self.unsure is None


@dataclass(frozen=True)
class Acts:
    """`possible` is offered; what is allowed and has nothing left to act on is not."""

    deciding: Deciding | None
    possible: Sequence[Act]
    refused: Sequence[Refused]
    allowed: frozenset[str]

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


def deciding(story: Story, user: User, at: datetime, sign_in: SignIn, *, origin: str = "") -> Deciding | str:
    """The forms to decide with, or the sentence for why this person cannot."""
    case, seat = story.case, story.seat(user)
    if seat is None and story.has_answered(user):
        return gettext("You have already decided; what is open waits for others.")
    if seat is None:  # only who may decide has one: the law is asked for the sentence
        refused = rules.why_not(user, "decide", case, at)
        return refused or gettext("You are not among the approvers of an open step.")
    return rules.wrong_state("decide", case, at) or _forms(story, user, at, seat, sign_in, origin)


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
        if state in rules.LAWS[kind.action].states and not empty.get(kind.action):
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


def _forms(story: Story, user: User, at: datetime, seat: Asked, sign_in: SignIn, origin: str) -> Deciding:
    earlier = story.standing is None or seat is not story.standing.current
    role = wording.role(seat, user)
    unverified = sum(guard.required and not freshness.is_verified(guard, at) for guard in story.safeguards)
    options = approval_options(story, at)
    left: Granted = options["left"]
    shown = {
        "digest": story.digest,
        "origin": origin,
        "shown": shown_note(story.case.reference, story.digest, user, at),
    }
    return Deciding(
        step=seat,
        label=wording.approval(story.case, at, left.term_days),
        approve_why_not=_why_not_approve(story.case, user, at, seat, earlier=earlier),
        unverified=unverified,
        verify_by_at=terms.activate_by(terms.start(story.case, at)),
        may_verify=bool(unverified) and rules.not_for(user, "verify", story.case, at) is None,
        approval=ApprovalForm(initial=shown | {"capacity": role}, auto_id="approval-%s", **options),
        rejection=RejectionForm(initial=shown, auto_id="rejection-%s"),
        changes=ChangesForm(initial=shown, auto_id="changes-%s"),
        recusal=RecusalForm(initial={"origin": origin}, auto_id="recusal-%s"),
        unsure=None if earlier else _unsure(story.case, seat, user, sign_in, at),
        so_far=phrases(left.less_than(story.grants), story.grants),
        taken_by=story.case.taken_by if story.case.is_taken(at) and story.case.taken_by != user else None,
        then="" if earlier else _then(story, seat),
        as_asked_at=_as_asked_at(story),
    )


def _why_not_approve(case: ExceptionCase, user: User, at: datetime, asked: Asked, *, earlier: bool) -> str | None:
    if earlier:
        return gettext("An earlier step decides first; yours comes after it.")
    sitter = asked.seat(user)
    why_not = independence.why_not(asked.step, sitter, case, at) if sitter else None
    return str(why_not) if why_not is not None else None


def _as_asked_at(story: Story) -> datetime | None:
    route = story.standing.route if story.standing else None
    return route.pinned_at if route and route.digest == story.digest else None


def _then(story: Story, seat: Asked) -> str:
    """Who still has to approve after this person; "" where the approval decides it."""
    more = seat.step.count - len(seat.given) - 1
    steps = story.standing.steps if story.standing else ()
    later = [one.step.title for one in steps if one is not seat and not one.is_met]
    others = gettext("%(n)d more of this step") % {"n": more}
    whom = words.joined([*([others] if more > 0 else ()), *later])
    said = gettext("Your approval alone does not decide it: it also takes %(whom)s.")
    return said % {"whom": whom} if whom else ""


def approval_options(story: Story, at: datetime) -> dict[str, Any]:
    """What the form of an approval is made with."""
    steps = story.standing.steps if story.standing else ()
    left = granted(story.grants, approvals_of(steps))
    return {"case": story.case, "grants": story.grants, "left": left, "at": at}


def _unsure(case: ExceptionCase, seat: Asked, user: User, sign_in: SignIn, at: datetime) -> Unsure | None:
    try:
        demand_sure(seat.step, sign_in, at)
    except NotSure as refusal:
        return unsure(refusal, case, seat.step, user)
    return None


def unsure(refusal: NotSure, case: ExceptionCase, step: Step, user: User) -> Unsure:
    """Where the person proves who they are, and comes back from there to approve."""
    back = urlencode({"next": reverse("case_approval", args=[case.reference])})
    if step.assurance != Assurance.MFA and not proves_anew(user):
        sentence = gettext("This step wants to be sure that it is you: sign out and in again, then approve.")
        return Unsure(sentence, gettext("Sign out"), reverse("account_logout"))
    if step.assurance != Assurance.MFA:
        return Unsure(str(refusal), gettext("Sign in afresh"), f"{reverse('account_reauthenticate')}?{back}")
    if factor := second_factor_page(user):
        return Unsure(str(refusal), gettext("Use the second factor"), f"{reverse(factor)}?{back}")
    sentence = gettext("This step wants a second factor, and you have none yet.")
    return Unsure(sentence, gettext("Set one up"), reverse("profile_signing_in"))


def _grouped(refusals: Sequence[tuple[str | Promise, str]]) -> Iterator[Refused]:
    by_sentence: dict[str, list[str | Promise]] = {}
    for label, sentence in refusals:
        by_sentence.setdefault(sentence, []).append(label)
    for number, (sentence, labels) in enumerate(by_sentence.items()):
        yield Refused(labels, sentence, f"why-not-{number}")


def _url(kind: Kind, reference: str) -> str:
    return kind.place if kind.place.startswith("#") else reverse(kind.place, args=[reference])
