"""Reviews: someone who does not gain looks again, and says what comes of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app.models import Evidence, ExceptionCase, Outcome, Review
from exceptions_app.recording import Change
from exceptions_app.services.acting import demand
from exceptions_app.services.force import hold_successor, revoke_now
from exceptions_app.services.relying import measure, relying, settle
from exceptions_app.services.scheduling import answer, begin_reviews, demand_seen
from exceptions_app.services.shrinking import Left, end_sooner, take_away


@dataclass(frozen=True)
class Finding:
    """What a review comes to. `left` says what stays of grants that are narrowed, `until_at` (UTC) when it ends."""

    outcome: Outcome
    statement: str
    left: Left = field(default_factory=dict)
    until_at: datetime | None = None
    evidence: Evidence | None = None


def review(
    *, case: ExceptionCase, actor: User, at: datetime, finding: Finding, seen: Collection[int] = ()
) -> ExceptionCase:
    """Answer every open review of the case, with what was looked at; `seen` are the keys the person was shown.

    Its next turn counts from now. Raises NotAllowed for anyone who gains, NotPossible, and Stale where another review
    has opened since.
    """
    statement = demand(finding.statement, _("Say what you looked at and why this comes of it."))
    if finding.evidence is not None and finding.evidence.case_id != case.pk:
        raise NotPossible(_("The evidence belongs to another exception."))
    with relying("review", case=case, actor=actor, at=at) as (row, change):
        reviews = demand_seen(row, seen, at)
        reasons = [one.trigger for one in reviews if one.is_open(at)]
        answer(reviews, change, by=actor, outcome=finding.outcome, statement=statement, evidence=finding.evidence)
        told: dict[str, object] = {"outcome": finding.outcome.value, "statement": statement, "triggers": reasons}
        if finding.outcome == Outcome.REVOKE:
            change.event(row, "case.reviewed", **told)
            revoke_now(row, change, statement)
        else:
            told |= _apply(row, change, finding)
            shrinks = finding.outcome in {Outcome.NARROW, Outcome.SHORTEN}
            settle_or_hold = _measure_and_hold if shrinks else settle
            settle_or_hold(row, change, reviews=begin_reviews(row, change, at))
            change.event(row, "case.reviewed", **told, relied_until_at=row.relied_until_at)
    return row


def _apply(row: ExceptionCase, change: Change, finding: Finding) -> dict[str, object]:
    """Take away what the finding takes; answers what the event says of it."""
    if finding.outcome == Outcome.NARROW:
        return {"narrowed": take_away(row, change, finding.left)}
    if finding.outcome == Outcome.SHORTEN:
        if finding.until_at is None:
            raise NotPossible(_("Say on which day it ends."), fields={"end_on": []})
        end_sooner(row, change, finding.until_at)
        return {"expires_at": row.expires_at}
    return {}


def _measure_and_hold(row: ExceptionCase, change: Change, *, reviews: list[Review]) -> None:
    """What was to follow was approved as a continuation of what was."""
    measure(row, change, reviews=reviews)
    hold_successor(row, change, _("A review left less of %(ref)s, which this renews.") % {"ref": row.reference})
