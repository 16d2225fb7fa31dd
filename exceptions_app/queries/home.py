"""What needs this person: to fix, to verify, to confirm, to answer; and what of theirs ends soon or waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from exceptions_app.models import (
    ACTIVATED,
    LIVE,
    RELIED_ON,
    Comment,
    ExceptionCase,
    Grant,
    RemovalState,
    Review,
    Safeguard,
    State,
)
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.filtering import answered_for_by
from exceptions_app.queries.guards import unfresh
from exceptions_app.queries.looking import most_pressing, to_resume, to_review
from exceptions_app.queries.queue import Row, queue
from exceptions_app.queries.witnessing import impartial, witnessed

SHOWN = 8
SOON_DAYS = 30


@dataclass(frozen=True)
class Listing:
    """The first few of something, and how many there are."""

    cases: Sequence[ExceptionCase]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.cases)


@dataclass(frozen=True)
class Home:
    """Every list of the home page."""

    to_decide: Sequence[Row]
    to_decide_count: int
    drafts: Listing
    backup_asks: Listing
    owner_asks: Listing
    to_verify: Listing
    to_verify_again: Listing
    unguarded: Listing
    to_review: Listing
    to_resume: Listing
    under_review: Listing
    unused: Listing
    to_confirm: Listing
    ending: Listing
    continued: Listing
    let_end: Listing
    suspended: Listing
    waiting: Listing
    debts: Listing

    @property
    def needs_nothing(self) -> bool:
        """Whether nothing at all waits for this person."""
        asked = (self.drafts, self.backup_asks, self.owner_asks)
        owed = (self.to_verify, self.to_verify_again, self.unguarded, self.to_confirm, self.suspended, self.ending)
        looked_at = (self.to_review, self.to_resume, self.under_review, self.unused)
        return not self.to_decide_count and not any(listing.count for listing in (*asked, *owed, *looked_at))


def home(user: User, at: datetime) -> Home:
    """What needs this person at `at`, most pressing first in each list."""
    waiting = queue(user, at)
    mine = ExceptionCase.objects.filter(Q(requester=user) | Q(owner=user))
    held = mine | ExceptionCase.objects.filter(answered_for_by(user))
    soon = Q(state__in=ACTIVATED, expires_at__gt=at, expires_at__lte=at + timedelta(days=SOON_DAYS))
    heirs = ExceptionCase.objects.live().filter(renews=OuterRef("pk"))
    unrenewed = held.filter(soon).exclude(Exists(heirs)).order_by("expires_at", "pk")
    return Home(
        to_decide=waiting.rows[:SHOWN],
        to_decide_count=waiting.found,
        drafts=listing(mine.filter(state=State.DRAFT).order_by("-updated_at", "-pk")),
        backup_asks=listing(asked_as_backup(user, at)),
        owner_asks=listing(asked_as_owner(user, at)),
        to_verify=listing(unverified(user, at)),
        to_verify_again=listing(to_verify_again(user, at)),
        unguarded=listing(_asked(unguarded(held.standing(RELIED_ON, at), at), user)),
        to_review=listing(most_pressing(to_review(user, at))),
        to_resume=listing(to_resume(user, at)),
        under_review=listing(_asked(most_pressing(overdue_for_review(held, at)), user)),
        unused=listing(unused(held, at)),
        to_confirm=listing(unconfirmed(user, at)),
        ending=listing(unrenewed.filter(let_end_at__isnull=True)),
        continued=listing(_told_with_heirs(held.filter(soon).filter(Exists(heirs)), heirs, heirs.visible_to(user, at))),
        let_end=listing(unrenewed.filter(let_end_at__isnull=False)),
        suspended=listing(_asked(held.standing([State.SUSPENDED], at).order_by("suspended_at", "pk"), user)),
        waiting=listing(mine.standing([State.REQUESTED, State.APPROVED], at).order_by("decide_by_at", "pk")),
        debts=listing(_asked(held.filter(Exists(owed_grants())).order_by("ended_at", "pk"), user)),
    )


def _told_with_heirs(cases: CaseQuerySet, heirs: CaseQuerySet, seen: CaseQuerySet) -> CaseQuerySet:
    """Each with the state of the renewal that is under way, and its reference where the reader may see it."""
    state, reference = Subquery(heirs.values("state")[:1]), Subquery(seen.values("reference")[:1])
    return cases.annotate(heir_state=state, heir_reference=reference).order_by("expires_at", "pk")


def _asked(cases: CaseQuerySet, user: User) -> CaseQuerySet:
    """Each with the instant at which this person last wrote to somebody about it."""
    told = Comment.objects.filter(case=OuterRef("pk"), author=user).exclude(told=[]).order_by("-said_at")
    return cases.annotate(asked_at=Subquery(told.values("said_at")[:1]))


def asked_as_backup(user: User, at: datetime) -> CaseQuerySet:
    asked = ExceptionCase.objects.filter(backup_owner=user, backup_accepted_at__isnull=True)
    return asked.standing([State.DRAFT, *LIVE], at).order_by("created_at", "pk")


def asked_as_owner(user: User, at: datetime) -> CaseQuerySet:
    open_offers = user.ownership_offers.filter(answered_at__isnull=True)
    return (
        ExceptionCase.objects.filter(pk__in=open_offers.values("case")).standing(LIVE, at).order_by("created_at", "pk")
    )


def to_verify_again(user: User, at: datetime) -> CaseQuerySet:
    """Cases in use of which a safeguard is to be verified again, or at last, which this person may do."""
    return unguarded(witnessed(user, at).standing(ACTIVATED, at), at)


def unguarded(cases: CaseQuerySet, at: datetime) -> CaseQuerySet:
    """Those of the cases that fell out of force before their end by their safeguards, or are about to.

    Each says whether a safeguard failed, which is to be mended before anybody verifies it.
    """
    bound = cases.filter(relied_until_at__lt=F("expires_at"))
    return unfresh(bound, at).annotate(has_failed=failing()).order_by("relied_until_at", "pk")


def failing() -> Exists:
    """Of cases: whether a safeguard of theirs failed."""
    return Exists(Safeguard.objects.filter(case=OuterRef("pk"), failed_at__isnull=False))


def unused(cases: CaseQuerySet, at: datetime) -> CaseQuerySet:
    """Those of the cases in use with no use on record for a third of their term."""
    return cases.standing(RELIED_ON, at).filter(unused_from_at__lte=at).order_by("unused_from_at", "pk")


def overdue_for_review(cases: CaseQuerySet, at: datetime) -> CaseQuerySet:
    """Those of the cases in use that somebody should have reviewed by now."""
    late = Review.objects.unanswered().filter(case=OuterRef("pk"), due_at__lte=at)
    return cases.standing(RELIED_ON, at).filter(Exists(late))


def unverified(user: User, at: datetime) -> CaseQuerySet:
    """Approved cases that wait for a safeguard this person may verify."""
    missing = Safeguard.objects.lacking(at).filter(case=OuterRef("pk"), required=True)
    return witnessed(user, at).standing([State.APPROVED], at).filter(Exists(missing)).order_by("activate_by_at", "pk")


def unconfirmed(user: User, at: datetime) -> CaseQuerySet:
    """Ended cases with access unconfirmed that this person may confirm."""
    cases = ExceptionCase.objects.filter(Exists(owed_grants())) if user.is_programme_manager else witnessed(user, at)
    return impartial(cases.filter(Exists(owed_grants())), user, at).order_by("ended_at", "pk")


def owed_grants() -> QuerySet[Grant]:
    return Grant.objects.filter(case=OuterRef("pk"), removal_state=RemovalState.OWED)


def listing(cases: CaseQuerySet, most: int = SHOWN) -> Listing:
    """The first few of these, and how many there are."""
    rows = list(cases.select_related("control", "identity", "owner")[:most])
    return Listing(rows, cases.count() if len(rows) == most else len(rows))
