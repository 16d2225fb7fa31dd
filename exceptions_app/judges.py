"""Who may fill which step: the people of a route, resolved at the moment of asking (promises 4, 6 and 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts import absences
from accounts.models import ApproverGroup, GroupMembership, User
from exceptions_app import ask
from exceptions_app.models import Decision, ExceptionCase, State, Step, Verdict


@dataclass(frozen=True)
class Seat:
    """A place on a step that a person may fill, and whether only because the step's own group is empty."""

    step: Step
    by_fallback: bool


def gaining_ids(case: ExceptionCase, at: datetime) -> set[int]:
    """Keys of everyone who gains from the case at `at` (promise 4): they never judge any part of it.

    Whoever stands in for one of them then is among them; who stands in for the one who stands in is not.
    """
    ids = {case.requester_id, case.owner_id, *case.editors.values_list("person", flat=True)}
    if case.backup_accepted_at:
        ids.add(case.backup_owner_id)
    if case.identity:
        ids |= {case.identity.owner_id, case.identity.backup_owner_id}
    own = {key for key in ids if key is not None}
    return own | absences.standing_in_for(own, at)


def has_judged(user: User, case: ExceptionCase) -> bool:
    """Whether an approval that stands, or the verification of a safeguard, is this person's."""
    approvals = Decision.objects.filter(step__route__case=case, voided_at__isnull=True, verdict=Verdict.APPROVE)
    return approvals.filter(person=user).exists() or case.safeguards.filter(verified_by=user).exists()


def eligible(step: Step, case: ExceptionCase, at: datetime) -> tuple[set[int], bool]:
    """Keys of those who may fill the step at `at`, and whether they are the fallback group (promise 6).

    Members are resolved at this moment: active, not an auditor, not someone who gains.
    """
    return _eligible(step, case, present_digest(case), at)


def seats(user: User, case: ExceptionCase, at: datetime) -> list[Seat]:
    """Open places of the standing route this person may still fill at `at`, the current step first."""
    found, digest = [], present_digest(case)
    for step in standing_steps(case):
        given = _given(step, digest)
        if len(given) >= step.count or user.pk in given:
            continue
        ids, by_fallback = _eligible(step, case, digest, at)
        if user.pk in ids:
            found.append(Seat(step, by_fallback and not _belongs(user, step.group)))
    return found


def standing_steps(case: ExceptionCase) -> list[Step]:
    """Steps of the route that stands, in order; none while there is no route."""
    steps = Step.objects.filter(route__case=case, route__voided_at__isnull=True)
    return list(steps.select_related("group", "route").order_by("order"))


def is_met(step: Step, case: ExceptionCase) -> bool:
    """Whether enough positive, standing answers to the present ask are given (promise 6: positive ones are counted)."""
    return len(_given(step, present_digest(case))) >= step.count


def current_step(case: ExceptionCase) -> Step | None:
    """The first step still to be met."""
    digest = present_digest(case)
    return next((step for step in standing_steps(case) if len(_given(step, digest)) < step.count), None)


def present_digest(case: ExceptionCase) -> str:
    """What an answer must name to count: while the case is asked, the document as it stands with today's facts.

    A fact that changes between two steps so brings back the first, instead of leaving neither able to act.
    """
    return ask.digest(case) if case.state == State.REQUESTED else case.digest


def _eligible(step: Step, case: ExceptionCase, digest: str, at: datetime) -> tuple[set[int], bool]:
    own = _able(step.group, case, at)
    if len(own | _given(step, digest)) >= step.count:
        return own, False
    fallback = ApproverGroup.objects.fallback()
    return (own | _able(fallback, case, at), True) if fallback else (own, False)


def _given(step: Step, digest: str) -> set[int]:
    """Keys of those whose standing approval names this digest."""
    standing = step.decisions.filter(verdict=Verdict.APPROVE, voided_at__isnull=True, digest=digest)
    return set(standing.values_list("person", flat=True))


def _able(group: ApproverGroup, case: ExceptionCase, at: datetime) -> set[int]:
    members = GroupMembership.objects.filter(group=group, member__is_active=True, member__is_auditor=False)
    return set(members.values_list("member", flat=True)) - gaining_ids(case, at)


def _belongs(user: User, group: ApproverGroup) -> bool:
    return GroupMembership.objects.filter(group=group, member=user).exists()
