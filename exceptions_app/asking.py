"""Which steps stand, who may fill each now, and who has: for many cases, query by query (promises 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, TextChoices
from django.utils.translation import gettext_lazy as _

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


class Bar(TextChoices):
    """Why somebody whom a step asks may not fill it. Of several reasons the first is told."""

    REQUESTER = "requester", _("May not decide because they asked for it:")
    OWNER = "owner", _("May not decide because they own it:")
    BACKUP_OWNER = "backup_owner", _("May not decide because they are its backup owner:")
    IDENTITY_OWNER = "identity_owner", _("May not decide because the identity is theirs:")
    EDITOR = "editor", _("May not decide because they edited the text, or answered for it before:")
    STANDS_IN = "stands_in", _("May not decide because they stand in for someone who gains:")
    ASIDE = "aside", _("May not decide because they stepped aside:")
    SPOKEN = (
        "spoken",
        _("May not decide because they decided another step, and nobody decides two where the risk is critical:"),
    )


NO_GAIN = (Bar.ASIDE, Bar.SPOKEN)


@dataclass(frozen=True)
class Asked:
    """One step and who may still fill it. `given` are its approvals that stand and name the ask as it is today.

    `kept_out` holds those it asks who may not fill it, by the reason; `has_lead` says that somebody stands behind
    its source before the fallback group does.
    """

    step: Step
    sitters: Sequence[Sitter]
    given: Sequence[Decision]
    kept_out: Mapping[Bar, Sequence[User]]
    has_lead: bool

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

    @property
    def is_short(self) -> bool:
        """Whether those of its own source who may still fill it are too few."""
        return self._is_short(self.own)

    def is_short_without(self, user: User) -> bool:
        """Whether they are too few once this person has left."""
        return self._is_short([sitter for sitter in self.own if user not in (sitter.user, sitter.for_whom)])

    def _is_short(self, sitters: Sequence[Sitter]) -> bool:
        voices = {(sitter.for_whom or sitter.user).pk for sitter in sitters}
        return len(voices) + len(self.given) < self.step.count

    def seat(self, user: User) -> Sitter | None:
        """As what this person may still fill it; None where they may not."""
        return None if self.is_met else next((one for one in self.sitters if one.user.pk == user.pk), None)

    def is_gained_by(self, user: User) -> bool:
        """Whether it would ask this person if they did not gain."""
        return any(user in people for why, people in self.kept_out.items() if why not in NO_GAIN)

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
    barred, digests = barred_of(cases, at), present_digests(cases)
    return {
        case.pk: asked_along(steps.get(case.pk, ()), case, bank, barred[case.pk], digests[case.pk]) for case in cases
    }


def asked_along(
    steps: Sequence[Step], case: ExceptionCase, bank: Bench, barred: Mapping[int, Bar], digest: str
) -> list[Asked]:
    """Who may fill each of a route's steps, which come with their answers, given the digest that counts.

    `barred` holds the keys of those who may fill none of them, with the reason.
    """
    given = _given_of(steps, digest)
    found = []
    current = _first_unmet(steps, given)
    for step in steps:
        others = [answer for key, some in given.items() if key != step.pk for answer in some]
        elsewhere = _voices(others) if case.risk_tier == Tier.CRITICAL else set()
        bars = dict.fromkeys(elsewhere, Bar.SPOKEN) | dict(barred)
        turn = reached(case, bank.at) if step is current else Stand.OWN
        silent = bars.keys() | _voices(given[step.pk])
        sitting = bank.sitting(step, case, barred=silent, given=len(given[step.pk]), reached=turn)
        has_lead = bool(bank.rank(step, case, Stand.LEAD))
        found.append(Asked(step, sitting.sitters, given[step.pk], _by_reason(sitting.asked, bars), has_lead))
    return found


def first_unmet(case: ExceptionCase) -> Step | None:
    """The step of the case's standing route whose turn it is; six queries at most, whoever may fill it."""
    routes = with_steps(Route.objects.filter(case=case, voided_at__isnull=True))
    steps = [step for route in routes for step in route.steps.all()]
    return _first_unmet(steps, _given_of(steps, present_digests([case])[case.pk]))


def turn(steps: Iterable[Asked]) -> Asked | None:
    """The one of these steps, in order, whose turn it is."""
    return next((one for one in steps if not one.is_met), None)


def with_steps(routes: GovernedQuerySet[Route]) -> GovernedQuerySet[Route]:
    """The routes with their steps in order, and every answer to them, oldest first; two queries more."""
    answers = Prefetch("decisions", Decision.objects.select_related("person", "on_behalf_of").order_by(*OLDEST))
    steps = Step.objects.select_related("group", "person__manager").prefetch_related(answers).order_by("order")
    return routes.defer("document").prefetch_related(Prefetch("steps", steps))


def answers_of(step: Step) -> Sequence[Decision]:
    """The step's answers, from the rows fetched with it."""
    return list(step.decisions.all())


def barred_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, dict[int, Bar]]:
    """Keys of those who fill no step of each case, by its key: they gain from it at `at`, or stepped aside."""
    gaining, aside = gaining_of(cases, at), aside_of(cases)
    return {key: dict.fromkeys(aside[key], Bar.ASIDE) | gains for key, gains in gaining.items()}


def approvals_of(steps: Iterable[Asked]) -> list[Decision]:
    """Every approval of these steps that counts, in the order of the steps."""
    return [answer for one in steps for answer in one.given]


def standing_answers(steps: Sequence[Asked]) -> list[tuple[Asked, Decision]]:
    """Every answer to these steps that stands, with its step, in the order of the steps, oldest first."""
    answers = ((asked, answer) for asked in steps for answer in answers_of(asked.step))
    return [(asked, answer) for asked, answer in answers if answer.voided_at is None]


def gaining_of(cases: Sequence[ExceptionCase], at: datetime) -> dict[int, dict[int, Bar]]:
    """Keys of everyone who gains from each case at `at` (promise 4), by the case's key: they never judge it.

    Whoever stands in for one of them then is among them; who stands in for the one who stands in is not.
    """
    found = {case.pk: _gaining(case) for case in cases}
    for case_id, person_id in Editor.objects.filter(case__in=cases).values_list("case", "person"):
        found[case_id].setdefault(person_id, Bar.EDITOR)
    delegates = absences.delegates(set().union(*found.values()), at)
    return {
        key: dict.fromkeys((delegates[one] for one in own if one in delegates), Bar.STANDS_IN) | own
        for key, own in found.items()
    }


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


def _gaining(case: ExceptionCase) -> dict[int, Bar]:
    """Keys of those who gain by what they are to the case."""
    identity = case.identity
    roles = (
        (case.requester_id, Bar.REQUESTER),
        (case.owner_id, Bar.OWNER),
        (case.backup_owner_id if case.backup_accepted_at else None, Bar.BACKUP_OWNER),
        (identity.owner_id if identity else None, Bar.IDENTITY_OWNER),
        (identity.backup_owner_id if identity else None, Bar.IDENTITY_OWNER),
    )
    return {key: why for key, why in reversed(roles) if key is not None}


def _by_reason(asked: Mapping[int, User], bars: Mapping[int, Bar]) -> dict[Bar, list[User]]:
    """Those of the people asked who are barred, in the order of the reasons."""
    found = {why: [user for key, user in asked.items() if bars.get(key) == why] for why in Bar}
    return {why: people for why, people in found.items() if people}


def _first_unmet(steps: Sequence[Step], given: Mapping[int, Sequence[Decision]]) -> Step | None:
    return next((step for step in steps if len(given[step.pk]) < step.count), None)


def _given_of(steps: Sequence[Step], digest: str) -> dict[int, list[Decision]]:
    """The approvals of each step that count, by the step's key."""
    return {step.pk: _given(step, digest) for step in steps}


def _given(step: Step, digest: str) -> list[Decision]:
    return [
        answer
        for answer in answers_of(step)
        if answer.verdict == Verdict.APPROVE and answer.voided_at is None and answer.digest == digest
    ]


def _voices(answers: Sequence[Decision]) -> set[int]:
    """Keys of those who gave these answers, and of those for whom they did."""
    return {key for answer in answers for key in (answer.person_id, answer.on_behalf_of_id) if key is not None}
