"""What the approvals of a request leave of it is what is granted (promises 5 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from exceptions_app import narrowing as narrowings
from exceptions_app import terms
from exceptions_app.models import Decision, ExceptionCase, Grant, Safeguard
from exceptions_app.narrowing import Condition, Narrowing
from exceptions_app.recording import Change
from exceptions_app.services.requesting import send_back, standing_approvals


def grant(row: ExceptionCase, change: Change) -> bool:
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
    row.approve(at=change.at, term=term, activate_by_at=terms.activate_by(max(starts)))
    _keep_left(grants, granted, change)
    _set_conditions(row, approvals, change)
    change.event(
        row,
        "case.approved",
        digest=row.digest,
        term_seconds=row.approved_term_seconds,
        not_before_at=row.approved_start_at,
        activate_by_at=row.activate_by_at,
        latest_end_at=row.latest_end_at,
        granted=[narrowings.as_kept(one, one.opens) for one in grants],
        is_narrowed=any(decision.narrowing for decision in approvals),
    )
    return True


def _keep_left(grants: Sequence[Grant], granted: narrowings.Granted, change: Change) -> None:
    for row in grants:
        left = granted.grants[row.pk]
        row.granted = None if left == row.asked else narrowings.as_stored(left)
        change.touch(row)


def _set_conditions(row: ExceptionCase, approvals: Sequence[Decision], change: Change) -> None:
    """What approvals were given on the condition of is verified before the start, as what was asked is."""
    first: dict[Condition, Decision] = {}
    for decision in approvals:
        for one in Narrowing.read(decision.narrowing).safeguards:
            first.setdefault(one, decision)
    for one, decision in first.items():
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
