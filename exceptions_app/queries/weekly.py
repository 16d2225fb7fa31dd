"""What somebody answers for, or a team they lead, as a mail tells it once a week: in force, ending and owed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from exceptions_app.models import (
    ACTIVATED,
    LIVE,
    RELIED_ON,
    ExceptionCase,
    Grant,
    OwnershipOffer,
    RemovalState,
    Route,
    Safeguard,
    State,
)
from exceptions_app.models.querysets import CaseQuerySet
from exceptions_app.queries.filtering import answered_for_by
from exceptions_app.queries.home import (
    SOON_DAYS,
    Listing,
    asked_as_backup,
    asked_as_owner,
    failing,
    listing,
    overdue_for_review,
    owed_grants,
    to_verify_again,
    unconfirmed,
    unguarded,
    unused,
    unverified,
)
from exceptions_app.queries.looking import most_pressing, to_resume, to_review
from exceptions_app.queries.sight import sight_of

SHOWN = 30


class Owed(TextChoices):
    """What somebody has to do something about, the most pressing first."""

    SUSPENDED = "suspended", _("suspended, until somebody else resumes it or it is ended")
    REVIEW = "review", _("its review is overdue")
    FAILED = "failed", _("a safeguard failed: it is to be mended, then verified by somebody else")
    SAFEGUARD = "safeguard", _("a safeguard waits for somebody else to verify it")
    UNUSED = "unused", _("no use on record: is it still needed?")
    START = "start", _("a safeguard is to be verified before it starts")
    REMOVAL = "removal", _("access is not confirmed removed")
    RETURNED = "returned", _("sent back to you, to be changed")
    OWNER = "owner", _("you are asked to take it over")
    BACKUP = "backup", _("you are asked to be its backup owner")


class Asked(TextChoices):
    """What somebody does for exceptions of others."""

    CONFIRM = "confirm", _("Confirm that access is gone")
    REVIEW = "review", _("Review an exception in use")
    RESUME = "resume", _("Look again at what is suspended, and resume it or leave it so")
    VERIFY = "verify", _("Verify a safeguard")


OWN = (Owed.FAILED, Owed.UNUSED, Owed.RETURNED, Owed.OWNER, Owed.BACKUP)
"""What its owner does, or does first; the rest takes somebody who does not gain."""


@dataclass(frozen=True)
class Week:
    """How many are in force; of the others the first few, and how many there are.

    `renewed` are the keys of those ending whose renewal is under way; `asked` is how much waits for this person in what
    others own, by what it is; `of` is this person, None for a team.
    """

    in_force: int
    ending: Listing
    renewed: frozenset[int]
    owed: Mapping[Owed, Listing]
    asked: Mapping[Asked, int] = field(default_factory=dict)
    of: User | None = None

    @property
    def owed_count(self) -> int:
        return self.count_of(tuple(Owed))

    def count_of(self, kinds: Collection[Owed]) -> int:
        """How much is owed of these kinds."""
        return sum(listing.count for kind, listing in self.owed.items() if kind in kinds)

    @property
    def says_nothing(self) -> bool:
        return not (self.in_force or self.ending.count or self.owed_count or self.asked)


def answering() -> Q:
    """Of people: those who may have something in their week. A superset: what it says is looked up when it goes."""
    owing = Exists(Grant.objects.filter(case=OuterRef("pk"), removal_state=RemovalState.OWED))
    going = ExceptionCase.objects.filter(Q(state__in=[State.DRAFT, *LIVE]) | owing).order_by()
    offers = OwnershipOffer.objects.filter(answered_at__isnull=True)
    return (
        Q(pk__in=going.values("owner"))
        | Q(pk__in=going.values("backup_owner"))
        | Q(pk__in=going.filter(state=State.DRAFT).values("requester"))
        | Q(pk__in=offers.values("to"))
        | Q(pk__in=Team.objects.order_by().values("lead"))
    )


def week_of(user: User, at: datetime) -> Week:
    """What this person owns or backs, and what they are asked for."""
    held = ExceptionCase.objects.filter(answered_for_by(user))
    returned = ExceptionCase.objects.filter(Q(requester=user) | Q(owner=user), state=State.DRAFT)
    returned = returned.filter(Exists(Route.objects.filter(case=OuterRef("pk"))))
    asked = {
        Owed.RETURNED: returned.order_by("-updated_at", "-pk"),
        Owed.OWNER: asked_as_owner(user, at),
        Owed.BACKUP: asked_as_backup(user, at),
    }
    return replace(_week(held, asked, at), asked=_asked_of(user, at), of=user)


def _asked_of(user: User, at: datetime) -> dict[Asked, int]:
    found = {
        Asked.CONFIRM: unconfirmed(user, at).count(),
        Asked.REVIEW: to_review(user, at).count(),
        Asked.RESUME: to_resume(user, at).count(),
        Asked.VERIFY: to_verify_again(user, at).count() + unverified(user, at).count(),
    }
    return {kind: count for kind, count in found.items() if count}


def week_of_team(team: Team, lead: User, at: datetime) -> Week:
    """Of what its identities are excepted from, what the lead may see."""
    return _week(sight_of(lead).filter(identity__team=team), {}, at)


def _week(cases: CaseQuerySet, asked: Mapping[Owed, CaseQuerySet], at: datetime) -> Week:
    soon = Q(state__in=ACTIVATED, expires_at__gt=at, expires_at__lte=at + timedelta(days=SOON_DAYS))
    lacking = Safeguard.objects.lacking(at).filter(case=OuterRef("pk"), required=True)
    owed = {
        Owed.SUSPENDED: cases.standing([State.SUSPENDED], at).order_by("suspended_at", "pk"),
        Owed.REVIEW: most_pressing(overdue_for_review(cases, at)),
        Owed.FAILED: unguarded(cases.standing(RELIED_ON, at).filter(failing()), at),
        Owed.SAFEGUARD: unguarded(cases.standing(RELIED_ON, at).exclude(failing()), at),
        Owed.UNUSED: unused(cases.exclude(soon), at),  # what ends soon is renewed or ended anyway
        Owed.START: cases.standing([State.APPROVED], at).filter(Exists(lacking)).order_by("activate_by_at", "pk"),
        Owed.REMOVAL: cases.filter(Exists(owed_grants())).order_by("ended_at", "pk"),
        **asked,
    }
    ending = listing(cases.filter(soon).order_by("expires_at", "pk"), SHOWN)
    following = ExceptionCase.objects.live().exclude(state=State.SUSPENDED)
    heirs = following.filter(renews__in=ending.cases).values_list("renews", flat=True)
    return Week(
        in_force=cases.in_force(at).count(),
        ending=ending,
        renewed=frozenset(key for key in heirs if key is not None),
        owed={kind: some for kind, found in owed.items() if (some := listing(found, SHOWN)).count},
    )
