"""The rows behind the figures: what was decided, lapsed and escalated in a period, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import GroupMembership, User
from exceptions_app import asking
from exceptions_app.models import Decision, EndReason, ExceptionCase, Grant, Source, State, Step, Verdict
from exceptions_app.sources import PERSON_ASKED
from workflows.figures import counting
from workflows.figures.counting import AlwaysYes, End, Figures, Given, Unanswered
from workflows.figures.turns import Answer, PastRoute, PastStep, before, heard, turn_began_at, waiting_step
from workflows.models import Reminder
from workflows.reminders import ESCALATIONS

OF_ROUTE = ("route", "route__case", "route__pinned_at", "route__voided_at")
OF_STEP = ("pk", "name", "count", "reasons", "source", "group", "asks")
OF_ANSWER = ("pk", "step__route", "step", "person", "on_behalf_of", "decided_at", "voided_at", "sign_in")
OF_VERDICT = ("verdict", "narrowing", "by_lead", "by_fallback")


@dataclass(frozen=True)
class Report:
    """How a period's requests were decided, by approver and by rule; most decisions first."""

    approvers: Sequence[tuple[User, Figures]]
    rules: Sequence[tuple[str, Figures]]
    always_yes: Sequence[AlwaysYes]

    @property
    def is_empty(self) -> bool:
        return not (self.approvers or self.rules)


@dataclass(frozen=True)
class Wait:
    """A turn nobody answered: of which route, and when its time was up or it went further."""

    route: PastRoute
    step: PastStep
    end: End
    at: datetime


def report(*, since: datetime, at: datetime) -> Report:
    """What was decided after `since` and until `at` (UTC); eleven queries at most.

    Decisions count by when they were given, void ones too: a decision given is a decision given. Who steps aside has
    decided nothing. What waits past its time counts as lapsed before the clock has said so.
    """
    lapsed = _lapsed(since, at)
    escalated = Reminder.objects.filter(kind__in=ESCALATIONS, due_at__gt=since, due_at__lte=at)
    decided = Decision.objects.filter(decided_at__gt=since, decided_at__lte=at).exclude(verdict=Verdict.RECUSE)
    routes = _routes(
        Q(route__in=decided.values("step__route"))
        | Q(route__case__in=lapsed.values("pk"))
        | Q(route__case__in=escalated.values("case"))
    )
    waits = [
        *_waits(routes, End.LAPSED, lapsed.values_list("pk", "decide_by_at")),
        *_waits(routes, End.ESCALATED, escalated.values_list("case", "due_at")),
    ]
    return _counted(list(_given(routes, since, at)), waits, at)


def _lapsed(since: datetime, at: datetime) -> QuerySet[ExceptionCase]:
    """Requests whose time to decide ran out then."""
    ended = Q(state=State.CLOSED, end_reason=EndReason.LAPSED, approved_at=None) | Q(state=State.REQUESTED)
    return ExceptionCase.objects.filter(ended, decide_by_at__gt=since, decide_by_at__lte=at)


def _routes(wanted: Q) -> list[PastRoute]:
    """The routes of the steps so described, whole, with every answer; two queries."""
    steps: dict[tuple[Any, ...], list[PastStep]] = defaultdict(list)
    found = Step.objects.filter(route__in=Step.objects.filter(wanted).values("route"))
    rows = found.annotate(asks=PERSON_ASKED).order_by("route", "order").values_list(*OF_ROUTE, *OF_STEP)
    for *route, key, name, count, reasons, source, group, person in rows:
        people = frozenset() if person is None or source == Source.SYSTEM_OWNER else frozenset({person})
        steps[tuple(route)].append(PastStep(key, name, count, tuple(dict.fromkeys(reasons)), group, people))
    answers = _answers(found)
    return [
        PastRoute(case, pinned_at, voided_at, some, answers.get(key, []))
        for (key, case, pinned_at, voided_at), some in steps.items()
    ]


def _answers(steps: QuerySet[Step]) -> Mapping[int, Sequence[Answer]]:
    """Every answer to these steps, oldest first, by their route."""
    found: dict[int, list[Answer]] = defaultdict(list)
    rows = Decision.objects.filter(step__in=steps.values("pk")).order_by("decided_at", "pk")
    for row in rows.values(*OF_ANSWER, *OF_VERDICT):
        answer = Answer(
            key=row["pk"],
            step=row["step"],
            person=row["person"],
            verdict=row["verdict"],
            at=row["decided_at"],
            voided_at=row["voided_at"],
            shown_at=datetime.fromisoformat(shown) if (shown := row["sign_in"].get("shown_at")) else None,
            for_whom=row["on_behalf_of"],
            is_narrowed=bool(row["narrowing"]) and not row["narrowing"].get("as_left"),
            from_behind=row["by_lead"] or row["by_fallback"],
        )
        found[row["step__route"]].append(answer)
    return found


def _given(routes: Iterable[PastRoute], since: datetime, at: datetime) -> Iterator[Given]:
    for route in routes:
        steps = {step.key: step for step in route.steps}
        for answer in route.answers:
            if since < answer.at <= at and answer.verdict != Verdict.RECUSE:
                yield counting.decision(route, steps[answer.step], answer)


def _waits(routes: Iterable[PastRoute], end: End, rows: Iterable[tuple[int, datetime | None]]) -> list[Wait]:
    """Whose turn it was each time; a turn that went to the lead and then to the fallback group is one."""
    by_case: dict[int, list[PastRoute]] = defaultdict(list)
    for route in routes:
        by_case[route.case].append(route)
    found: dict[tuple[int, datetime | None], Wait] = {}
    for case, at in sorted((case, at) for case, at in rows if at is not None):
        for route in by_case[case]:
            if route.stood_at(at) and (step := waiting_step(route, before(at))) is not None:
                found.setdefault((step.key, turn_began_at(route, step, before(at))), Wait(route, step, end, at))
    return list(found.values())


def _counted(given: Sequence[Given], waits: Sequence[Wait], at: datetime) -> Report:
    asked = _asked(waits, at)
    keys = {one.answer.person for one in given}.union(*asked)
    people = User.objects.in_bulk(keys)
    able = {key for key, person in people.items() if person.is_active and not person.is_auditor}
    unanswered = [Unanswered(wait.step, wait.end, some & able) for wait, some in zip(waits, asked, strict=True)]
    approvers = [(people[key], figures) for key, figures in counting.per_approver(given, unanswered).items()]
    return Report(
        sorted(approvers, key=lambda one: (-one[1].decisions, str(one[0]), one[0].pk)),
        sorted(counting.per_rule(given, unanswered).items(), key=lambda one: (-one[1].decisions, one[0])),
        counting.always_yes(given),
    )


def _asked(waits: Sequence[Wait], at: datetime) -> list[frozenset[int]]:
    """Keys of those each turn asked and who could still have answered it: nobody who gains, or had been heard.

    Of a group, who belonged to it then; of other sources, whom they name today.
    """
    keys = {wait.route.case for wait in waits}
    gaining = asking.gaining_of(list(ExceptionCase.objects.filter(pk__in=keys).select_related("identity")), at)
    changes = _memberships({wait.step.group for wait in waits if wait.step.group is not None})
    owners = _system_owners({wait.route.case for wait in waits})
    found = []
    for wait in waits:
        case, step = wait.route.case, wait.step
        if step.group is None:
            named = step.people or owners.get(case, frozenset())
        else:
            named = _members(changes.get(step.group, ()), wait.at)
        found.append(frozenset(named - gaining[case].keys() - heard(wait.route, step, before(wait.at))))
    return found


def _system_owners(cases: Collection[int]) -> Mapping[int | None, set[int]]:
    found: dict[int | None, set[int]] = defaultdict(set)
    rows = Grant.objects.filter(case__in=cases, system__owner__isnull=False)
    for case, owner in rows.values_list("case", "system__owner"):
        found[case].add(owner)
    return found


def _memberships(groups: Collection[int]) -> Mapping[int, Sequence[tuple[datetime, str, int]]]:
    """Who came and went when, by the group's key, oldest first."""
    found: dict[int, list[tuple[datetime, str, int]]] = defaultdict(list)
    rows = GroupMembership.history.filter(group__in=groups).order_by("history_date", "history_id")
    for group, at, kind, member in rows.values_list("group", "history_date", "history_type", "member"):
        found[group].append((at, kind, member))
    return found


def _members(changes: Iterable[tuple[datetime, str, int]], at: datetime) -> set[int]:
    found: set[int] = set()
    for changed_at, kind, member in changes:
        if changed_at <= at:
            (found.discard if kind == "-" else found.add)(member)
    return found
