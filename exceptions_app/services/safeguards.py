"""Compensating controls: found to work by someone who does not gain, or reported as failing by whoever sees that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotPossible, Stale
from accounts.models import User
from exceptions_app import ask, freshness
from exceptions_app.models import Evidence, ExceptionCase, Safeguard, VerifiedHow
from exceptions_app.recording import Change
from exceptions_app.services.acting import demand
from exceptions_app.services.activating import activate_ahead
from exceptions_app.services.relying import relying, settle


def verify_safeguard(
    *, safeguard: Safeguard, actor: User, at: datetime, statement: str, evidence: Evidence | None = None
) -> Safeguard:
    """Attest that the safeguard works, with what was checked. Raises NotAllowed for anyone who gains.

    That holds for a time (freshness.py). `safeguard` is the row as the person read it. Raises Stale if it says
    something else by now. An approved renewal that waited only for this takes over from its predecessor's end, without
    a worker. What has fallen out of force meanwhile stays out of it until it is resumed.
    """
    statement = demand(statement, _("Say what you checked and what you found."))
    with relying("verify", case=safeguard.case, actor=actor, at=at) as (row, change):
        held = hold(row, safeguard)
        if evidence is not None and evidence.case_id != row.pk:
            raise NotPossible(_("The evidence belongs to another exception."))
        held.statement, held.evidence = statement, evidence
        find_working(held, row, change, by=actor, how=VerifiedHow.PERSON)
        change.event(row, "safeguard.verified", **told_of(held, row), statement=statement)
        write_and_go_on(row, change)
    return held


def report_failure(*, safeguard: Safeguard, actor: User, at: datetime, reason: str) -> Safeguard:
    """Say that the safeguard does not work: after its grace the case is out of force unless it is verified anew.

    Raises NotAllowed, NotPossible, and Stale if it says something else by now.
    """
    reason = demand(reason, _("Say what does not work; whoever mends it reads it."))
    with relying("report_failure", case=safeguard.case, actor=actor, at=at) as (row, change):
        held = hold(row, safeguard)
        if held.failed_how == VerifiedHow.PERSON:
            raise NotPossible(_("This safeguard is known to have failed already."))
        find_failing(held, row, change, how=VerifiedHow.PERSON, why=reason)
    return held


def hold(row: ExceptionCase, safeguard: Safeguard) -> Safeguard:
    """The safeguard as it is held. Raises Stale if it says something else than the person read."""
    held = row.safeguards.select_for_update(of=("self",)).filter(pk=safeguard.pk).first()
    if held is None or ask.digest_of_safeguard(held) != ask.digest_of_safeguard(safeguard):
        raise Stale(_("This safeguard changed after you opened it. Read it again."), current=row)
    return held


def find_working(held: Safeguard, row: ExceptionCase, change: Change, *, by: User, how: str) -> None:
    """Somebody, or what they set up, found that it works; the caller holds both and says by an event what was found."""
    held.verified_by, held.verified_at, held.verified_how = by, change.at, how
    held.failed_at, held.failed_how, held.failure = None, "", ""
    freshness.stamp(held, freshness.tier_of(row))
    _settle_with(held, row, change)


def find_failing(held: Safeguard, row: ExceptionCase, change: Change, *, how: str, why: str) -> None:
    """Somebody or something found that it fails, with the event. The caller holds both."""
    held.failed_at = held.failed_at or change.at  # no later than a machine has seen it
    held.failed_how, held.failure = how, why
    _settle_with(held, row, change)
    change.event(row, "safeguard.failed", **told_of(held, row), how=how, reason=why)


def told_of(held: Safeguard, row: ExceptionCase) -> dict[str, Any]:
    """What every event of a safeguard says."""
    until = {"fresh_until_at": held.fresh_until_at, "relied_until_at": row.relied_until_at}
    return {"safeguard": held.pk, "description": held.description} | until


def write_and_go_on(row: ExceptionCase, change: Change) -> None:
    """Write what was found; a renewal that waited only for that takes over."""
    row.updated_at = change.at
    change.touch(row)
    change.write()
    activate_ahead(row, change.at)


def _settle_with(held: Safeguard, row: ExceptionCase, change: Change) -> None:
    change.touch(held)
    settle(row, change, safeguards=[held if one.pk == held.pk else one for one in row.safeguards.all()])
