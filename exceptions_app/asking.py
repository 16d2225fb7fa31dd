"""Which steps stand, who may fill each now, and who has: for many cases, query by query (promises 4 to 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from accounts import absences
from accounts.models import User
from catalog.models import Tier
from exceptions_app import ask
from exceptions_app.models import Decision, Editor, ExceptionCase, Route, State, Step, Verdict
from exceptions_app.models.governed import GovernedQuerySet
from exceptions_app.sources import Bench, Sitter, Stand, bench, reached

PARENTS = (
    "control__owner__manager__manager",
    "identity__owner__manager__manager",
    "identity__vendor",
    "requester",
    "owner",
    "backup_owner",
    "renews",
)
"""What cases come with, so that asking about many of them takes no query for each."""
OLDEST = ("decided_at", "pk")


@dataclass(frozen=True)
class Asked:
    """One step and who may still fill it. `given` are its approvals that stand and name the ask as it is today.

    `kept_out` holds the keys of those it would ask if they did not gain.
    """

    step: Step
    sitters: Sequence[Sitter]
    given: Sequence[Decision]
    kept_out: frozenset[int]

    @property
    def is_met(self) -> bool:
        return len(self.given) >= self.step.count

    @property
    def own(self) -> list[Sitter]:
        """Those of the step's own source who may fill it, and who stand in for them."""
        return [sitter for sitter in self.sitters if sitter.stand == Stand.OWN]

    @property
    def behind(self) -> list[Sitter]:
        """Those who may because the source has too few."""
        return [sitter for sitter in self.sitters if sitter.stand != Stand.OWN]

    def seat(self, user: User) -> Sitter | None:
        """As what this person may still fill it; None where they may not."""
        return None if self.is_met else next((one for one in self.sitters if one.user.pk == user.pk), None)

    def has_answered(self, user: User) -> bool:
        """Whether one of its approvals is this person's, or was given for them."""
        return user.pk in _voices(self.given)


def asked_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, list[Asked]]:
    """The steps of each case's standing route in order, by the case's key; a constant number of queries.

    Cases come with `PARENTS`.
    """
    routes = list(with_steps(Route.objects.filter(case__in=cases, voided_at__isnull=True)))
    steps = {route.case_id: list(route.steps.all()) for route in routes}
    bank = bench([step for one in steps.values() for step in one], cases, at)
    gaining, digests, aside = gaining_of(cases, at), present_digests(cases), aside_of(cases)
    return {
        case.pk: asked_along(steps.get(case.pk, ()), case, bank, gaining[case.pk], aside[case.pk], digests[case.pk])
        for case in cases
    }


def asked_along(
    steps: Sequence[Step], case: ExceptionCase, bank: Bench, gaining: set[int], aside: set[int], digest: str
) -> list[Asked]:
    """Who may fill each of a route's steps, which come with their answers, given the digest that counts.

    `gaining` and `aside` hold the keys of those who gain, and of those who stepped aside from the case.
    """
    given = {step.pk: _given(step, digest) for step in steps}
    found = []
    current = next((step for step in steps if len(given[step.pk]) < step.count), None)
    for step in steps:
        others = [answer for key, some in given.items() if key != step.pk for answer in some]
        spoken = _voices(given[step.pk]) | (_voices(others) if case.risk_tier == Tier.CRITICAL else set())
        turn = reached(case, bank.at) if step is current else Stand.OWN
        barred = gaining | spoken | aside
        sitting = bank.sitting(step, case, barred=barred, given=len(given[step.pk]), reached=turn)
        found.append(Asked(step, sitting.sitters, given[step.pk], frozenset(sitting.asked & gaining)))
    return found


def with_steps(routes: GovernedQuerySet[Route]) -> GovernedQuerySet[Route]:
    """The routes with their steps in order, and every answer to them, oldest first; two queries more."""
    answers = Prefetch("decisions", Decision.objects.select_related("person", "on_behalf_of").order_by(*OLDEST))
    steps = Step.objects.select_related("group", "person__manager").prefetch_related(answers).order_by("order")
    return routes.defer("document").prefetch_related(Prefetch("steps", steps))


def answers_of(step: Step) -> Sequence[Decision]:
    """The step's answers, from the rows fetched with it."""
    return list(step.decisions.all())


def gaining_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, set[int]]:
    """Keys of everyone who gains from each case at `at` (promise 4), by the case's key: they never judge it.

    Whoever stands in for one of them then is among them; who stands in for the one who stands in is not.
    """
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


def aside_of(cases: Sequence[ExceptionCase]) -> dict[int, set[int]]:
    """Keys of those who stepped aside from each case, whatever it asks by now and by whichever route."""
    found: dict[int, set[int]] = {case.pk: set() for case in cases}
    for case_id, person_id in Decision.objects.standing(cases).recusals().values_list("step__route__case", "person"):
        found[case_id].add(person_id)
    return found


def present_digests(cases: Sequence[ExceptionCase]) -> dict[int, str]:
    """What an answer must name to count, by the case's key."""
    live = ask.documents([case for case in cases if case.state == State.REQUESTED])
    return {case.pk: present_digest(case, live.get(case.pk, {})) for case in cases}


def present_digest(case: ExceptionCase, document: dict[str, Any]) -> str:
    """What an answer must name to count, of a case whose document with today's facts is this.

    While a case is asked it is that document's: a fact that changes between two steps so brings back the first, instead
    of leaving neither able to act.
    """
    return ask.digest_of(document) if case.state == State.REQUESTED else case.digest


def _given(step: Step, digest: str) -> list[Decision]:
    return [
        answer
        for answer in answers_of(step)
        if answer.verdict == Verdict.APPROVE and answer.voided_at is None and answer.digest == digest
    ]


def _voices(answers: Sequence[Decision]) -> set[int]:
    """Keys of those who gave these answers, and of those for whom they did."""
    return {key for answer in answers for key in (answer.person_id, answer.on_behalf_of_id) if key is not None}
