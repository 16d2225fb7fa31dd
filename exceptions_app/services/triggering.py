"""Something a case was decided on changed: it does what its ask says it does then (triggers.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app import door, reviewing, rules, triggers
from exceptions_app.models import ACTIVATED, RELIED_ON, ExceptionCase, Response, State, Trigger
from exceptions_app.recording import Change
from exceptions_app.services.acting import demand, lock
from exceptions_app.services.force import revoke_now, suspend_now
from exceptions_app.services.relying import record_fall, relying, settle, unanswered
from exceptions_app.services.requesting import reopen, standing_answers

MOST_REPORTS = 5
"""So many unanswered reviews of a case one kind of report opens."""


def report_change(*, case: ExceptionCase, actor: User, at: datetime, trigger: Trigger, what: str) -> ExceptionCase:
    """Say that something changed (one of `triggers.REPORTED`); the case does what it says it does then.

    Raises NotAllowed, NotPossible.
    """
    what = demand(what, _("Say what happened, and where one can read more."))
    if trigger not in triggers.REPORTED:
        raise NotPossible(_("Choose what changed."), fields={"trigger": []})
    with relying("report_change", case=case, actor=actor, at=at) as (row, change):
        if row.reviews.unanswered().filter(trigger=trigger).count() >= MOST_REPORTS:
            raise NotPossible(_("This is on record already, and its reviews are open."))
        does = _allowed(triggers.responses(row)[trigger], row, actor, at)
        change.event(row, "case.change_reported", trigger=trigger.value, what=what, response=does.value)
        fire(row, change, trigger, why=what, does=does)
    return row


def _allowed(does: Response, row: ExceptionCase, actor: User, at: datetime) -> Response:
    """Nobody ends by a report what they may not end themselves: it is suspended, and others look at it."""
    ends = any(rules.not_for(actor, verb, row, at) is None for verb in ("revoke", "complete"))
    return Response.SUSPEND if does == Response.END and not ends else does


def fire_many(*, keys: Iterable[int], trigger: Trigger, why: str, cause: str, at: datetime) -> list[ExceptionCase]:
    """Have these cases do what they say they do when this changes; answers those that did something.

    `cause` names the one thing that happened, so that a repeated call does nothing more, and goes on where another
    broke off. Each case by itself, in key order, since one may hold back another; waits for rows others hold.
    """
    fired = [_fire_one(key, trigger, why, cause, at) for key in sorted(keys)]
    return [row for row in fired if row is not None]


def _fire_one(key: int, trigger: Trigger, why: str, cause: str, at: datetime) -> ExceptionCase | None:
    with transaction.atomic(), door.opened():
        row = lock(key)
        record_fall(row, at)
        change = Change(at, None)
        if not fire(row, change, trigger, why=why, cause=cause):
            return None
        row.updated_at = at
        change.touch(row)
        change.write()
    return row


def fire(
    row: ExceptionCase, change: Change, trigger: Trigger, *, why: str, cause: str = "", does: Response | None = None
) -> bool:
    """Open a review, and suspend or end the case where it says so; answers whether it did anything.

    What is approved and has not started is asked again instead. The caller holds the row.
    """
    does = triggers.responses(row)[trigger] if does is None else does
    if does == Response.NOTHING or row.standing_at(change.at)[0] not in {State.APPROVED, *ACTIVATED}:
        return False
    if cause and row.reviews.filter(trigger=trigger, cause=cause).exists():
        return False
    review = reviewing.opened(row, trigger, change.at, why=why, cause=cause)
    change.add(review)
    if row.state in RELIED_ON and does == Response.REVIEW:
        settle(row, change, reviews=[*unanswered(row), review])
    # what is suspended already is looked at, and who looks is told so
    done = Response.REVIEW if does == Response.SUSPEND and row.state == State.SUSPENDED else does
    told = {"trigger": trigger.value, "why": why, "response": done.value, "due_at": review.due_at}
    change.event(row, "review.opened", **told, relied_until_at=row.relied_until_at)
    _respond(row, change, does, f"{trigger.label}: {why}" if why else str(trigger.label), trigger)
    return True


def _respond(row: ExceptionCase, change: Change, does: Response, sentence: str, trigger: Trigger) -> None:
    """Do what is more than to review it."""
    if does == Response.END:
        revoke_now(row, change, sentence)
    elif row.state == State.APPROVED:
        change.write()  # what there is to look at is among the facts it is asked on
        reopen(row, change, standing_answers(row), reason=trigger.value, sentence=sentence)
    elif does == Response.SUSPEND and row.state in RELIED_ON:
        suspend_now(row, change, sentence)
