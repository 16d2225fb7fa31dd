"""Who may fill which step of one case: the people of its route, resolved at the moment of asking (promises 4 to 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from exceptions_app import asking
from exceptions_app.asking import Asked
from exceptions_app.models import Decision, ExceptionCase, Step
from exceptions_app.sources import Sitter, Stand, bench


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
    """Whether an approval that stands, or the verification of a safeguard, is this person's."""
    return has_approved(user, case) or case.safeguards.filter(verified_by=user).exists()


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


def standing_steps(case: ExceptionCase) -> list[Step]:
    """Steps of the route that stands, in order; none while there is no route."""
    steps = Step.objects.filter(route__case=case, route__voided_at__isnull=True)
    return list(steps.select_related("group", "person__manager", "route").order_by("order"))
