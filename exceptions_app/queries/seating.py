"""What each waiting step is to one person, in SQL: theirs to decide, somebody else's, or for the law to say.

Answers count by the digest pinned with the case, so what may have changed since an answer goes to `judges`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts import absences
from accounts.models import Absence, ApproverGroup, GroupMembership, User
from catalog.models import Control, Identity, System, Tier, Vendor
from exceptions_app.models import RELIED_ON, Decision, ExceptionCase, Grant, Source, State, Step, Verdict
from exceptions_app.models.decisions import DecisionQuerySet
from exceptions_app.models.governed import GovernedQuerySet
from exceptions_app.queries.keys import gathered
from exceptions_app.sources import GROUP_ASKED, PERSON_ASKED, Stand, asks, backs, can_decide

NONE = Q(pk__in=())
GAINERS = ("requester", "owner", "identity__owner", "identity__backup_owner", "editors__person")
"""Roles that gain as they are; a backup owner does once they accepted."""
UNDER_WAY = timedelta(hours=1)
"""A change can be stored so much later than the instant it bears: an import plans its whole file first."""


class How(IntEnum):
    """What a step is to a person. Seats are in the order in which they are taken: each stand, then for another."""

    OWN = 0
    OWN_FOR_ANOTHER = 1
    LEAD = 2
    LEAD_FOR_ANOTHER = 3
    FALLBACK = 4
    FALLBACK_FOR_ANOTHER = 5
    GAINED = 6
    """It would be theirs if they did not gain."""
    LAW = 7
    """SQL cannot tell: the ask may have changed since an answer, or a source has too few."""

    @classmethod
    def seat(cls, stand: Stand, *, for_another: bool = False) -> How:
        return cls(stand * 2 + for_another)


class Offer(NamedTuple):
    """A step of a request by keys, and what it is to the person. `group` is the step's own, if it asks one.

    Whether it is its turn is for `is_turn` to say, unless the law has said it.
    """

    case: int
    step: int
    group: int | None
    how: How
    is_current: bool | None = None

    @property
    def stand(self) -> Stand:
        return Stand(self.how // 2)

    @property
    def is_for_another(self) -> bool:
        return self.how % 2 == 1


@dataclass(frozen=True)
class Place:
    """What a person has by which they are asked: themselves, and those for whom they stand in now."""

    user: User
    people: Sequence[int]
    has: Mapping[str, set[int]]

    @property
    def is_fallback(self) -> bool:
        return any(self.has[f"fallback of {one}"] for one in self.people)

    @property
    def stands_behind(self) -> bool:
        """Whether they are asked where a source has too few, or too little time."""
        kinds = ("fallback", "led", "reports")
        return any(self.has[f"{kind} of {one}"] for one in self.people for kind in kinds)

    @property
    def concerned(self) -> Q:
        """Steps that could be anything to them."""
        return self.asked | self.backed if self.stands_behind else self.asked

    @property
    def asked(self) -> Q:
        """Steps that ask one of them."""
        return _any(map(self.asked_of, self.people))

    @property
    def backed(self) -> Q:
        """Steps behind whose source one of them stands."""
        return ~NONE if self.is_fallback else _any(map(self.led_by, self.people))

    def asked_of(self, person: int) -> Q:
        """Steps that ask this one of them."""
        return asks([person], self.has[f"groups of {person}"])

    def led_by(self, person: int) -> Q:
        """Steps behind whose source this one of them stands as lead."""
        if not self.has[f"led of {person}"] and not self.has[f"reports of {person}"]:
            return NONE
        return backs([person], self.has[f"led of {person}"])

    def rank(self, people: Sequence[int], stand: Stand, at: datetime) -> Q:
        """Steps that some of these people fill in this way by `at`; those behind a source once its time is short."""
        match stand:
            case Stand.OWN:
                return _any(map(self.asked_of, people))
            case Stand.LEAD if not self.stands_behind:
                return NONE
            case Stand.LEAD:
                return Q(current=True, route__case__lead_from_at__lte=at) & _any(map(self.led_by, people))
            case Stand.FALLBACK:
                catches = any(self.has[f"fallback of {one}"] for one in people)
                return Q(current=True, route__case__fallback_from_at__lte=at) if catches else NONE


def place_of(user: User, at: datetime) -> Place | None:
    """None for whoever decides nothing at all. Two queries at most."""
    if not can_decide(user):
        return None
    stood_for = absences.principals(user, at)
    has = gathered(("stood for", stood_for, "person"), *_belongings([user.pk]))
    others = sorted(has["stood for"])
    if others:
        has |= gathered(*_belongings(others))
    return Place(user, [user.pk, *others], has)


def offers(place: Place, at: datetime, steps: GovernedQuerySet[Step]) -> Iterator[Offer]:
    """Those of these waiting steps that are anything to the person; one query.

    The request with the least time left comes first, by its deadline or by the end of what it continues without a gap;
    its steps in order.
    """
    steps = steps.filter(place.concerned).annotate(asked_group=GROUP_ASKED, given=_given_here())
    if place.stands_behind:
        steps = steps.annotate(asked_person=PERSON_ASKED, current=is_turn()).annotate(able=_able(at))
    rows = steps.annotate(how=_how(place, at)).order_by(_pressing_at(at), "route__case", "order")
    for offer in rows.values_list("route__case", "pk", "asked_group", "how"):
        if offer[-1] is not None:
            yield Offer(*offer)


def _pressing_at(at: datetime) -> Case:
    """By when a step's request should be decided: before what it renews ends, if that is in force and ends sooner."""
    ends_at, decide_by_at = F("route__case__renews__expires_at"), F("route__case__decide_by_at")
    sooner = Q(
        route__case__renews__state__in=RELIED_ON,
        route__case__renews__expires_at__gt=at,
        route__case__renews__expires_at__lt=decide_by_at,
    )
    return Case(When(sooner, then=ends_at), default=decide_by_at, output_field=DateTimeField())


def standing(at: datetime) -> GovernedQuerySet[Step]:
    """Steps of the requests that wait."""
    waiting = Q(route__case__state=State.REQUESTED, route__case__decide_by_at__gt=at)
    return Step.objects.filter(waiting, route__voided_at__isnull=True)


@cache
def is_turn() -> Case:
    """Whether the steps before a step have enough answers."""
    earlier = Step.objects.filter(route=OuterRef("route"), order__lt=OuterRef("order")).annotate(given=_given_here())
    unmet = Q(Exists(earlier.filter(given__lt=F("count"))))
    return Case(When(order=1, then=True), When(unmet, then=False), default=True, output_field=BooleanField())


def gained_by(person: User | int | OuterRef, at: datetime) -> Q:
    """Cases the person gains from at `at`: `judges.gaining_ids` in SQL."""
    delegate = OuterRef(person) if isinstance(person, OuterRef) else person
    away = Absence.objects.running(at).filter(delegate=delegate).values("person")
    return _is(person) | _is(away, "__in")


def _belongings(people: Sequence[int]) -> Iterator[tuple[str, QuerySet[Any], str]]:
    """What these people have, by key, by which they are asked."""
    for one in people:
        memberships = GroupMembership.objects.filter(member=one)
        yield f"groups of {one}", memberships, "group"
        yield f"fallback of {one}", memberships.filter(group__is_fallback=True), "group"
        yield f"led of {one}", ApproverGroup.objects.filter(lead=one), "pk"
        yield f"reports of {one}", User.objects.filter(manager=one), "pk"


def _how(place: Place, at: datetime) -> Case:
    """`How` in SQL, the first that holds; null where the step is nothing to them."""
    me, *others = place.people
    told: list[tuple[Q, How | None]] = [(_may_have_changed(), How.LAW), (Q(given__gte=F("count")), None)]
    if not others and not place.stands_behind:  # whatever is looked at asks them, and nobody for whom they stand in
        return _first([*told, (_gains(me, at), How.GAINED), (_is_silent(me), None)], How.OWN)
    told += [
        (_gains(me, at) & _any(place.rank(place.people, stand, at) for stand in Stand), How.GAINED),
        (_is_silent(me), None),
    ]
    for stand in Stand:
        told.append((place.rank([me], stand, at), How.seat(stand)))
        instead = How.seat(stand, for_another=True)
        told += [(place.rank([one], stand, at) & ~_gains(one, at) & ~_is_silent(one), instead) for one in others]
    if place.stands_behind:
        told.append((place.backed & Q(able__lt=F("count") - F("given")), How.LAW))
    return _first(told, None)


def _first(told: Iterable[tuple[Q, How | None]], default: How | None) -> Case:
    whens = [When(condition, then=Value(how)) for condition, how in told]
    return Case(*whens, default=Value(default), output_field=IntegerField())


@cache
def _may_have_changed() -> Q:
    """Steps of requests whose document may have changed after an answer that stands, though nothing voided that.

    The catalog did, or what it renews was cut short. A change under way at the decision may bear an earlier instant.
    Another owner or backup pins the request anew at once.
    """
    case = "step__route__case"
    rows = ((Control, f"{case}__control"), (Identity, f"{case}__identity"), (Vendor, f"{case}__identity__vendor"))
    changes = [model.history.filter(id=OuterRef(key)) for model, key in rows]
    opened = Grant.objects.filter(case=OuterRef(OuterRef(case)), system=OuterRef("id"))
    changes.append(System.history.filter(Exists(opened)))
    since = OuterRef("decided_at") - UNDER_WAY
    changed = _any(Q(Exists(rows.filter(history_type="~", history_date__gte=since))) for rows in changes)
    changed |= Q(**{f"{case}__renews__updated_at__gte": F("decided_at") - UNDER_WAY})
    waits = Q(**{f"{case}__state": State.REQUESTED})
    return Q(route__in=_given().filter(waits, changed).values("step__route"))


def _given(**of: Any) -> DecisionQuerySet:
    """Approvals that stand."""
    return Decision.objects.approvals().filter(voided_at__isnull=True, **of)


@cache
def _given_here() -> Coalesce:
    """How many approvals of the step count: they name the digest pinned with the case."""
    return number_of(_given(step=OuterRef("pk"), digest=OuterRef("route__case__digest")), "step")


def _is_silent(person: int) -> Q:
    """Steps this person may not answer, though they gain nothing: they stepped aside, or have spoken."""
    aside = Decision.objects.recusals().filter(voided_at__isnull=True, person=person)
    spoken = _given(digest=F("step__route__case__digest")).filter(Q(person=person) | Q(on_behalf_of=person))
    elsewhere = Q(route__case__risk_tier=Tier.CRITICAL, route__in=spoken.values("step__route"))
    return Q(route__case__in=aside.values("step__route__case")) | Q(pk__in=spoken.values("step")) | elsewhere


def _gains(person: int, at: datetime) -> Q:
    """Steps of the waiting requests this person gains from."""
    gained = ExceptionCase.objects.filter(gained_by(person, at), state=State.REQUESTED)
    return Q(route__case__in=gained.values("pk"))


def _able(at: datetime) -> Combinable:
    """How many people of a step's own source could fill it yet."""
    person, step, case = OuterRef("pk"), OuterRef(OuterRef("pk")), OuterRef(OuterRef("route__case"))
    able = User.objects.filter(is_active=True, is_auditor=False)
    able = able.filter(~Exists(ExceptionCase.objects.filter(gained_by(person, at), pk=case)))
    answers = Decision.objects.filter(voided_at__isnull=True, step__route__case=case)
    aside = Q(verdict=Verdict.RECUSE, person=person)
    here = Q(step=step) | Q(step__route__case__risk_tier=Tier.CRITICAL)
    spoken = here & Q(verdict=Verdict.APPROVE, digest=F("step__route__case__digest"))
    able = able.filter(~Exists(answers.filter(aside | spoken & (Q(person=person) | Q(on_behalf_of=person)))))
    members = GroupMembership.objects.filter(group=OuterRef(OuterRef("asked_group")), member=person)
    opened = Grant.objects.filter(case=case, system__owner=person)
    owns = Q(Exists(opened)) & Q(Exists(Step.objects.filter(pk=step, source=Source.SYSTEM_OWNER)))
    asked = able.filter(Q(Exists(members)) | Q(pk=OuterRef("asked_person")) | owns)
    return number_of(asked, "is_active")


def number_of(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of these rows there are for the row outside; `by` is a column in which they are all alike."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(number=Count("pk")).values("number")), 0)


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NONE)


def _is(who: Any, lookup: str = "") -> Q:
    """Cases somebody gains from by what they are to it; the lookup says whether `who` is one or several."""
    accepted = Q(**{f"backup_owner{lookup}": who}, backup_accepted_at__isnull=False)
    return reduce(or_, (Q(**{f"{role}{lookup}": who}) for role in GAINERS), accepted)
