"""What a person leaves behind: what moves by itself, to whom, and what does not; told before the account is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.models import User
from catalog.models import Control, Identity, System
from exceptions_app import asking, judges
from exceptions_app.models import LIVE, Decision, ExceptionCase, State, Step
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.keys import among
from exceptions_app.queries.looking import most_pressing, to_review
from exceptions_app.queries.sight import sight_of
from exceptions_app.queries.tenure import closed_at, given_up
from exceptions_app.sources import asks
from exceptions_app.succession import GONE, PARENTS, Fate, Succession, on_change, successions

SHOWN = 50
MOST = 200
"""Of what waits for answers so many are looked at one by one, the most pressing."""
_NAMES = ("control", "identity", "owner")


class About(Protocol):
    """Something told of a case."""

    @property
    def case(self) -> ExceptionCase: ...


@dataclass(frozen=True)
class Told:
    """A case, and where that is known what becomes of it; `is_short` where a step of it is left too few people."""

    case: ExceptionCase
    fate: Fate | None = None
    is_short: bool = False


Row = TypeVar("Row")
AboutCase = TypeVar("AboutCase", bound=About)
Entry = TypeVar("Entry", bound=Model)


@dataclass(frozen=True)
class Some(Generic[Row]):
    """The first SHOWN of `count`; `hidden` ones the reader may not see are counted apart."""

    rows: Sequence[Row]
    count: int
    hidden: int = 0

    @property
    def more(self) -> int:
        """How many the reader may see beyond these."""
        return self.count - len(self.rows)

    @property
    def whole(self) -> int:
        """How many there are."""
        return self.count + self.hidden


@dataclass(frozen=True)
class Entries:
    """What of the catalog in use is theirs: it stays theirs until somebody else is named."""

    identities: Some[Identity]
    backed_up: Some[Identity]
    systems: Some[System]
    controls: Some[Control]

    @property
    def count(self) -> int:
        """How many need another owner."""
        return self.identities.count + self.systems.count + self.controls.count


@dataclass(frozen=True)
class Leaving:
    """Everything a person leaves behind. Exceptions they own by who takes them over, each once.

    `fates` counts what becomes of those they own.
    """

    to_backup: Some[Succession]
    to_manager: Some[Succession]
    to_nobody: Some[Succession]
    fates: dict[Fate, int]
    drafts: Some[Told]
    backed_up: Some[Told]
    offered: Some[Told]
    to_decide: Some[Told]
    approved: Some[Told]
    to_review: Some[Told]
    entries: Entries

    @property
    def moved(self) -> int:
        """How many exceptions get another owner."""
        return self.to_backup.whole + self.to_manager.whole


def leaving(person: User, reader: User, at: datetime) -> Leaving:
    """What becomes of all that is this person's once their account is closed at `at` (UTC), as the reader may see it.

    As many queries for many cases as for a few.
    """
    owned = successions(_owned(person, at), at)
    lists: dict[str, list[Told]] = {
        "drafts": [Told(case) for case in _drafts(person)],
        "backed_up": [Told(case, on_change(case, at)) for case in _backed_up(person, at)],
        "offered": [Told(case) for case in _offered(person, at)],
        "to_decide": _to_decide(person, at),
        "approved": [Told(case) for case in _approved(person, at)],
        "to_review": [Told(case) for case in _only_theirs_to_review(person, at)],
    }
    every = [one.case.pk for one in owned] + [one.case.pk for told in lists.values() for one in told]
    seen = set(sight_of(reader).filter(among(every)).values_list("pk", flat=True))
    return Leaving(
        to_backup=_some([one for one in owned if one.is_backup], seen),
        to_manager=_some([one for one in owned if one.heir is not None and not one.is_backup], seen),
        to_nobody=_some([one for one in owned if one.heir is None], seen),
        fates={fate: sum(one.fate == fate for one in owned) for fate in Fate},
        entries=_entries(person),
        **{name: _some(told, seen) for name, told in lists.items()},
    )


def moved(person: User, reader: User) -> Some[ExceptionCase]:
    """What had this person as its owner until the account was closed, or later, and has somebody else now."""
    since = closed_at(person)
    if since is None:
        return Some([], 0)
    rows = given_up(ExceptionCase, person).filter(given_up_at__gte=since)
    seen = rows.filter(pk__in=sight_of(reader).values("pk")).select_related(*_NAMES).order_by("given_up_at", "pk")
    count = seen.count()
    return Some(list(seen[:SHOWN]), count, rows.count() - count)


def _some(told: Sequence[AboutCase], seen: set[int]) -> Some[AboutCase]:
    shown = [one for one in told if one.case.pk in seen]
    return Some(shown[:SHOWN], len(shown), len(told) - len(shown))


def _owned(person: User, at: datetime) -> list[ExceptionCase]:
    """Live ones, those that end first at the top."""
    cases = ExceptionCase.objects.filter(owner=person).standing(LIVE, at)
    return list(cases.select_related(*_NAMES, *PARENTS).order_by("expires_at", "pk"))


def _drafts(person: User) -> Iterable[ExceptionCase]:
    mine = ExceptionCase.objects.filter(Q(owner=person) | Q(requester=person), state=State.DRAFT)
    return mine.select_related(*_NAMES, "requester").order_by("-updated_at", "-pk")


def _backed_up(person: User, at: datetime) -> Iterable[ExceptionCase]:
    """Whose owner has left as well is handed over first, and only then loses its backup owner."""
    cases = ExceptionCase.objects.filter(backup_owner=person).exclude(GONE).standing(LIVE, at)
    return cases.select_related(*_NAMES).order_by("expires_at", "pk")


def _offered(person: User, at: datetime) -> Iterable[ExceptionCase]:
    open_offers = person.ownership_offers.filter(answered_at__isnull=True)
    cases = ExceptionCase.objects.filter(pk__in=open_offers.values("case")).standing(LIVE, at)
    return cases.select_related(*_NAMES).order_by("expires_at", "pk")


def _to_decide(person: User, at: datetime) -> list[Told]:
    """Requests with a step this person may still fill; first those a step of which is left too few people."""
    groups = person.memberships.values("group")
    steps = Step.objects.filter(asks([person.pk], groups), route__voided_at__isnull=True)
    waiting = ExceptionCase.objects.standing([State.REQUESTED], at).filter(pk__in=steps.values("route__case"))
    cases = list(waiting.select_related(*asking.PARENTS).order_by("decide_by_at", "pk")[:MOST])
    asked = asking.asked_of(cases, at)
    seats = ((case, [one for one in asked[case.pk] if one.seat(person)]) for case in cases)
    found = [Told(case, is_short=_falls_short(held, person)) for case, held in seats if held]
    return sorted(found, key=lambda told: not told.is_short)


def _falls_short(held: Iterable[asking.Asked], person: User) -> bool:
    return any(one.is_short_without(person) and not one.is_short for one in held)


def _approved(person: User, at: datetime) -> Iterable[ExceptionCase]:
    """What this person approved, or somebody for them, and has not started."""
    theirs = Q(on_behalf_of=person) | Q(person=person, on_behalf_of__isnull=True)
    approvals = Decision.objects.filter(theirs, voided_at__isnull=True).approvals()
    cases = ExceptionCase.objects.standing([State.APPROVED], at).filter(pk__in=approvals.values("step__route__case"))
    return cases.select_related(*_NAMES).order_by("activate_by_at", "pk")


def _only_theirs_to_review(person: User, at: datetime) -> list[ExceptionCase]:
    """Those with an open review that nobody else may answer."""
    asked: CaseQuerySet = most_pressing(to_review(person, at)).select_related(*asking.PARENTS)
    cases = list(asked.prefetch_related("reviews")[:MOST])
    sitters = judges.reviewers_of(cases, at)
    return [case for case in cases if all(person in (one.user, one.for_whom) for one in sitters[case.pk])]


def _entries(person: User) -> Entries:
    return Entries(
        identities=_first(Identity.objects.in_use().filter(owner=person).select_related("owner_asked")),
        backed_up=_first(Identity.objects.in_use().filter(backup_owner=person)),
        systems=_first(System.objects.in_use().filter(owner=person)),
        controls=_first(Control.objects.in_use().filter(owner=person)),
    )


def _first(entries: QuerySet[Entry]) -> Some[Entry]:
    rows = list(entries[:SHOWN])
    return Some(rows, entries.count() if len(rows) == SHOWN else len(rows))
