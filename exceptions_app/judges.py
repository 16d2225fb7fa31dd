"""Who may fill which step of one case: the people of its route, resolved at the moment of asking (promises 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models import Q

from accounts.models import User
from exceptions_app import asking
from exceptions_app.asking import Asked
from exceptions_app.models import Decision, ExceptionCase, Review, Safeguard, Step
from exceptions_app.sources import Bench, Sitter, Stand, bench, can_decide


@dataclass(frozen=True)
class Seat:
    """A place on a step that a person may fill, as what, and whether it is that step's turn."""

    step: Step
    sitter: Sitter
    is_turn: bool


def gaining_ids(case: ExceptionCase, at: datetime) -> set[int]:
    """Keys of everyone who gains from the case at `at` (promise 4): they never judge any part of it."""
    return set(asking.gaining_of([case], at)[case.pk])


def barred_ids(case: ExceptionCase, at: datetime) -> set[int]:
    """Keys of everyone who gains from the case at `at`, or stepped aside from it."""
    return set(asking.barred_of([case], at)[case.pk])


def has_stepped_aside(user: User, case: ExceptionCase) -> bool:
    """Whether this person stepped aside from the case, by whichever route."""
    return user.pk in asking.aside_of([case])[case.pk]


def has_judged(user: User, case: ExceptionCase) -> bool:
    """Whether an approval that stands, the verification of a safeguard or a review is this person's."""
    return user.pk in judged_by([case])[case.pk]


def judged_by(cases: Sequence[ExceptionCase]) -> dict[int, set[int]]:
    """Keys of those on whose approval that stands, verification or review each case rests, by its key; three queries.

    Whoever approved through a delegate is among them.
    """
    found: dict[int, set[int]] = {case.pk: set() for case in cases}
    approvals = Decision.objects.standing(cases).approvals()
    looked = (
        Safeguard.objects.filter(case__in=cases).values_list("case", "verified_by"),
        Review.objects.filter(case__in=cases).values_list("case", "reviewed_by"),
        approvals.values_list("step__route__case", "person", "on_behalf_of"),
    )
    for case_id, *people in chain(*looked):
        found[case_id].update(key for key in people if key is not None)
    return found


def has_approved(user: User, case: ExceptionCase) -> bool:
    """Whether an approval that stands is this person's."""
    approvals = Decision.objects.standing(case).approvals()
    return approvals.filter(Q(person=user) | Q(on_behalf_of=user)).exists()


def asked(case: ExceptionCase, at: datetime) -> list[Asked]:
    """The steps of the standing route in order, each with who may still fill it at `at`."""
    return asking.asked_of([case], at)[case.pk]


def seats(user: User, case: ExceptionCase, at: datetime) -> list[Seat]:
    """Open places of the standing route this person may still fill at `at`, the current step first."""
    steps = asked(case, at)
    current = asking.turn(steps)
    found = ((one, one.seat(user)) for one in steps)
    return [Seat(one.step, sitter, one is current) for one, sitter in found if sitter is not None]


def current_step(case: ExceptionCase) -> Step | None:
    """The first step still to be met (promise 6: positive answers to the present ask are counted)."""
    return asking.first_unmet(case)


def is_asked(user: User, case: ExceptionCase, at: datetime) -> bool:
    """Whether a step of the standing route asks this person by its source, whoever gains."""
    steps = standing_steps(case)
    bank = bench(steps, [case], at)
    return any(user.pk in bank.rank(step, case, Stand.OWN) for step in steps)


def still_may(decision: Decision, case: ExceptionCase, at: datetime) -> bool:
    """Whether the person who gave the decision, or for whom it was given, could still fill its step as they did."""
    bank = bench([decision.step], [case], at)
    stand = Stand.FALLBACK if decision.by_fallback else Stand.LEAD if decision.by_lead else Stand.OWN
    whose = decision.on_behalf_of_id or decision.person_id
    return whose in bank.rank(decision.step, case, stand)


def reviewers(case: ExceptionCase, at: datetime) -> list[Sitter]:
    """Who may answer the open reviews of a case at `at`: those of its last step, and the control's owner.

    Behind them, once their time runs out or where none of them may, the lead and the fallback group; for anyone absent
    their delegate. Nobody among them gains, or stepped aside.
    """
    return reviewers_of([case], at)[case.pk]


def reviewers_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, list[Sitter]]:
    """`reviewers` of many cases, by the case's key. Cases come with `asking.PARENTS` and their reviews."""
    barred = asking.barred_of(cases, at)
    last = {step.route.case_id: step for step in _standing_steps(cases)}
    bank = bench(last.values(), cases, at)
    return {case.pk: _reviewers(case, last.get(case.pk), bank, set(barred[case.pk])) for case in cases}


def _reviewers(case: ExceptionCase, step: Step | None, bank: Bench, barred: set[int]) -> list[Sitter]:
    until = [review for review in case.reviews.all() if review.is_open(bank.at)]
    time = max((_reached(review, bank.at) for review in until), default=Stand.OWN)
    found = {sitter.user.pk: sitter for sitter in _owners(case, bank, barred)}
    if step is not None:
        given = max(step.count - 1, 0) + len(found)  # one of them is enough
        sitting = bank.sitting(step, case, barred=barred, given=min(given, step.count), reached=time)
        found |= {sitter.user.pk: sitter for sitter in sitting.sitters if sitter.user.pk not in found}
    if not found or (step is None and time == Stand.FALLBACK):
        behind = bank.members.get(bank.fallback, {})
        found |= {key: Sitter(user, Stand.FALLBACK) for key, user in behind.items() if key not in barred}
    return list(found.values())


def _owners(case: ExceptionCase, bank: Bench, barred: set[int]) -> Iterator[Sitter]:
    """The control's owner, and who stands in for them."""
    owner = case.control.owner if case.control else None
    if owner is None or not can_decide(owner) or owner.pk in barred:
        return
    yield Sitter(owner, Stand.OWN)
    delegate = bank.delegates.get(owner.pk)
    if delegate is not None and delegate.pk not in barred:
        yield Sitter(delegate, Stand.OWN, owner)


def _reached(review: Review, at: datetime) -> Stand:
    if review.fallback_from_at <= at:
        return Stand.FALLBACK
    return Stand.LEAD if review.lead_from_at <= at else Stand.OWN


def standing_steps(case: ExceptionCase) -> list[Step]:
    """Steps of the route that stands, in order; none while there is no route."""
    return _standing_steps([case])


def _standing_steps(cases: Sequence[ExceptionCase]) -> list[Step]:
    steps = Step.objects.filter(route__case__in=cases, route__voided_at__isnull=True)
    return list(steps.select_related("group", "person__manager", "route").order_by("order"))
