"""Something a case was decided on changed: it does what its ask says it does then (triggers.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app import reviewing, triggers
from exceptions_app.models import ACTIVATED, RELIED_ON, ExceptionCase, Response, State, Trigger
from exceptions_app.recording import Change
from exceptions_app.services.acting import demand, sweeping
from exceptions_app.services.force import close_force, hold_successor, stop_force
from exceptions_app.services.relying import fall_out, relying, settle, unanswered
from exceptions_app.services.requesting import reopen, standing_answers


def report_change(*, case: ExceptionCase, actor: User, at: datetime, trigger: Trigger, what: str) -> ExceptionCase:
    """Say that something changed (one of `triggers.REPORTED`); the case does what it says it does then.

    Raises NotAllowed, NotPossible.
    """
    what = demand(what, _("Say what happened, and where one can read more."))
    if trigger not in triggers.REPORTED:
        raise NotPossible(_("Choose what changed."), fields={"trigger": []})
    with relying("report_change", case=case, actor=actor, at=at) as (row, change):
        does = triggers.responses(row)[trigger]
        change.event(row, "case.change_reported", trigger=trigger.value, what=what, response=does.value)
        fire(row, change, trigger, why=what)
    return row


def fire_many(*, keys: Iterable[int], trigger: Trigger, why: str, cause: str, at: datetime) -> list[ExceptionCase]:
    """Have these cases do what they say they do when this changes; answers those that did something.

    `cause` names the one thing that happened, so that a repeated call does nothing more. Waits for rows others hold.
    """
    with sweeping(keys, at, waits=True) as (rows, change):
        for row in rows:
            fall_out(row, change)
        return [row for row in rows if fire(row, change, trigger, why=why, cause=cause)]


def fire(row: ExceptionCase, change: Change, trigger: Trigger, *, why: str, cause: str = "") -> bool:
    """Open a review, and suspend or end the case where it says so; answers whether it did anything.

    What is approved and has not started is asked again instead. The caller holds the row.
    """
    does = triggers.responses(row)[trigger]
    if does == Response.NOTHING or row.state not in {State.APPROVED, *ACTIVATED}:
        return False
    if cause and row.reviews.filter(trigger=trigger, cause=cause).exists():
        return False
    review = reviewing.opened(row, trigger, change.at, why=why, cause=cause)
    change.add(review)
    if row.state in RELIED_ON and does == Response.REVIEW:
        settle(row, change, reviews=[*unanswered(row), review])
    told = {"trigger": trigger.value, "why": why, "response": does.value, "due_at": review.due_at}
    change.event(row, "review.opened", **told, relied_until_at=row.relied_until_at)
    _respond(row, change, does, f"{trigger.label}: {why}" if why else str(trigger.label), trigger)
    return True


def _respond(row: ExceptionCase, change: Change, does: Response, sentence: str, trigger: Trigger) -> None:
    """Do what is more than to review it."""
    if does == Response.END:
        row.revoke(at=change.at)
        owed = close_force(row, change)
        change.event(row, "case.revoked", reason=sentence, removal_owed=owed)
        hold_successor(row, change)
    elif row.state == State.APPROVED:
        reopen(row, change, standing_answers(row), reason=trigger.value, sentence=sentence)
    elif does == Response.SUSPEND and row.state in RELIED_ON:
        row.suspend(at=change.at)
        stop_force(row, change)
        change.event(row, "case.suspended", reason=sentence)
        hold_successor(row, change)
