"""What stands between a suspended case and its return to force: one answer for the act, its page and its mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from exceptions_app import freshness, judges, limits, terms
from exceptions_app.models import ExceptionCase, Safeguard, State
from exceptions_app.succession import has_owner


class Concern(TextChoices):
    """What an obstacle is about."""

    OWNER = "owner"
    ASK = "ask"
    RENEWED = "renewed"
    LIFETIME = "lifetime"
    SAFEGUARDS = "safeguards"


@dataclass(frozen=True)
class Obstacle:
    """Why a suspended case cannot resume yet, as a sentence."""

    concern: Concern
    sentence: str

    @property
    def may_pass(self) -> bool:
        """Whether it resumes once somebody has done what the sentence says; the rest follows from the programme."""
        return self.concern not in {Concern.ASK, Concern.LIFETIME}


def rest(case: ExceptionCase, at: datetime) -> tuple[datetime, datetime]:
    """From when until when it could be relied on again; not until later, where nothing is left (promise 8).

    Others may have used up the lifetime meanwhile: who resumes it holds the identity.
    """
    if case.control is None or case.risk_tier is None or case.activated_at is None or case.expires_at is None:
        raise ValueError("a suspended case has been in force")
    from_at = max(at, case.activated_at, case.suspended_at or at)
    left = terms.lifetime_left(case, case.control.lifetime_cap(case.risk_tier), from_at)
    return from_at, min(case.expires_at, from_at + left)


def obstacle(case: ExceptionCase, at: datetime) -> Obstacle | None:
    """What first keeps a suspended case from resuming at `at` (UTC); None where somebody only has to say so."""
    if not has_owner(case):
        said = _("Nobody owns it: its owner has left, or audits now. A programme manager hands it over first.")
        return Obstacle(Concern.OWNER, said)
    wrong = next((problem for problem in limits.subject(case) if problem.field != "kind"), None)
    if wrong:  # what could not be asked for today does not come back into force
        return Obstacle(Concern.ASK, wrong.sentence)
    if case.renews is not None and case.renews.standing_at(at)[0] == State.SUSPENDED:
        said = _("%(ref)s, which this renews, is suspended. Resume that one first.") % {"ref": case.renews}
        return Obstacle(Concern.RENEWED, said)
    from_at, until_at = rest(case, at)
    if until_at <= from_at:
        return Obstacle(Concern.LIFETIME, _("Other exceptions used up the lifetime meanwhile. Mend the cause."))
    gaining = judges.gaining_ids(case, from_at)
    lacking = [one for one in case.safeguards.all() if _wants_verifying(one, case, gaining, from_at)]
    if lacking:
        named = " ".join(f"“{one.description}”" for one in lacking)
        return Obstacle(Concern.SAFEGUARDS, _("Verify these safeguards first: %(named)s.") % {"named": named})
    return None


def _wants_verifying(safeguard: Safeguard, case: ExceptionCase, gaining: set[int], at: datetime) -> bool:
    """What nobody had to verify before the start, nor has, has its time from then on."""
    if safeguard.verified_at is None and safeguard.failed_at is None and not safeguard.required:
        return freshness.counts_until(safeguard, case) <= at
    return not freshness.may_count(safeguard, gaining, at)
