"""How long: the asked term, its latest end, and the two clocks, cap per term and lifetime (DESIGN, promise 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import F

from catalog.models import Control, Tier
from exceptions_app.models import ACTIVATED, RELIED_ON, ExceptionCase, Period

ACTIVATION_DAYS = 14
"""An approved case that is not activated this many days after its planned start lapses."""
AHEAD_DAYS = 365
"""A start later than this is asked for when it is nearer: nobody can judge today's risk of it."""
RENEWED_DAYS = 30
"""From so many days before the end a renewal may be asked for."""
FAR_AWAY = timedelta(days=5 * 365)
"""No exception is meant to last so long: an end this far ahead stands for none."""
_LAST_SECOND = time(23, 59, 59)
_FIRST_DAY, _LAST_DAY = date.min + timedelta(days=2), date.max - timedelta(days=2)


@dataclass(frozen=True)
class Asked:
    """What a case asks for in time. `start_at` is the planned start, or the instant of asking."""

    start_at: datetime
    term: timedelta
    latest_end_at: datetime


def end_of_day(day: date, zone: str) -> datetime:
    """23:59:59 of the day in the IANA zone, as an aware instant that every zone can tell.

    The first and last two days of the calendar have none everywhere; the nearest that has stands for them.
    """
    return datetime.combine(min(max(day, _FIRST_DAY), _LAST_DAY), _LAST_SECOND, tzinfo=ZoneInfo(zone))


def earliest_start(case: ExceptionCase) -> datetime | None:
    """The later of the start that was asked for and the one its approvals leave; None for at once."""
    return max(filter(None, [case.planned_start_at, case.approved_start_at]), default=None)


def start(case: ExceptionCase, at: datetime) -> datetime:
    """The latest of the chosen start, a renewal's handover, and `at`."""
    handover = case.renews.expires_at if case.renews is not None and case.renews.state in ACTIVATED else None
    return max(earliest_start(case) or at, handover or at, at)


def activate_by(start_at: datetime) -> datetime:
    """Until when what was to start then may still start."""
    return start_at + timedelta(days=ACTIVATION_DAYS)


def asked(case: ExceptionCase, *, at: datetime, decide_by_at: datetime, cap_days: int) -> Asked:
    """Term and latest end of a complete case asked at `at`.

    A term in days may start as late as 14 days after the later of planned start and decision; an end date is absolute.
    An end date whose calendar distance is within the cap is cut to the cap's exact length.
    """
    start_at = start(case, at)
    if case.term_days:
        term = timedelta(days=case.term_days)
        return Asked(start_at, term, activate_by(max(start_at, decide_by_at)) + term)
    if case.end_on is None:
        raise ValueError("a case is asked with a term or an end date")
    end_at = end_of_day(case.end_on, case.end_zone)
    return Asked(start_at, min(end_at - start_at, timedelta(days=cap_days)), end_at)


def asked_days(case: ExceptionCase, at: datetime) -> int | None:
    """Whole calendar days asked for, in the case's zone for an end date; None while neither is given."""
    if case.term_days:
        return case.term_days
    if case.end_on is None:
        return None
    return (case.end_on - start(case, at).astimezone(ZoneInfo(case.end_zone or "UTC")).date()).days


def chain(case: ExceptionCase, lifetime_days: int, at: datetime) -> list[Period]:
    """Periods of the same control and identity less than a lifetime cap away from `at`, latest first."""
    return _followed(case, at, lambda *tiers: timedelta(days=lifetime_days))


def whole_chain(case: ExceptionCase, at: datetime) -> list[Period]:
    """Periods of the chain this case belongs to, or would follow if it started now, earliest first.

    Two that lie a lifetime cap or more apart belong to different chains; of two caps the longer counts.
    """
    control, tier = case.control, case.risk_tier
    if control is None or case.identity is None or tier is None:
        return []
    chains: list[list[Period]] = []
    reached, before = at, Tier(tier)
    for period in reversed(_periods(case)):
        if not chains or period.from_at - reached >= _gap(control, before, period.case.risk_tier):
            chains.append([])
            reached = period.until_at
        chains[-1].append(period)
        if period.until_at >= reached:
            reached, before = period.until_at, Tier(period.case.risk_tier or tier)
    own = next((one for one in chains if any(period.case_id == case.pk for period in one)), None)
    if own is None and chains and case.activated_at is None:
        follows = start(case, at) - reached < _gap(control, before, tier)
        return chains[-1] if follows else []
    return own or []


def _followed(case: ExceptionCase, at: datetime, gap: Callable[[int | None, int | None], timedelta]) -> list[Period]:
    """Those it would follow if it started at `at`, latest first; two are parted by the gap of their tiers or more."""
    linked: list[Period] = []
    edge, tier = at, case.risk_tier
    for period in _periods(case):
        if edge - period.until_at >= gap(tier, period.case.risk_tier):
            break
        linked.append(period)
        edge, tier = min(edge, period.from_at), period.case.risk_tier
    return linked


def _gap(control: Control, *tiers: int | None) -> timedelta:
    """The longest of these tiers' lifetime caps."""
    return timedelta(days=max(control.lifetime_cap(Tier(tier)) for tier in tiers if tier is not None))


def _periods(case: ExceptionCase) -> list[Period]:
    """All of the same control and identity, latest first."""
    same = Period.objects.filter(case__control=case.control, case__identity=case.identity, from_at__lt=F("until_at"))
    return list(same.select_related("case").order_by("-until_at", "-pk"))


def time_in_force(periods: Iterable[Period]) -> timedelta:
    """Length of the union of the periods; overlaps count once."""
    total, reached = timedelta(), None
    for period in sorted(periods, key=lambda p: p.from_at):
        begin = period.from_at if reached is None else max(period.from_at, reached)
        total += max(period.until_at - begin, timedelta())
        reached = period.until_at if reached is None else max(reached, period.until_at)
    return total


def lifetime_left(case: ExceptionCase, lifetime_days: int, at: datetime) -> timedelta:
    """What the lifetime cap leaves for this control and identity; never negative."""
    used = time_in_force(chain(case, lifetime_days, at))
    return max(timedelta(days=lifetime_days) - used, timedelta())


def renewal_number(case: ExceptionCase, at: datetime) -> int:
    """Filing anew within one lifetime cap of the last end is a renewal, whatever it is called (promise 8).

    Of its own cap and the last one's the longer counts, or raising one's risk would begin anew.
    """
    if case.control is None or case.identity is None or case.risk_tier is None:
        return 0
    linked = _followed(case, at, partial(_gap, case.control))
    named = [case.renews.renewal_number] if case.renews else []
    return max((period.case.renewal_number for period in linked), default=max(named, default=-1)) + 1


def handover_at(case: ExceptionCase, at: datetime) -> datetime | None:
    """When a renewal that may start by now takes over: its predecessor's end, if that is still to come.

    None without a predecessor in force to its end, or when a later start was asked for.
    """
    before = case.renews
    if before is None or before.state not in RELIED_ON:
        return None
    if before.expires_at is None or before.expires_at <= at:
        return None
    return before.expires_at if (earliest_start(case) or at) <= before.expires_at else None
