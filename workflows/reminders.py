"""Reminders: which have fallen due, and the row and event that make each happen once.

Only the latest overdue reminder of a kind is raised, so an outage ends with one mail and not with all it missed. The
end itself has no reminder: `case.expired` says it (see reactions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from audit import services as ledger
from audit.actors import CLOCK
from exceptions_app import judges
from exceptions_app.asking import PARENTS, Asked, asked_of, turn
from exceptions_app.models import (
    ACTIVATED,
    RELIED_ON,
    ExceptionCase,
    Grant,
    RemovalState,
    Review,
    Safeguard,
    State,
)
from exceptions_app.recording import people
from exceptions_app.sources import Stand
from workflows import freshening, reviewing
from workflows.models import Reminder, ReminderKind

DUE = "reminder.due"
ESCALATED = "case.escalated"
ESCALATIONS = {ReminderKind.TO_LEAD: {Stand.LEAD}, ReminderKind.TO_FALLBACK: {Stand.FALLBACK}}
"""As what time lets people decide besides those whom a step asks."""
COME = ESCALATIONS | {ReminderKind.TOO_FEW: {Stand.LEAD, Stand.FALLBACK}}
WEEK = timedelta(days=7)
BEFORE_END = {
    ReminderKind.END_30: timedelta(days=30),
    ReminderKind.END_14: timedelta(days=14),
    ReminderKind.END_7: timedelta(days=7),
    ReminderKind.END_1: timedelta(days=1),
}
"""Earliest first; a threshold that does not lie after the activation is skipped."""


@dataclass(frozen=True)
class Due:
    """A reminder of a case that fell due at `at` (UTC). `asked` is the step it is about, where that is known."""

    case: ExceptionCase
    kind: ReminderKind
    at: datetime
    asked: Asked | None = None


def of_end(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases between two thresholds before their end that were not reminded of the one behind them."""
    wanted = Q()
    following = [*list(BEFORE_END.values())[1:], timedelta()]
    for (kind, before), after in zip(BEFORE_END.items(), following, strict=True):
        wanted |= Q(
            ~Exists(Reminder.objects.filter(case=OuterRef("pk"), kind=kind, due_at=OuterRef("expires_at") - before)),
            expires_at__gt=at + after,
            expires_at__lte=at + before,
            activated_at__lt=F("expires_at") - before,
        )
    return ExceptionCase.objects.filter(wanted, state__in=ACTIVATED, expires_at__gt=at)


def of_removal(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases with a removal unconfirmed for a week or more that were not reminded this week, most of them ended."""
    owed = Grant.objects.filter(removal_state=RemovalState.OWED, removal_owed_at__lte=at - WEEK)
    recent = Reminder.objects.filter(case=OuterRef("pk"), kind=ReminderKind.REMOVAL, due_at__gt=at - WEEK)
    return ExceptionCase.objects.filter(~Exists(recent), pk__in=owed.values("case"))


def of_disuse(at: datetime) -> QuerySet[ExceptionCase]:
    """Cases that are relied on, with no use on record for a third of their term; asked about once each time."""
    told = Reminder.objects.filter(case=OuterRef("pk"), kind=ReminderKind.UNUSED, due_at=OuterRef("unused_from_at"))
    relied = ExceptionCase.objects.filter(state__in=RELIED_ON, relied_until_at__gt=at)
    return relied.filter(~Exists(told), unused_from_at__lte=at)


def of_steps(at: datetime) -> QuerySet[ExceptionCase]:
    """Requests whose step has passed a threshold of its time, and of whose latest that was not said."""
    told = Reminder.objects.filter(case=OuterRef("pk"))
    half = told.filter(kind=ReminderKind.HALF_TIME, due_at__gte=OuterRef("began_at"))
    to_lead = told.filter(kind=ReminderKind.TO_LEAD, due_at=OuterRef("lead_from_at"))
    to_fallback = told.filter(kind=ReminderKind.TO_FALLBACK, due_at=OuterRef("fallback_from_at"))
    led, fallen = Q(lead_from_at__lte=at), Q(fallback_from_at__lte=at)
    return (
        ExceptionCase.objects.filter(state=State.REQUESTED, decide_by_at__gt=at)
        .alias(began_at=Coalesce("step_began_at", "submitted_at"))
        .alias(gone=_length(Value(at) - F("began_at")), left=_length(F("decide_by_at") - Value(at)))
        .filter(
            (fallen & ~Exists(to_fallback))
            | (~fallen & led & ~Exists(to_lead))
            | (~fallen & ~led & Q(gone__gte=F("left")) & ~Exists(half))
        )
    )


def raise_many(*, keys: Sequence[int], at: datetime) -> list[Reminder]:
    """Write what is due for these cases, and its events, in one transaction; rows held by others wait a sweep."""
    with transaction.atomic():
        held = ExceptionCase.objects.select_for_update(of=("self",), skip_locked=True).order_by("pk")
        cases = _loaded(held.filter(pk__in=list(keys)))
        return _raise([one for find in _FINDERS for one in find(cases, at)], at)


def raise_short(*, keys: Sequence[int], at: datetime) -> list[Reminder]:
    """Write, once a step, for which of these requests it has too few people left; who stands behind them hears of it.

    Waits for rows that others hold: nothing asks a second time.
    """
    with transaction.atomic():
        held = ExceptionCase.objects.select_for_update(of=("self",)).order_by("pk")
        waiting = held.filter(pk__in=list(keys), state=State.REQUESTED, decide_by_at__gt=at)
        return _raise(_short(_loaded(waiting), at), at)


def _loaded(held: QuerySet[ExceptionCase]) -> list[ExceptionCase]:
    found = ExceptionCase.objects.filter(pk__in=[case.pk for case in held])
    return list(found.select_related(*PARENTS).order_by("pk"))


def _raise(found: Iterable[Due], at: datetime) -> list[Reminder]:
    due = _new(list(found))
    raised = [Reminder(case=one.case, kind=one.kind, due_at=one.at, raised_at=at) for one in due]
    ledger.record_many([_entry(one, at) for one in due])
    return Reminder.objects.bulk_create(raised)


def _short(cases: Sequence[ExceptionCase], at: datetime) -> Iterator[Due]:
    steps = asked_of(cases, at)
    for case in cases:
        asked, began_at = turn(steps[case.pk]), case.step_began_at or case.submitted_at
        if asked is not None and began_at is not None and asked.is_short:
            yield Due(case, ReminderKind.TOO_FEW, began_at, asked)


def _ends(cases: Iterable[ExceptionCase], at: datetime) -> Iterator[Due]:
    for case in cases:
        if case.state not in ACTIVATED or case.expires_at is None or case.activated_at is None:
            continue
        passed = [
            Due(case, kind, case.expires_at - before)
            for kind, before in BEFORE_END.items()
            if case.activated_at < case.expires_at - before <= at < case.expires_at
        ]
        yield from passed[-1:]


def _removals(cases: Iterable[ExceptionCase], at: datetime) -> Iterator[Due]:
    owing = {case.pk: case for case in cases}
    owed = Grant.objects.filter(case__in=list(owing), removal_state=RemovalState.OWED)
    since = owed.values_list("case").annotate(Min("removal_owed_at")).order_by("case") if owing else ()
    for key, owed_at in since:
        weeks = (at - owed_at) // WEEK
        if weeks >= 1:
            yield Due(owing[key], ReminderKind.REMOVAL, owed_at + weeks * WEEK)


def _guards(cases: Iterable[ExceptionCase], at: datetime) -> Iterator[Due]:
    relied = {case.pk: case for case in cases if _would_fall(case, at)}
    found: dict[Due, None] = {}
    for safeguard in Safeguard.objects.filter(case__in=list(relied)).order_by("pk") if relied else ():
        case = relied[safeguard.case_id]
        passed = [(kind, due_at) for kind, due_at in freshening.thresholds(safeguard, case).items() if due_at <= at]
        found |= {Due(case, kind, due_at): None for kind, due_at in passed[-1:]}
    yield from found


def _reviews(cases: Iterable[ExceptionCase], at: datetime) -> Iterator[Due]:
    """Of several reviews of a case the latest threshold any has passed: one look answers them all."""
    relied = {case.pk: case for case in cases if _is_relied_on(case, at)}
    passed: dict[int, list[Due]] = {}
    for review in Review.objects.open(at).awaited().filter(case__in=list(relied)).order_by("pk") if relied else ():
        case, due = relied[review.case_id], reviewing.thresholds(review)
        passed.setdefault(case.pk, []).extend(Due(case, kind, due_at) for kind, due_at in due.items() if due_at <= at)
    for found in passed.values():
        yield from sorted(found, key=lambda due: due.at)[-1:]


def _disuse(cases: Iterable[ExceptionCase], at: datetime) -> Iterator[Due]:
    for case in cases:
        if _is_relied_on(case, at) and case.unused_from_at is not None and case.unused_from_at <= at:
            yield Due(case, ReminderKind.UNUSED, case.unused_from_at)


def _is_relied_on(case: ExceptionCase, at: datetime) -> bool:
    return case.state in RELIED_ON and case.relied_until_at is not None and at < case.relied_until_at


def _would_fall(case: ExceptionCase, at: datetime) -> bool:
    """Whether it is relied on, and is not until its end unless somebody verifies its safeguards."""
    return _is_relied_on(case, at) and case.relied_until_at != case.expires_at


def _steps(cases: Iterable[ExceptionCase], at: datetime) -> Iterator[Due]:
    for case in cases:
        if case.state != State.REQUESTED or case.decide_by_at is None or case.decide_by_at <= at:
            continue
        passed = [Due(case, kind, due_at) for kind, due_at in thresholds(case).items() if due_at <= at]
        yield from passed[-1:]


_FINDERS: tuple[Callable[[Sequence[ExceptionCase], datetime], Iterator[Due]], ...] = (
    _ends,
    _removals,
    _steps,
    _guards,
    _reviews,
    _disuse,
)


def thresholds(case: ExceptionCase) -> dict[ReminderKind, datetime]:
    """When the step whose turn it is reminds its approvers, comes to their lead and to the fallback group, in order."""
    began_at, until_at = case.step_began_at or case.submitted_at, case.decide_by_at
    if began_at is None or until_at is None:
        return {}
    found = {
        ReminderKind.HALF_TIME: began_at + (until_at - began_at) / 2,
        ReminderKind.TO_LEAD: case.lead_from_at,
        ReminderKind.TO_FALLBACK: case.fallback_from_at,
    }
    return {kind: due_at for kind, due_at in found.items() if due_at is not None}


def _length(between: CombinedExpression) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(between, DurationField())


def _new(found: Sequence[Due]) -> list[Due]:
    """Those that were not raised before."""
    known = Reminder.objects.filter(case__in={due.case.pk for due in found})
    raised = set(known.values_list("case", "kind", "due_at"))
    return [due for due in found if (due.case.pk, due.kind.value, due.at) not in raised]


def _entry(due: Due, at: datetime) -> ledger.Entry:
    body: dict[str, Any] = {"kind": due.kind, "due_at": due.at, "state": due.case.state}
    if due.kind not in COME:
        return ledger.Entry(stream=due.case.stream, kind=DUE, actor=CLOCK, at=at, body=body)
    asked = due.asked or turn(judges.asked(due.case, at))
    if asked is not None:
        come = [sitter.user for sitter in asked.sitters if sitter.stand in COME[due.kind]]
        body |= {"step": asked.step.order, "step_name": asked.step.name, "people": people(come)}
    return ledger.Entry(stream=due.case.stream, kind=ESCALATED, actor=CLOCK, at=at, body=body)
