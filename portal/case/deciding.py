"""What an approver answers with: the forms, and what still holds an approval back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext

from accounts.errors import NotSure
from accounts.models import User
from accounts.sign_ins import SignIn, proves_anew, second_factor_page
from exceptions_app import freshness, independence, rules, terms
from exceptions_app.asking import Asked, approvals_of
from exceptions_app.models import Assurance, ExceptionCase, Step
from exceptions_app.narrowing import Granted, granted
from exceptions_app.queries.case import Story
from exceptions_app.services.deciding import demand_sure
from portal import words
from portal.case import wording
from portal.case.approving import ApprovalForm, phrases
from portal.case.forms import ChangesForm, RecusalForm, RejectionForm, shown_note


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


def deciding(story: Story, user: User, at: datetime, sign_in: SignIn, *, origin: str = "") -> Deciding | str:
    """The forms to decide with, or the sentence for why this person cannot."""
    case, seat = story.case, story.seat(user)
    if seat is None and story.has_answered(user):
        return gettext("You have already decided; what is open waits for others.")
    if seat is None:  # only who may decide has one: the law is asked for the sentence
        refused = rules.why_not(user, "decide", case, at)
        return refused or gettext("You are not among the approvers of an open step.")
    return rules.wrong_state("decide", case, at) or _forms(story, user, at, seat, sign_in, origin)


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
