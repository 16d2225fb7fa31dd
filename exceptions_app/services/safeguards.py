"""Compensating controls: found to work by someone who does not gain, or reported as failing by whoever sees that."""

from __future__ import annotations

from datetime import datetime

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
        held.verified_by, held.verified_at, held.verified_how = actor, at, VerifiedHow.PERSON
        held.statement, held.evidence = statement, evidence
        held.failed_at, held.failed_how, held.failure = None, "", ""
        freshness.stamp(held, freshness.tier_of(row))
        settle_with(held, row, change)
        told = {"safeguard": held.pk, "description": held.description, "statement": statement}
        until = {"fresh_until_at": held.fresh_until_at, "relied_until_at": row.relied_until_at}
        change.event(row, "safeguard.verified", **told, **until)
        change.touch(row)
        change.write()
        activate_ahead(row, at)
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
        held.failed_at = held.failed_at or at  # no later than a machine has seen it
        held.failed_how, held.failure = VerifiedHow.PERSON, reason
        settle_with(held, row, change)
        told = {"safeguard": held.pk, "description": held.description, "reason": reason}
        change.event(row, "safeguard.failed", **told, relied_until_at=row.relied_until_at)
    return held


def hold(row: ExceptionCase, safeguard: Safeguard) -> Safeguard:
    """The safeguard as it is held. Raises Stale if it says something else than the person read."""
    held = row.safeguards.select_for_update(of=("self",)).filter(pk=safeguard.pk).first()
    if held is None or ask.digest_of_safeguard(held) != ask.digest_of_safeguard(safeguard):
        raise Stale(_("This safeguard changed after you opened it. Read it again."), current=row)
    return held


def settle_with(held: Safeguard, row: ExceptionCase, change: Change) -> None:
    """Keep the safeguard as it is in hand, and until when the row may be relied on by it and the others."""
    change.touch(held)
    settle(row, change, [held if one.pk == held.pk else one for one in row.safeguards.all()])
