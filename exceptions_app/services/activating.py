"""Bringing approved cases into force: due, guarded, still rightly approved, and within both clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from catalog.models import Tier
from exceptions_app import freshness, judges, limits, terms
from exceptions_app.models import Decision, ExceptionCase, Kind, Period, Safeguard, State
from exceptions_app.recording import Change
from exceptions_app.routing import RoutePlan, Router
from exceptions_app.services.acting import hold_identities, lock, sweeping
from exceptions_app.services.relying import settle
from exceptions_app.services.requesting import pin_route, planned, reopen, send_back, ungrant, void_route
from exceptions_app.services.scheduling import begin_reviews
from exceptions_app.succession import has_owner


def activate_many(*, keys: Iterable[int], at: datetime, router: Router) -> list[ExceptionCase]:
    """Bring approved cases into force that are due, guarded and still rightly approved; answers those activated.

    A case whose approvers lost eligibility, or whose tier's floor rose, is reopened instead (`case.reopened`). Of
    several cases for one identity and control the first that can start does: the next sweep measures the others by it.
    """
    wanted = set(keys)
    before = ExceptionCase.objects.filter(renewals__in=wanted).values_list("pk", flat=True)
    with sweeping(wanted | set(before), at) as (rows, change):
        due = [row for row in rows if row.pk in wanted and row.state == State.APPROVED and _sees(row, rows)]
        due = [row for row in due if _may_start(row, at) and not _reopen_if_doubtful(row, change, router)]
        hold_identities(due)
        taken: dict[tuple[int | None, int | None], ExceptionCase] = {}
        for row in due:
            subject = row.control_id, row.identity_id
            if subject not in taken and _activate(row, change):
                taken[subject] = row
        return list(taken.values())


def activate_ahead(row: ExceptionCase, at: datetime) -> bool:
    """Activate a renewal approved in time, its period starting where its predecessor ends: no gap, no overlap.

    Called in the transaction of what was still missing, so it needs no worker. Answers whether it happened; where
    the approval has become doubtful it does not, and the sweep reopens the case.
    """
    if row.state != State.APPROVED or row.renews is None:
        return False
    row.renews = lock(row.renews.pk)
    if terms.handover_at(row, at) is None or not _may_start(row, at) or _doubtful(row, at):
        return False
    hold_identities([row])
    change = Change(at, None)
    if not _activate(row, change):
        return False
    change.touch(row)
    change.write()
    return True


def activate(*, case: ExceptionCase, at: datetime, router: Router) -> bool:
    """Activate one case; answers whether it was due."""
    return bool(activate_many(keys=[case.pk], at=at, router=router))


def _sees(row: ExceptionCase, rows: list[ExceptionCase]) -> bool:
    """Look at the predecessor as it is held; False while someone else holds it."""
    if row.renews is not None:
        row.renews = next((held for held in rows if held.pk == row.renews_id), None)
        return row.renews is not None
    return True


def _may_start(row: ExceptionCase, at: datetime) -> bool:
    if row.activate_by_at is None or at >= row.activate_by_at:
        return False
    if not has_owner(row):
        return False
    if row.renews is not None and (row.renews.state == State.SUSPENDED or row.renews.has_fallen(at)):
        return False
    if any(limits.subject(row)):
        return False
    gaining = judges.gaining_ids(row, at)
    if any(_holds_back(item, gaining, at) for item in row.safeguards.all()) or _forgets_a_failure(row):
        return False
    start_at = terms.earliest_start(row)
    return terms.handover_at(row, at) is not None or start_at is None or start_at <= at


def _holds_back(safeguard: Safeguard, gaining: set[int], at: datetime) -> bool:
    if not safeguard.required:
        return safeguard.failed_at is not None
    return not freshness.may_count(safeguard, gaining, at)


def _forgets_a_failure(row: ExceptionCase) -> bool:
    """Whether what it renews has a safeguard of the same words that failed, and nobody has looked since."""
    if row.renews is None:
        return False
    failed = {one.description: one.failed_at for one in row.renews.safeguards.filter(failed_at__isnull=False)}
    since = [(one.verified_at, failed.get(one.description)) for one in row.safeguards.all()]
    return any(failed_at and (verified_at is None or verified_at < failed_at) for verified_at, failed_at in since)


def _activate(row: ExceptionCase, change: Change) -> bool:
    """Put the case in force from now, or from its predecessor's end; False when no time is left for it.

    The caller holds the identity.
    """
    if row.control is None or row.risk_tier is None or row.latest_end_at is None or row.approved_term_seconds is None:
        raise ValueError("an approved case names its control and knows its term")
    from_at = terms.handover_at(row, change.at) or change.at
    left = terms.lifetime_left(row, row.control.lifetime_cap(row.risk_tier), from_at)
    if _continues(row, change.at):  # what came into force while its row was looked at
        return False
    cap = timedelta(days=row.control.term_cap(row.risk_tier))  # as it is today: a term only shrinks
    until_at = min(from_at + min(timedelta(seconds=row.approved_term_seconds), cap, left), row.latest_end_at)
    if until_at <= from_at:
        return False
    row.activate(from_at=from_at, until_at=until_at)
    settle(row, change, reviews=begin_reviews(row, change, from_at))
    change.add(Period(case=row, from_at=from_at, until_at=until_at))
    told = {"from_at": from_at, "until_at": until_at, "relied_until_at": row.relied_until_at}
    change.event(row, "case.activated", **told, renews=row.renews.reference if row.renews else None)
    return True


def _reopen_if_doubtful(row: ExceptionCase, change: Change, router: Router) -> bool:
    """Ask again when the approval no longer stands: eligibility is checked at the decision and here (promise 7)."""
    if row.kind == Kind.BREAK_GLASS:
        return False
    if tier := _risen(row):
        _reopen_higher(row, change, router, tier)
        return True
    if number := _continues(row, change.at):
        _reopen_as_renewal(row, change, router, number)
        return True
    if lost := _lost(row, change.at):
        reopen(row, change, lost, reason="approver_lost_eligibility", sentence="The approver is no longer eligible.")
        return True
    return False


def _reopen_higher(row: ExceptionCase, change: Change, router: Router, tier: Tier) -> None:
    """Route anew at the higher tier. Where the rules name nobody it stays approved, never in force, and lapses.

    Where the higher tier requires safeguards that it has not, it goes back to its requester as a draft.
    """
    before, row.risk_tier = row.risk_tier, tier
    told = {"reason": "risk_tier_rose", "from_tier": before, "to_tier": tier.value}
    if (plan := _reopen_anew(row, change, router, "The risk tier rose.", told)) is None:
        row.risk_tier = before
        return
    draft = limits.Draft.stored(row)
    missing = [limits.required(draft, kind) for kind in limits.kinds_missing(draft)]
    _route_or_send_back(row, change, plan, str(_("The risk tier rose.")), missing)


def _reopen_as_renewal(row: ExceptionCase, change: Change, router: Router, number: int) -> None:
    """Route anew as what it has become: another was in force for its control and identity since it was asked for.

    Where it does not say what a renewal says, it goes back to its requester as a draft.
    """
    before, row.renewal_number = row.renewal_number, number
    told = {"reason": "became_a_renewal", "from_number": before, "to_number": number}
    if (plan := _reopen_anew(row, change, router, "It became a renewal.", told)) is None:
        row.renewal_number = before
        return
    sentence = _("Another exception for the same control and identity was in force meanwhile, so it continues that.")
    _route_or_send_back(row, change, plan, str(sentence), list(limits.unanswered(limits.said_since(row)).values()))


def _reopen_anew(
    row: ExceptionCase, change: Change, router: Router, sentence: str, told: dict[str, Any]
) -> RoutePlan | None:
    """Void what was decided and ask from the first step; None, with nothing done, where the rules name nobody."""
    try:
        plan = planned(row, router)
    except NotPossible:
        return None
    count = void_route(row, change, sentence)
    dropped = ungrant(row, change)
    row.reopen(at=change.at, within=plan.steps[0].decide_within)
    row.updated_at = change.at
    counted = {"decide_by_at": row.decide_by_at, "voided_decisions": count, "dropped_conditions": dropped}
    change.event(row, "case.reopened", **told, **counted)
    change.touch(row)
    change.write()
    return plan


def _route_or_send_back(
    row: ExceptionCase, change: Change, plan: RoutePlan, sentence: str, missing: Sequence[str]
) -> None:
    if missing:
        send_back(row, change, " ".join([sentence, *missing]))
    else:
        pin_route(row, change, plan)
        change.event(row, "case.rerouted", digest=row.digest)


def _doubtful(row: ExceptionCase, at: datetime) -> bool:
    return bool(_risen(row) or _continues(row, at) or _lost(row, at))


def _continues(row: ExceptionCase, at: datetime) -> int:
    """The number of the renewal it has become since it was asked for; 0 where that is what was approved."""
    number = terms.renewal_number(row, at)
    return number if number > row.renewal_number else 0


def _risen(row: ExceptionCase) -> Tier | None:
    """The tier by today's facts, where it is higher than the approved one."""
    draft = limits.Draft.stored(row)
    return draft.tier if draft.tier is not None and draft.tier > (row.risk_tier or Tier.LOW) else None


def _lost(row: ExceptionCase, at: datetime) -> list[Decision]:
    """Standing approvals by people who could not give them at `at`."""
    standing = Decision.objects.standing(row).approvals()
    given = standing.select_related("step__person__manager", "step__route", "person", "on_behalf_of")
    return [decision for decision in given if not _still_eligible(decision, row, at)]


def _still_eligible(decision: Decision, row: ExceptionCase, at: datetime) -> bool:
    """Neither who gave it nor for whom it was given may gain by now."""
    person, voices = decision.person, {decision.person_id, decision.on_behalf_of_id}
    if not person.is_active or person.is_auditor or voices & judges.gaining_ids(row, at):
        return False
    return judges.still_may(decision, row, at)
