"""Decisions: bound to what was seen, positively counted, made by people who do not gain (promises 4-6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotPossible, Stale
from accounts.models import User
from exceptions_app import ask, judges, limits, terms
from exceptions_app.models import Decision, ExceptionCase, Verdict
from exceptions_app.recording import Change, people
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.activating import activate_ahead
from exceptions_app.services.requesting import void_decisions, void_route
from exceptions_app.sources import Stand


def approve(
    *, case: ExceptionCase, actor: User, at: datetime, digest: str, statement: str, capacity: str
) -> ExceptionCase:
    """One positive answer to the current step; the case is approved when every step has enough of them.

    `digest` is that of the document the person saw. Raises Stale if the ask or the facts shown with it have changed
    since, NotPossible past `decide_by_at`, NotAllowed for anyone without a seat on the current step.
    """
    statement = demand(statement, _("Say which risk you accept, in your own words."))
    capacity = demand(capacity, _("Say in which role you accept the risk."))
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        seat = _open_seat(row, change, actor, at, digest)
        for problem in limits.subject(row):
            raise NotPossible(problem.sentence)
        if seat.step != judges.current_step(row, at):
            raise NotPossible(_("An earlier step decides first; yours comes after it."))
        _answer(seat, change, actor, Verdict.APPROVE, statement, capacity, digest)
        change.event(row, "case.decided", **_body(seat, Verdict.APPROVE, statement, capacity, digest))
        change.touch(row)
        change.write()
        if judges.current_step(row, at) is None:
            _approve(row, change)
            change.touch(row)
            change.write()
            activate_ahead(row, at)
    return row


def reject(*, case: ExceptionCase, actor: User, at: datetime, digest: str, reason: str) -> ExceptionCase:
    """A negative answer from any approver of an open step ends the request. Raises as `approve` does."""
    reason = demand(reason, _("Say why you reject this, so that the requester can act on it."))
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        seat = _open_seat(row, change, actor, at, digest)
        _answer(seat, change, actor, Verdict.REJECT, reason, "", digest)
        row.reject(at=at)
        change.event(row, "case.rejected", **_body(seat, Verdict.REJECT, reason, "", digest))
    return row


def ask_for_changes(*, case: ExceptionCase, actor: User, at: datetime, digest: str, reason: str) -> ExceptionCase:
    """Return the request to its requester as a draft; decisions so far are void. Raises as `approve` does."""
    reason = demand(reason, _("Say what has to change, so that the requester can act on it."))
    with acting("decide", case=case, actor=actor, at=at) as (row, change):
        seat = _open_seat(row, change, actor, at, digest)
        _answer(seat, change, actor, Verdict.CHANGES, reason, "", digest)
        change.event(row, "case.decided", **_body(seat, Verdict.CHANGES, reason, "", digest))
        change.touch(row)
        change.write()
        void_route(row, change, str(_("Returned for changes.")))
        row.return_for_changes()
        row.digest = ""
        row.version += 1
        change.event(row, "case.returned", reason=reason)
    return row


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
    standing = Decision.objects.filter(step__route__case=row, voided_at__isnull=True).exclude(digest=current)
    count = void_decisions(list(standing.select_related("step__route")), change, str(_("The facts shown changed.")))
    row.digest = current
    change.event(row, "case.facts_changed", digest=current, document=document, voided_decisions=count)
    change.touch(row)
    change.write()


def _answer(
    seat: judges.Seat, change: Change, actor: User, verdict: Verdict, statement: str, capacity: str, digest: str
) -> None:
    change.add(
        Decision(
            step=seat.step,
            person=actor,
            verdict=verdict,
            statement=statement,
            capacity=capacity,
            digest=digest,
            by_fallback=seat.sitter.stand == Stand.FALLBACK,
            by_lead=seat.sitter.stand == Stand.LEAD,
            on_behalf_of=seat.sitter.for_whom,
            decided_at=change.at,
        )
    )


def _approve(row: ExceptionCase, change: Change) -> None:
    term = approved_term(row, change.at)
    start_at = max(terms.start(row, change.at), change.at)
    row.approve(at=change.at, term=term, activate_by_at=start_at + timedelta(days=terms.ACTIVATION_DAYS))
    change.event(
        row,
        "case.approved",
        digest=row.digest,
        term_seconds=row.approved_term_seconds,
        activate_by_at=start_at + timedelta(days=terms.ACTIVATION_DAYS),
        latest_end_at=row.latest_end_at,
    )


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


def _body(seat: judges.Seat, verdict: Verdict, statement: str, capacity: str, digest: str) -> dict[str, object]:
    return {
        "verdict": verdict.value,
        "step": seat.step.order,
        "step_name": seat.step.name,
        "by_fallback": seat.sitter.stand == Stand.FALLBACK,
        "by_lead": seat.sitter.stand == Stand.LEAD,
        "on_behalf_of": people([seat.sitter.for_whom]),
        "statement": statement,
        "capacity": capacity,
        "digest": digest,
    }
