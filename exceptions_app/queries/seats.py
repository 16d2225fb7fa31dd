"""Who is asked at each step of standing routes, from rows fetched at once: `judges` for many cases, query by query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from accounts import absences
from accounts.models import GroupMembership, User
from exceptions_app import ask
from exceptions_app.models import Decision, Editor, ExceptionCase, Route, State, Step, Verdict
from exceptions_app.models.governed import GovernedQuerySet


@dataclass(frozen=True)
class Asked:
    """One step and who may fill it now: its own group and, where that cannot, the fallback group behind it.

    `given` holds the keys of those whose standing approval names the ask as it is today.
    """

    step: Step
    own: Sequence[User]
    behind: Sequence[User]
    given: frozenset[int]
    is_short: bool

    @property
    def is_met(self) -> bool:
        return len(self.given) >= self.step.count

    @property
    def people(self) -> list[User]:
        """Everyone who may fill the step, whether or not they have."""
        return [*self.own, *self.behind]

    def seats(self, user: User) -> bool:
        """Whether this person may still fill it."""
        return not self.is_met and user.pk not in self.given and user in self.people


@dataclass(frozen=True)
class Bench:
    """Those who can decide at all, by group: active members, no auditors. `fallback` is that group's key, or 0."""

    members: Mapping[int, Mapping[int, User]]
    fallback: int

    def asked(self, step: Step, gaining: set[int], digest: str) -> Asked:
        """Who may fill the step, whose answers were fetched with it, given who gains and the digest that counts."""
        given = frozenset(
            answer.person_id
            for answer in answers_of(step)
            if answer.verdict == Verdict.APPROVE and answer.voided_at is None and answer.digest == digest
        )
        own = self._able(step.group_id, gaining)
        short = len(own.keys() | given) < step.count
        behind = self._able(self.fallback, gaining) if short else {}
        others = [user for key, user in behind.items() if key not in own]
        return Asked(step, [*own.values()], others, given, is_short=short and bool(self.fallback))

    def _able(self, group: int, gaining: set[int]) -> dict[int, User]:
        return {key: user for key, user in self.members.get(group, {}).items() if key not in gaining}


def bench(steps: Iterable[Step]) -> Bench:
    """The members of these steps' groups and of the fallback group; one query."""
    wanted = Q(group__in={step.group_id for step in steps}) | Q(group__is_fallback=True)
    rows = GroupMembership.objects.filter(wanted, member__is_active=True, member__is_auditor=False)
    members: dict[int, dict[int, User]] = defaultdict(dict)
    fallback = 0
    for row in rows.select_related("group", "member").order_by("member__name", "member__email"):
        members[row.group_id][row.member_id] = row.member
        fallback = row.group_id if row.group.is_fallback else fallback
    return Bench(members, fallback)


def asked_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, list[Asked]]:
    """The steps of each case's standing route in order, by the case's key; nine queries, however many cases."""
    routes = list(with_steps(Route.objects.filter(case__in=cases, voided_at__isnull=True)))
    steps = {route.case_id: list(route.steps.all()) for route in routes}
    bank = bench([step for one in steps.values() for step in one])
    gaining, digests = _gaining(cases, at), _digests(cases)
    return {
        case.pk: [bank.asked(step, gaining[case.pk], digests[case.pk]) for step in steps.get(case.pk, ())]
        for case in cases
    }


def with_steps(routes: GovernedQuerySet[Route]) -> GovernedQuerySet[Route]:
    """The routes with their steps in order, and every answer to them, oldest first; two queries more."""
    answers = Prefetch("decisions", Decision.objects.select_related("person").order_by("decided_at", "pk"))
    steps = Step.objects.select_related("group").prefetch_related(answers).order_by("order")
    return routes.defer("document").prefetch_related(Prefetch("steps", steps))


def answers_of(step: Step) -> Sequence[Decision]:
    """The step's answers, from the rows fetched with it."""
    return list(step.decisions.all())


def _gaining(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, set[int]]:
    """`judges.gaining_ids` of each case."""
    found: dict[int, set[int | None]] = {case.pk: {case.requester_id, case.owner_id} for case in cases}
    for case in cases:
        if case.backup_accepted_at:
            found[case.pk].add(case.backup_owner_id)
        if case.identity:
            found[case.pk] |= {case.identity.owner_id, case.identity.backup_owner_id}
    for case_id, person_id in Editor.objects.filter(case__in=cases).values_list("case", "person"):
        found[case_id].add(person_id)
    own = {key: {one for one in ids if one is not None} for key, ids in found.items()}
    delegates = absences.delegates(set().union(*own.values()), at)
    return {key: ids | {delegates[one] for one in ids if one in delegates} for key, ids in own.items()}


def _digests(cases: Sequence[ExceptionCase]) -> dict[int, str]:
    """`judges.present_digest` of each case."""
    live = ask.digests([case for case in cases if case.state == State.REQUESTED])
    return {case.pk: live.get(case.pk, case.digest) for case in cases}
