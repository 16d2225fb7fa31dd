"""Decisions: bound to what was seen, positively counted, made by people who do not gain (promises 4-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotPossible, NotSure, Stale
from accounts.models import User
from accounts.sign_ins import SignIn
from exceptions_app import ask, independence, judges, limits, terms
from exceptions_app import narrowing as narrowings
from exceptions_app.models import Assurance, Decision, ExceptionCase, Grant, RejectionReason, Safeguard, Step, Verdict
from exceptions_app.narrowing import Narrowing
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.activating import activate_ahead
from exceptions_app.services.requesting import refuse, standing_answers, standing_approvals, void_decisions, void_route
from exceptions_app.sources import Stand


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
    statement = demand(statement, _("Say which risk you accept, in your own words."))
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
        document = ask.document(row)
        if row.digest != ask.digest_of(document):
            _drop_outdated(row, change, document)
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


def send_back(row: ExceptionCase, change: Change, reason: str) -> None:
    """Make a draft of the request again; its route and decisions are void. The caller holds the row."""
    void_route(row, change, str(_("Returned for changes.")))
    row.return_for_changes()
    row.digest = ""
    row.version += 1
    change.event(row, "case.returned", reason=reason)


def _demand_independent(seat: judges.Seat, row: ExceptionCase, at: datetime) -> None:
    if (why_not := independence.why_not(seat, row, at)) is not None:
        raise NotAllowed(why_not)


def _demand_way(step: Step, sign_in: SignIn, at: datetime, *, in_bulk: bool) -> None:
    if in_bulk and not step.in_bulk:
        raise NotPossible(_("This step is decided one by one: open it and read it."))
    demand_sure(step, sign_in, at)


def _go_on(answered: Step, row: ExceptionCase, change: Change) -> None:
    """After an approval: the next step's turn, or where none is left what the approvals have in common."""
    upcoming = judges.current_step(row, change.at)
    if upcoming is not None:
        if upcoming != answered:
            _begin(upcoming, row, change)
    elif _approve(row, change):
        change.touch(row)
        change.write()
        activate_ahead(row, change.at)


def _open_seat(row: ExceptionCase, change: Change, actor: User, at: datetime, digest: str) -> judges.Seat:
    document = ask.document(row)
    current = ask.digest_of(document)
    if digest != current:
        raise Stale(_("This changed after you opened it. Read it again before you decide."), current=row)
    if row.digest != current:
        _drop_outdated(row, change, document)
    seat = next(iter(judges.seats(actor, row, at)), None)
    if seat is None:
        raise NotAllowed(_("You are not among the approvers of an open step."))
    return seat


def _drop_outdated(row: ExceptionCase, change: Change, document: dict[str, Any]) -> None:
    """The catalog facts changed since submission: answers given to the old ones no longer count.

    The route keeps the document that was pinned, the event the one that is decided on from now on.
    """
    current = ask.digest_of(document)
    outdated = [decision for decision in standing_answers(row) if decision.digest != current]
    count = void_decisions(outdated, change, str(_("The facts shown changed.")))
    row.digest = current
    if count:
        row.begin_step(at=change.at, within=judges.standing_steps(row)[0].decide_within)
    told = {"digest": current, "document": document, "voided_decisions": count, "decide_by_at": row.decide_by_at}
    change.event(row, "case.facts_changed", **told)
    change.touch(row)
    change.write()


def _begin(step: Step, row: ExceptionCase, change: Change) -> None:
    """It is this step's turn now."""
    row.begin_step(at=change.at, within=step.decide_within)
    change.event(row, "case.step_began", step=step.order, step_name=step.name, decide_by_at=row.decide_by_at)


def _kept(narrowing: Narrowing | None, row: ExceptionCase, at: datetime) -> dict[str, Any]:
    """What the approval takes back, as the decision keeps it. Raises NotPossible where it does not narrow."""
    grants = list(row.grants.select_related("system").order_by("pk"))
    wanted = (narrowing or Narrowing()).without_echoes(row, grants, at)
    refuse(list(narrowings.problems(wanted, row, grants, at)))
    left = narrowings.granted(grants, standing_approvals(row)).less_than(grants)
    kept = wanted.kept(grants)
    return kept | ({"as_left": True} if kept and wanted == replace(left, safeguards=()) else {})


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


def _approve(row: ExceptionCase, change: Change) -> bool:
    """Grant what the approvals have in common; where that is nothing, send the case back and answer False."""
    grants = list(row.grants.select_related("system").order_by("pk"))
    approvals = standing_approvals(row)
    granted = narrowings.granted(grants, approvals)
    if granted.is_nothing:
        send_back(row, change, str(_("The approvals have nothing in common: what one left, another took back.")))
        return False
    term = approved_term(row, change.at)
    if granted.term_days is not None:
        term = min(term, timedelta(days=granted.term_days))
    starts = [terms.start(row, change.at), change.at, *filter(None, [granted.not_before_at])]
    row.approved_start_at = granted.not_before_at
    row.approve(at=change.at, term=term, activate_by_at=max(starts) + timedelta(days=terms.ACTIVATION_DAYS))
    _grant(grants, granted, change)
    _set_conditions(row, approvals, change)
    change.event(
        row,
        "case.approved",
        digest=row.digest,
        term_seconds=row.approved_term_seconds,
        not_before_at=row.approved_start_at,
        activate_by_at=row.activate_by_at,
        latest_end_at=row.latest_end_at,
        granted=[narrowings.as_kept(grant, grant.opens) for grant in grants],
        is_narrowed=any(decision.narrowing for decision in approvals),
    )
    return True


def _grant(grants: Sequence[Grant], granted: narrowings.Granted, change: Change) -> None:
    for grant in grants:
        left = granted.grants[grant.pk]
        grant.granted = None if left == grant.asked else narrowings.as_stored(left)
        change.touch(grant)


def _set_conditions(row: ExceptionCase, approvals: Sequence[Decision], change: Change) -> None:
    """What approvals were given on the condition of is verified before the start, as what was asked is."""
    for decision in approvals:
        for one in Narrowing.read(decision.narrowing).safeguards:
            change.add(Safeguard(case=row, kind=one.kind, description=one.description, decision=decision))


def approved_term(row: ExceptionCase, at: datetime) -> timedelta:
    """The term if approved at `at`: days as asked, or what is left until the end date; never above the cap."""
    if row.control is None or row.risk_tier is None or row.decide_by_at is None:
        raise ValueError("a request has a control and a time to decide")
    cap = row.control.term_cap(row.risk_tier)
    asked = terms.asked(row, at=at, decide_by_at=row.decide_by_at, cap_days=cap)
    term = min(asked.term, timedelta(days=cap))
    if term < timedelta(seconds=1):
        raise NotPossible(_("The asked end has passed; ask the requester for a new one."))
    return term


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
