"""Whether what was approved could still be had today: a control may be tightened while its exceptions are in force."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext as _

from catalog.models import Tier
from exceptions_app import terms
from exceptions_app.limits import Draft, kinds_missing, required
from exceptions_app.models import ExceptionCase


def outgrown(case: ExceptionCase, at: datetime) -> str:
    """Why this could not be had today as it was approved, as a sentence; "" where it could."""
    control, tier = case.control, case.risk_tier
    if control is None or tier is None:
        return ""
    cap, life, turn = control.term_cap(tier), control.lifetime_cap(tier), control.review_days(tier)
    words = {"code": control.code, "tier": Tier(tier).label.lower(), "cap": cap, "life": life, "turn": turn}
    if not control.exceptions_allowed:
        return _("%(code)s allows no exceptions any more.") % words
    if _length(case) > timedelta(days=cap):
        return _("%(code)s allows %(cap)d days at %(tier)s risk by now, and this lasts longer.") % words
    if terms.time_in_force(terms.chain(case, life, case.expires_at or at)) > timedelta(days=life):
        return _("%(code)s allows %(life)d days in all at %(tier)s risk by now, and these are more.") % words
    draft = Draft.stored(case)
    if draft.tier is not None and draft.tier > tier:
        return _("By today's rules its risk would be %(now)s.") % {"now": draft.tier.label.lower()}
    if _is_late(case, turn):
        return _("%(code)s wants a review every %(turn)d days at %(tier)s risk by now.") % words
    return " ".join(required(draft, kind) for kind in kinds_missing(draft))


def _length(case: ExceptionCase) -> timedelta:
    if case.expires_at is not None and case.activated_at is not None:
        return case.expires_at - case.activated_at
    return timedelta(seconds=case.approved_term_seconds or 0)


def _is_late(case: ExceptionCase, turn: int) -> bool:
    """Whether its next look comes later than its control wants by now."""
    if case.activated_at is None or case.expires_at is None:
        return False
    answered = case.reviews.filter(reviewed_at__isnull=False).values_list("reviewed_at", flat=True)
    wanted = max([case.activated_at, *filter(None, answered)]) + timedelta(days=turn)
    upcoming = case.reviews.filter(outcome="").aggregate(at=Min("due_at"))["at"] or case.expires_at
    return bool(wanted < case.expires_at and wanted < upcoming)
