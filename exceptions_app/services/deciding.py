"""Decisions: bound to what was seen, positively counted, made by people who do not gain (promises 4-6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotPossible, NotSure, Stale
from accounts.models import User
from accounts.sign_ins import SignIn
from exceptions_app import ask, independence, judges, limits
from exceptions_app import narrowing as narrowings
from exceptions_app.models import Assurance, Decision, ExceptionCase, Outcome, RejectionReason, Step, Verdict
from exceptions_app.narrowing import Narrowing
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.activating import activate_ahead
from exceptions_app.services.granting import grant
from exceptions_app.services.relying import unanswered
from exceptions_app.services.requesting import pin_facts, refuse, send_back, standing_approvals
from exceptions_app.services.scheduling import answer
from exceptions_app.sources import Stand

LEAST_STATEMENT = 10
"""Characters of a statement of risk: “ok” and “approved” name none."""


def approve(
    *,
    case: ExceptionCase,
    actor: User,
    at: datetime,
    digest: str,
    statement: str,
    capacity: str,
    narrowing: Narrowing | None = None,
    sign_in: SignIn | None = None,
    in_bulk: bool = False,
    shown_at: datetime | None = None,
) -> ExceptionCase:
    """One positive answer to the current step; the case is approved when every step has enough of them.

    What is granted is the intersection of the approvals; where they leave nothing in common the case goes back as a
    draft. `digest` is that of the document the person saw, `shown_at` (UTC) when they opened it. Raises Stale if the
    ask or the facts shown with it have changed since; NotPossible past `decide_by_at`, for a `narrowing` that does not
    narrow, and `in_bulk` where the step is decided one by one; NotSure where it wants a fresher sign-in; NotAllowed
    without a seat on the current step, or with one that somebody who gains gave them lately.
    """
    statement = _named_risk(statement)
    capacity = demand(capacity, _("Say in which role you accept the risk."))
    sign_in = sign_in or SignIn()
    known = {"proofs": sign_in.kept} | ({"shown_at": shown_at.isoformat()} if shown_at else {})
    earlier_first = NotPossible(_("An earlier step decides first; yours comes after it."))
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        asked = row.digest
        seat = _open_seat(row, change, actor, at, digest)
        for problem in limits.subject(row):
            raise NotPossible(problem.sentence)
        came_back = row.digest != asked
        if seat.is_turn:
            _demand_independent(seat, row, at)
            _demand_way(seat.step, sign_in, at, in_bulk=in_bulk)
            words = {"statement": statement, "capacity": capacity, "narrowing": _kept(narrowing, row, at)}
            _answer(row, seat, change, actor, Verdict.APPROVE, digest, **words, sign_in=known)
            change.event(row, "case.decided", **_body(seat, Verdict.APPROVE, digest, **words), in_bulk=in_bulk)
            change.touch(row)
            change.write()
            _go_on(seat.step, row, change)
        elif not came_back:
            raise earlier_first
    if not seat.is_turn:  # the facts that brought the earlier step back are on record, and its people hear of them
        raise earlier_first
    return row


def _named_risk(statement: str) -> str:
    statement = demand(statement, _("Say which risk you accept, in your own words."))
    if len(statement) < LEAST_STATEMENT:
        sentence = _("“%(said)s” names no risk: say in a few words which you accept.") % {"said": statement}
        raise NotPossible(sentence, fields={"statement": [sentence]})
    return statement


def reject(
    *, case: ExceptionCase, actor: User, at: datetime, digest: str, reason: str, preset: str = ""
) -> ExceptionCase:
    """A negative answer from any approver of an open step ends the request. Raises as `approve` does.

    `preset` is one of `RejectionReason`, for whoever counts them.
    """
    reason = demand(reason, _("Say why you reject this, so that the requester can act on it."))
    if preset and preset not in RejectionReason.values:
        raise NotPossible(_("Choose one of the reasons."), fields={"preset": [_("Choose one of the reasons.")]})
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        seat = _open_seat(row, change, actor, at, digest)
        _answer(row, seat, change, actor, Verdict.REJECT, digest, statement=reason, preset=preset)
        row.reject(at=at)
        change.event(row, "case.rejected", **_body(seat, Verdict.REJECT, digest, statement=reason, preset=preset))
    return row


def ask_for_changes(*, case: ExceptionCase, actor: User, at: datetime, digest: str, reason: str) -> ExceptionCase:
    """Return the request to its requester as a draft; decisions so far are void. Raises as `approve` does."""
    reason = demand(reason, _("Say what has to change, so that the requester can act on it."))
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        seat = _open_seat(row, change, actor, at, digest)
        _answer(row, seat, change, actor, Verdict.CHANGES, digest, statement=reason)
        change.event(row, "case.decided", **_body(seat, Verdict.CHANGES, digest, statement=reason))
        change.touch(row)
        change.write()
        send_back(row, change, reason)
    return row


def recuse(*, case: ExceptionCase, actor: User, at: datetime, reason: str) -> ExceptionCase:
    """Step aside: this person answers no step of this request any more, and their answer counts for neither side.

    Where that leaves too few, the lead and then the fallback group stand in. Raises NotAllowed without a seat.
    """
    reason = demand(reason, _("Say why you step aside, so that the others know."))
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        pin_facts(row, change)
        seat = judges.seats(actor, row, at)[0]
        if judges.has_approved(actor, row):
            raise NotPossible(_("You have approved a step of it. Reject it, or ask for changes."))
        _answer(row, seat, change, actor, Verdict.RECUSE, row.digest, statement=reason)
        change.event(row, "case.decided", **_body(seat, Verdict.RECUSE, row.digest, statement=reason))
    return row


def demand_sure(step: Step, sign_in: SignIn, at: datetime) -> None:
    """Raise NotSure unless the person has proved who they are as the step wants it."""
    with_second_factor = step.assurance == Assurance.MFA
    if step.assurance == Assurance.SESSION or sign_in.is_fresh(at, with_second_factor=with_second_factor):
        return
    if with_second_factor:
        raise NotSure(_("This step wants a second factor: use your passkey or a code from your app, then approve."))
    raise NotSure(_("This step wants to be sure that it is you: sign in afresh, then approve."))


def _demand_independent(seat: judges.Seat, row: ExceptionCase, at: datetime) -> None:
    if (why_not := independence.why_not(seat.step, seat.sitter, row, at)) is not None:
        raise NotAllowed(why_not)


def _demand_way(step: Step, sign_in: SignIn, at: datetime, *, in_bulk: bool) -> None:
    if in_bulk and not step.in_bulk:
        raise NotPossible(_("This step is decided one by one: open it and read it."))
    demand_sure(step, sign_in, at)


def _go_on(answered: Step, row: ExceptionCase, change: Change) -> None:
    """After an approval: the next step's turn, or where none is left what the approvals have in common."""
    upcoming = judges.current_step(row)
    if upcoming is not None:
        if upcoming != answered:
            _begin(upcoming, row, change)
    elif grant(row, change) and change.actor is not None:
        statement = _("It was approved anew.")
        answer(unanswered(row), change, by=change.actor, outcome=Outcome.KEEP, statement=statement)
        change.touch(row)
        change.write()
        activate_ahead(row, change.at)


def _open_seat(row: ExceptionCase, change: Change, actor: User, at: datetime, digest: str) -> judges.Seat:
    document = ask.document(row)
    if digest != ask.digest_of(document):
        raise Stale(_("This changed after you opened it. Read it again before you decide."), current=row)
    pin_facts(row, change, document)
    seat = next(iter(judges.seats(actor, row, at)), None)
    if seat is None:
        raise NotAllowed(_("You are not among the approvers of an open step."))
    return seat


def _begin(step: Step, row: ExceptionCase, change: Change) -> None:
    """It is this step's turn now."""
    row.begin_step(at=change.at, within=step.decide_within)
    change.event(row, "case.step_began", step=step.order, step_name=step.name, decide_by_at=row.decide_by_at)


def _kept(narrowing: Narrowing | None, row: ExceptionCase, at: datetime) -> dict[str, Any]:
    """What the approval takes back, as the decision keeps it. Raises NotPossible where it does not narrow.

    Of what earlier approvals took back it approves nothing, whoever takes theirs away later.
    """
    grants = list(row.grants.select_related("system").order_by("pk"))
    left = narrowings.granted(grants, standing_approvals(row)).less_than(grants)
    wanted = (narrowing or Narrowing()).without_echoes(row, grants, at, left=left)
    refuse(list(narrowings.problems(wanted, row, grants, at)))
    approved = narrowings.left_by(grants, [left, wanted]).less_than(grants)
    kept = approved.kept(grants)
    return kept | ({"as_left": True} if kept and approved == left else {})


def _answer(
    row: ExceptionCase, seat: judges.Seat, change: Change, actor: User, verdict: Verdict, digest: str, **said: Any
) -> None:
    if row.taken_by_id == actor.pk:
        row.let_go()
    change.add(
        Decision(
            step=seat.step,
            person=actor,
            verdict=verdict,
            digest=digest,
            by_fallback=seat.sitter.stand == Stand.FALLBACK,
            by_lead=seat.sitter.stand == Stand.LEAD,
            on_behalf_of=_for_whom(seat, verdict),
            decided_at=change.at,
            **said,
        )
    )


def _for_whom(seat: judges.Seat, verdict: Verdict) -> User | None:
    """Who steps aside does so for themselves: whom they stand in for answers yet, or has somebody else answer."""
    return None if verdict == Verdict.RECUSE else seat.sitter.for_whom


def _body(seat: judges.Seat, verdict: Verdict, digest: str, **said: Any) -> dict[str, object]:
    return {
        "verdict": verdict.value,
        "step": seat.step.order,
        "step_name": seat.step.name,
        "by_fallback": seat.sitter.stand == Stand.FALLBACK,
        "by_lead": seat.sitter.stand == Stand.LEAD,
        "on_behalf_of": people([_for_whom(seat, verdict)]),
        "digest": digest,
    } | said
