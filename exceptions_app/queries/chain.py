"""The chain of a case: what was in force for the same control and identity before and after it, and for how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from accounts.models import User
from exceptions_app import terms
from exceptions_app.models import ExceptionCase, Period

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Link:
    """A member of a chain and its own time in force, in whole days; None where that does not count or has not begun."""

    case: ExceptionCase
    from_at: datetime | None
    until_at: datetime | None
    days: int | None


@dataclass(frozen=True)
class Chain:
    """The members this person may see, earliest first, and how many more there are.

    `days` is the time in force of all of them together, each period counted to its end, `days_by_now` what of it is
    past. At its risk the case allows `lifetime` days, of which `left` are left to whatever follows.
    """

    links: Sequence[Link]
    hidden: int
    days: int
    days_by_now: int
    lifetime: int
    left: int

    @property
    def is_worth_telling(self) -> bool:
        return len(self.links) + self.hidden > 1


def chain_of(case: ExceptionCase, user: User, at: datetime) -> Chain | None:
    """The chain as this person may see it at `at`; None where control, identity or risk is missing. Four queries."""
    if case.control is None or case.identity is None or case.risk_tier is None:
        return None
    lifetime = case.control.lifetime_cap(case.risk_tier)
    periods = terms.whole_chain(case, at)
    of_case: dict[int, list[Period]] = defaultdict(list)
    for period in periods:
        of_case[period.case_id].append(period)
    keys = {*of_case, case.pk, *([case.renews_id] if case.renews_id else [])}
    keys |= set(ExceptionCase.objects.live().filter(renews__in=keys).values_list("pk", flat=True))
    seen = ExceptionCase.objects.visible_to(user, at).filter(pk__in=keys)
    links = sorted((_link(one, of_case[one.pk]) for one in seen), key=_order)
    return Chain(
        links=links,
        hidden=len(keys - {link.case.pk for link in links}),
        days=ceil(terms.time_in_force(periods) / DAY),
        days_by_now=terms.time_in_force(_by(periods, at)) // DAY,
        lifetime=lifetime,
        left=terms.lifetime_left(case, lifetime, max([at, *(one.until_at for one in periods)])).days,
    )


def _link(case: ExceptionCase, periods: Sequence[Period]) -> Link:
    if not periods:  # not begun; or renewed so long afterwards that it is no part of the chain
        return Link(case, case.activated_at, case.ended_at if case.activated_at else None, None)
    from_at, until_at = min(one.from_at for one in periods), max(one.until_at for one in periods)
    return Link(case, from_at, until_at, ceil(terms.time_in_force(periods) / DAY))


def _order(link: Link) -> tuple[bool, datetime, int]:
    """By their start; what has not begun comes last."""
    return link.from_at is None, link.from_at or link.case.created_at, link.case.pk


def _by(periods: Sequence[Period], at: datetime) -> list[Period]:
    """The periods as far as they have passed, as unsaved rows."""
    return [Period(from_at=one.from_at, until_at=min(one.until_at, at)) for one in periods if one.from_at < at]
