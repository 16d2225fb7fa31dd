"""Verification of compensating controls: a plain attestation by someone who does not gain."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import NotPossible, Stale
from accounts.models import User
from exceptions_app import ask
from exceptions_app.models import Evidence, Safeguard
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.activating import activate_ahead


def verify_safeguard(
    *, safeguard: Safeguard, actor: User, at: datetime, statement: str, evidence: Evidence | None = None
) -> Safeguard:
    """Attest that the safeguard works, with what was checked. Raises NotAllowed for anyone who gains.

    `safeguard` is the row as the person read it. Raises Stale if it says something else by now. An approved
    renewal that waited only for this takes over from its predecessor's end, without a worker.
    """
    statement = demand(statement, _("Say what you checked and what you found."))
    with acting("verify", case=safeguard.case, actor=actor, at=at) as (row, change):
        held = row.safeguards.select_for_update(of=("self",)).filter(pk=safeguard.pk).first()
        if held is None or ask.digest_of_safeguard(held) != ask.digest_of_safeguard(safeguard):
            raise Stale(_("This safeguard changed after you opened it. Read it again."), current=row)
        if evidence is not None and evidence.case_id != row.pk:
            raise NotPossible(_("The evidence belongs to another exception."))
        held.verified_by, held.verified_at = actor, at
        held.statement, held.evidence = statement, evidence
        change.touch(held)
        change.event(row, "safeguard.verified", safeguard=held.pk, description=held.description, statement=statement)
        change.touch(row)
        change.write()
        activate_ahead(row, at)
    return held
