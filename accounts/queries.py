"""Reads that span people and groups."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from accounts import absences
from accounts.models import Absence, ApproverGroup, CalendarLink, GroupProposal, ProposalState, Team, User


@dataclass(frozen=True)
class Ties:
    """What others have of a person. Groups come with `active_members`; `stands_in` is now, soon, or only asked."""

    groups: Sequence[ApproverGroup]
    groups_led: Sequence[ApproverGroup]
    teams_led: Sequence[Team]
    reports: Sequence[User]
    stands_in: Sequence[Absence]

    def __bool__(self) -> bool:
        return any((self.groups, self.groups_led, self.teams_led, self.reports, self.stands_in))


def ties(user: User, at: datetime) -> Ties:
    """What others lack at `at` (UTC) once this person has left; six queries."""
    return Ties(
        groups=list(groups_with_counts().filter(pk__in=user.memberships.values("group"))),
        groups_led=list(user.groups_led.order_by("name")),
        teams_led=list(user.teams_led.order_by("name")),
        reports=list(User.objects.active().filter(manager=user).order_by("name", "email")),
        stands_in=[*absences.for_others(user, at), *absences.asked_of(user, at)],
    )


def eligible_members(group: ApproverGroup) -> QuerySet[User]:
    """Who may decide for the group today: its active members; an auditor changes nothing."""
    return User.objects.active().filter(memberships__group=group, is_auditor=False)


def groups_with_counts() -> QuerySet[ApproverGroup]:
    """Every group with `active_members`, how many of its members are active."""
    active = Count("memberships", filter=Q(memberships__member__is_active=True))
    return ApproverGroup.objects.annotate(active_members=active)


def proposals_by_others(user: User) -> QuerySet[GroupProposal]:
    """Changes of who decides that wait for a second person and that somebody else proposed, the oldest first."""
    waiting = GroupProposal.objects.filter(state=ProposalState.WAITING).exclude(proposed_by=user)
    return waiting.select_related("group", "proposed_by")


def calendar_link(secret: str) -> CalendarLink | None:
    """The link with this secret, unless it was revoked or its account is closed."""
    found = CalendarLink.objects.filter(digest=calendar_digest(secret), revoked_at__isnull=True, person__is_active=True)
    return found.select_related("person").first()


def calendar_digest(secret: str) -> str:
    """What is kept of a secret; it is random and long, so a plain SHA-256 hides it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fallback_is_staffed() -> bool:
    """Whether somebody stands behind every other group (promise 6)."""
    return User.objects.active().filter(memberships__group__is_fallback=True, is_auditor=False).exists()
