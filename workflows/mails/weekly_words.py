"""The weekly mail in words, in the time zone that is active: for each part what is in force, ending and owed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Team
from exceptions_app.models import RELIED_ON, ExceptionCase
from exceptions_app.queries.home import SOON_DAYS
from exceptions_app.queries.weekly import OWN, SHOWN, Owed, Week
from workflows.mails.words import exact, link

PLACES = {
    Owed.REVIEW: "#reviews",
    Owed.FAILED: "#safeguards",
    Owed.SAFEGUARD: "#safeguards",
    Owed.START: "#safeguards",
    Owed.REMOVAL: "#opens",
    Owed.UNUSED: "#uses",
}
"""Where on the page of the case it is dealt with."""


@dataclass(frozen=True)
class Line:
    """What there is, and the one address where it is dealt with."""

    text: str
    link: str


@dataclass(frozen=True)
class Block:
    heading: str
    lines: list[Line]


@dataclass(frozen=True)
class Part:
    """What somebody answers for, or one of their teams."""

    title: str
    blocks: list[Block]


def subject(week: Week, team: Team | None) -> str:
    """The numbers of what is one's own; where nothing is, those of the first team."""
    told = {"force": week.in_force, "ending": week.ending.count, "owed": week.owed_count, "team": team}
    if team:
        return _("The week of %(team)s: %(force)d in force, %(ending)d ending, %(owed)d owed") % told
    return _("Your week: %(force)d in force, %(ending)d ending, %(owed)d owed") % told


def part(week: Week, team: Team | None, at: datetime) -> Part:
    """`team` is None for what is one's own: there it is said whom somebody only backs up."""
    asked = {"team": team.name} if team else {"whose": "held"}
    title = _("Team %(team)s") % {"team": team} if team else _("What you answer for")
    blocks = [
        Block(_("In force: %(n)d") % {"n": week.in_force}, list(_in_force(week, asked))),
        Block(
            _("Ending in the next %(days)d days: %(n)d") % {"days": SOON_DAYS, "n": week.ending.count},
            list(_ending(week, asked, at, mine=team is None)),
        ),
        *(_owed_by_team(week, team, at) if team else _owed_by_oneself(week, at)),
    ]
    return Part(title, [block for block in blocks if block.lines])


def _in_force(week: Week, asked: dict[str, str]) -> Iterator[Line]:
    if week.in_force:
        yield Line(_("See them in the register"), _register(**asked, view="force"))


def _ending(week: Week, asked: dict[str, str], at: datetime, *, mine: bool) -> Iterator[Line]:
    """One's own lead to where each is renewed or let end, unless that is settled."""
    for case in week.ending.cases:
        said, is_renewed = f"{_named(case, week)}: {_left(case, at)}", case.pk in week.renewed
        if is_renewed:
            said = _("%(said)s, its renewal is under way") % {"said": said}
        elif case.let_end_at:
            said = _("%(said)s, and is not to be renewed") % {"said": said}
        to_renew = mine and not is_renewed and not case.let_end_at and case.state in RELIED_ON
        yield Line(said, link(case, "case_renewal") if to_renew else link(case))
    if week.ending.more:
        yield _and_more(week.ending.more, _register(**asked, ending=str(SOON_DAYS), sort="ends"))


def _owed_by_team(week: Week, team: Team, at: datetime) -> Iterator[Block]:
    lines = list(_owed(week, tuple(Owed), at, _register(team=team.name)))
    yield Block(_("Owed: %(n)d") % {"n": week.owed_count}, lines)


def _owed_by_oneself(week: Week, at: datetime) -> Iterator[Block]:
    """What one does alone, what waits for others and may be hastened, and what one does for others."""
    home, others = f"{settings.BASE_URL}{reverse('home')}", tuple(kind for kind in Owed if kind not in OWN)
    own = _("For you to do: %(n)d") % {"n": week.count_of(OWN)}
    yield Block(own, list(_owed(week, OWN, at, home)))
    waits = _("Waits for others; ask them: %(n)d") % {"n": week.count_of(others)}
    yield Block(waits, list(_owed(week, others, at, home)))
    asked = [
        Line(_("%(what)s: %(n)d") % {"what": kind.label, "n": number}, home) for kind, number in week.asked.items()
    ]
    yield Block(_("Asked of you, for what others own: %(n)d") % {"n": sum(week.asked.values())}, asked)


def _owed(week: Week, kinds: Collection[Owed], at: datetime, rest: str) -> Iterator[Line]:
    every = [(kind, case) for kind, listing in week.owed.items() if kind in kinds for case in listing.cases]
    for kind, case in every[:SHOWN]:
        yield Line(f"{_named(case, week)}: {_owing(kind, case, at)}", _place(kind, case))
    if more := week.count_of(kinds) - len(every[:SHOWN]):
        yield _and_more(more, rest)


def _owing(kind: Owed, case: ExceptionCase, at: datetime) -> str:
    """With the instant, where something falls out of force then."""
    falls_at = case.relied_until_at
    if kind not in {Owed.FAILED, Owed.SAFEGUARD} or falls_at is None:
        return str(kind.label)
    words = {"when": exact(falls_at), "waits": kind.label}
    if falls_at <= at:
        return _("out of force since %(when)s; %(waits)s") % words
    return _("in force only until %(when)s; %(waits)s") % words


def _left(case: ExceptionCase, at: datetime) -> str:
    days = (case.expires_at - at).days if case.expires_at else 0
    left = ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days} if days else _("less than a day left")
    return _("ends on %(when)s, %(left)s") % {"when": exact(case.expires_at), "left": left}


def _named(case: ExceptionCase, week: Week) -> str:
    named = f"{case.reference} {case.title}"
    if week.of is None or case.owner is None or case.backup_owner_id != week.of.pk or not case.backup_accepted_at:
        return named
    return _("%(case)s (%(owner)s owns it, you are the backup)") % {"case": named, "owner": case.owner}


def _place(kind: Owed, case: ExceptionCase) -> str:
    if kind == Owed.RETURNED:
        return link(case, "draft")
    return link(case) + PLACES.get(kind, "")


def _register(**asked: str) -> str:
    return f"{settings.BASE_URL}{reverse('register')}?{urlencode(asked)}"


def _and_more(number: int, link: str) -> Line:
    return Line(_("And %(n)d more") % {"n": number}, link)
