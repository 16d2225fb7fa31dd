"""All that one case's page shows, in a number of queries that does not grow with what has happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts import absences
from accounts.models import Absence, User
from audit import queries as ledger
from audit.models import Event
from exceptions_app import ask, asking
from exceptions_app.asking import Asked, asked_along, turn, with_steps
from exceptions_app.models import (
    Comment,
    Decision,
    Evidence,
    ExceptionCase,
    Grant,
    Review,
    Route,
    Safeguard,
    Use,
    Verdict,
)
from exceptions_app.queries.chain import Chain, Link, chain_of
from exceptions_app.queries.past import Past, past_of
from exceptions_app.queries.suspension import Suspension, suspension_of
from exceptions_app.sources import bench

EVENTS = 100
"""Events a page of the timeline shows."""
USES = 5
"""The latest uses on record that are shown."""


@dataclass(frozen=True)
class Round:
    """One pinned route with its steps and their answers, the void ones too."""

    route: Route
    steps: Sequence[Asked]

    @property
    def current(self) -> Asked | None:
        """The first step still to be met."""
        return turn(self.steps)

    def order_of(self, asked: Asked) -> int:
        return list(self.steps).index(asked) + 1


@dataclass(frozen=True)
class Story:
    """A case with its parts. `is_in_force` is the one predicate's answer for the instant asked about.

    `document` is what these very rows say, not what stands a moment later; `digest` is what an answer must name.
    """

    case: ExceptionCase
    document: dict[str, Any]
    digest: str
    is_in_force: bool
    grants: Sequence[Grant]
    safeguards: Sequence[Safeguard]
    reviews: Sequence[Review]
    evidence: Sequence[Evidence]
    rounds: Sequence[Round]
    related: Sequence[ExceptionCase]
    past: Past
    chain: Chain | None
    uses: Sequence[Use]
    comments: Sequence[Comment]
    away: dict[int, Absence]
    suspension: Suspension | None

    @property
    def shows_predecessor(self) -> bool:
        """Whether the reader may see what it renews."""
        return any(one.pk == self.case.renews_id for one in self.related)

    @property
    def counted(self) -> ExceptionCase | None:
        """The one this follows in number, the latest in force; None for a first one, and for what may not be seen."""
        found = (one for one in self.past.cases if one.activated_at)
        return next((one for one in found if one.renewal_number == self.case.renewal_number - 1), None)

    @property
    def links(self) -> list[tuple[Link, str]]:
        """The chain's members, each with why somebody ended it, "" where nobody did."""
        return [(link, self.past.why.get(link.case.pk, "")) for link in (self.chain.links if self.chain else ())]

    @property
    def earlier(self) -> list[tuple[ExceptionCase, str]]:
        """What came before, with why somebody ended it, but for what the chain shows."""
        shown = {link.case.pk for link, _why in self.links} if self.chain and self.chain.is_worth_telling else set()
        return [(case, why) for case, why in self.past.told if case.pk not in shown]

    @property
    def unanswered(self) -> list[Review]:
        """Reviews nobody has answered; of a request, what changed since it was approved before."""
        return [review for review in self.reviews if not review.outcome]

    @property
    def standing(self) -> Round | None:
        """The route that stands, if one does."""
        return next((one for one in self.rounds if one.route.voided_at is None), None)

    @property
    def approvals(self) -> list[Decision]:
        """Positive answers that stand, oldest first."""
        return [answer for _asked, answer in self.said if answer.verdict == Verdict.APPROVE]

    @property
    def said(self) -> list[tuple[Asked, Decision]]:
        """Every answer that stands, with its step, in the order of the steps, oldest first."""
        return asking.standing_answers(self.standing.steps if self.standing else ())

    def seat(self, user: User) -> Asked | None:
        """The first open step this person may still fill."""
        steps = self.standing.steps if self.standing else ()
        return next((asked for asked in steps if asked.seat(user)), None)

    def has_answered(self, user: User) -> bool:
        """Whether a standing approval to today's ask is this person's."""
        return any(asked.has_answered(user) for asked in (self.standing.steps if self.standing else ()))


@dataclass(frozen=True)
class Timeline:
    """Events, newest first; `before` is the sequence to ask for next, None at the beginning of the story."""

    events: Sequence[Event]
    before: int | None
    people: dict[UUID, User]


def story(case: ExceptionCase, user: User, at: datetime) -> Story:
    """The case as it stands at `at`; `related` holds what it renews and its renewals, as far as `user` may see them."""
    grants = list(case.grants.select_related("system", "removal_confirmed_by", "removal_evidence").order_by("pk"))
    safeguards = list(case.safeguards.select_related("verified_by", "evidence", "watch").order_by("pk"))
    evidence = list(case.evidence.select_related("added_by").order_by("pk"))
    reviews = list(case.reviews.select_related("reviewed_by", "evidence").order_by("-opens_at", "-pk"))
    document = ask.document_of(case, grants, safeguards, evidence, sorted(reviews, key=lambda one: one.pk))
    digest = asking.present_digest(case, document)
    rounds = _rounds(case, digest, at)
    return Story(
        case=case,
        document=document,
        digest=digest,
        is_in_force=case.activated_at is not None and case.is_in_force(at),
        grants=grants,
        safeguards=safeguards,
        reviews=reviews,
        evidence=evidence,
        rounds=rounds,
        related=_related(case, user, at),
        past=past_of(case, user, at),
        chain=chain_of(case, user, at),
        uses=list(case.uses.select_related("recorded_by")[:USES]),
        comments=list(case.comments.select_related("author").order_by("said_at", "pk")),
        away=absences.away(_named(case, rounds), at),
        suspension=suspension_of(case, at),
    )


def timeline(case: ExceptionCase, *, before: int | None = None, size: int = EVENTS) -> Timeline:
    """A page of the case's story, newest first, with the people its events name; by keyset."""
    events = ledger.story(case.stream).order_by("-sequence")
    if before is not None:
        events = events.filter(sequence__lt=before)
    found = list(events[: size + 1])
    page = found[:size]
    return Timeline(page, page[-1].sequence if len(found) > size else None, people_of(page))


def people_of(events: Iterable[Event]) -> dict[UUID, User]:
    """Everyone these events name, as actor or in their body, by pseudonym; one query."""
    return _people({key for event in events for key in [event.actor_id, *_pseudonyms(event.body)] if key})


def people_in(documents: Iterable[Any]) -> dict[UUID, User]:
    """Everyone these documents name, by pseudonym; one query."""
    return _people({key for document in documents for key in _pseudonyms(document)})


def document_seen(case: ExceptionCase, digest: str) -> dict[str, Any] | None:
    """The document a person saw, by its digest; else the one pinned last. None for a case that was never asked."""
    routes = list(case.routes.order_by("-round"))
    told = [event.body for event in ledger.story(case.stream).filter(kind="case.facts_changed")]
    documents = {route.digest: route.document for route in routes} | {
        body["digest"]: body["document"] for body in told if body
    }
    return documents.get(digest) or (routes[0].document if routes else None)


def _rounds(case: ExceptionCase, digest: str, at: datetime) -> list[Round]:
    routes = list(with_steps(Route.objects.filter(case=case).order_by("-round")))
    bank = bench([step for route in routes for step in route.steps.all()], [case], at)
    barred = asking.barred_of([case], at)[case.pk]
    return [Round(route, asked_along(list(route.steps.all()), case, bank, barred, digest)) for route in routes]


def _named(case: ExceptionCase, rounds: list[Round]) -> set[int]:
    """Keys of everyone the page names beside what they are to do."""
    asked = {sitter.user.pk for one in rounds for step in one.steps for sitter in step.sitters}
    return {key for key in (case.requester_id, case.owner_id, case.backup_owner_id) if key is not None} | asked


def _related(case: ExceptionCase, user: User, at: datetime) -> list[ExceptionCase]:
    kin = Q(renews=case) | Q(pk=case.renews_id) if case.renews_id else Q(renews=case)
    return list(ExceptionCase.objects.visible_to(user, at).filter(kin).order_by("pk"))


def _people(pseudonyms: set[UUID]) -> dict[UUID, User]:
    return {user.pseudonym: user for user in User.objects.filter(pseudonym__in=pseudonyms)}


def _pseudonyms(value: Any) -> Iterable[UUID]:
    """Every pseudonym in an event's body, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _pseudonyms(item)
    elif isinstance(value, str) and len(value) == 36 and value.count("-") == 4:
        try:
            yield UUID(value)
        except ValueError:
            return
