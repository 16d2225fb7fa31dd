"""Questions about sets of cases: in force at an instant, visible to a person, live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.absences import stood_for
from accounts.models import ApproverGroup, GroupMembership, User
from exceptions_app.models.choices import DEADLINES, ENDED, LIVE, RELIED_ON, RemovalState, State
from exceptions_app.models.governed import GovernedQuerySet

if TYPE_CHECKING:
    from exceptions_app.models.cases import ExceptionCase

Case: TypeAlias = "ExceptionCase"


class CaseQuerySet(GovernedQuerySet["ExceptionCase"]):
    """The predicates every reader uses (DESIGN, promise 3 and "Permission")."""

    def in_force(self, at: datetime) -> Self:
        """Cases that may be relied on at `at` (UTC): inside a period of force and before `relied_until_at`.

        Computed from recorded periods and the given clock; the present state plays no part.
        """
        periods = apps.get_model("exceptions_app", "Period")._default_manager
        inside = periods.filter(case=OuterRef("pk"), from_at__lte=at, until_at__gt=at)
        return self.filter(Exists(inside), relied_until_at__gt=at)

    def standing(self, states: Iterable[str], at: datetime) -> Self:
        """Cases in one of the states at `at` (UTC), as `ExceptionCase.standing_at` tells it of one."""
        return self.filter(_standing(set(states), at))

    def unsettled(self, at: datetime) -> Self:
        """Cases that live at `at` (UTC), and those that ended and whose access nobody has confirmed gone."""
        owed = apps.get_model("exceptions_app", "Grant")._default_manager.filter(removal_state=RemovalState.OWED)
        return self.filter(_standing(set(LIVE), at) | Q(state__in=ENDED, pk__in=owed.values("case")))

    def fallen(self, at: datetime) -> Self:
        """Cases that fell out of force before their end and by `at` (UTC), which no sweep has recorded yet."""
        return self.filter(_fallen(at))

    def overdue(self, at: datetime) -> Self:
        """Cases whose deadline the clock has passed, or that fell out of force, and no sweep has recorded that yet."""
        passed = _fallen(at)
        for state, deadline in DEADLINES.items():
            passed |= Q(("state", state), (f"{deadline}__lte", at))
        return self.filter(passed)

    def live(self) -> Self:
        """Cases that are asked for, granted or in use: neither a draft nor ended."""
        return self.filter(state__in=LIVE)

    def unclaimed(self) -> Self:
        """Imported drafts that nobody answers for yet."""
        return self.filter(requester__isnull=True, state=State.DRAFT)

    def visible_to(self, user: User, at: datetime | None = None) -> Self:
        """Cases that exist for this person; for anyone else they are a 404.

        What was imported and not yet claimed exists for everyone who may claim it. A draft that was sent back exists
        for those its own steps asked, not for those who would judge what it says by now. With `at` (UTC) also what
        those are asked for whom this person stands in then.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_auditor or user.is_programme_manager:
            return self
        people = stood_for(user, at)
        return self.filter(_involved(user) | _asked(people) | (~Q(state=State.DRAFT) & _judges(people)))

    def with_names(self) -> Self:
        """Cases with the rows every list shows, in one query."""
        return self.select_related("control", "identity", "owner", "requester")


def _standing(wanted: set[str], at: datetime) -> Q:
    found = Q(state__in=wanted - DEADLINES.keys())
    for state, deadline in DEADLINES.items():
        if state in wanted:
            lasts = ~_fallen(at) if state in RELIED_ON else Q()
            found |= Q(("state", state), (f"{deadline}__gt", at)) & lasts
        if State.CLOSED in wanted:
            found |= Q(("state", state), (f"{deadline}__lte", at))
    if State.SUSPENDED in wanted:
        found |= Q(_fallen(at), expires_at__gt=at)
    return found


def _fallen(at: datetime) -> Q:
    return Q(state__in=RELIED_ON, relied_until_at__lte=at, relied_until_at__lt=F("expires_at"))


def _involved(user: User) -> Q:
    return (
        Q(requester=user)
        | Q(requester__isnull=True)
        | Q(owner=user)
        | Q(backup_owner=user)
        | Q(identity__owner=user)
        | Q(control__owner=user)
        | Q(owner__manager=user)
        | (Q(identity__team__lead=user) & ~Q(state=State.DRAFT))
        | Q(pk__in=user.edited_cases.values("case"))
        | Q(pk__in=user.ownership_offers.filter(answered_at__isnull=True).values("case"))
    )


def _asked(people: Sequence[int]) -> Q:
    """What a step asks or asked of these people, by key, or what they answered."""
    every = apps.get_model("exceptions_app", "Step")._default_manager
    named = Q(person__in=_answerable(people)) | Q(decisions__person__in=people)
    return Q(pk__in=every.filter(Q(group__in=_groups(people)) | named).values("route__case"))


def _judges(people: Sequence[int]) -> Q:
    """What these people, by key, judge by what it says, and what they stand behind as a lead."""
    answerable, groups = _answerable(people), _groups(people)
    grants = apps.get_model("exceptions_app", "Grant")._default_manager.filter(system__owner__in=answerable)
    return (
        Q(control__approver_group__in=groups)
        | Q(control__owner__in=answerable)
        | Q(identity__owner__manager__in=answerable)
        | Q(pk__in=grants.values("case"))
        | Q(Exists(GroupMembership.objects.filter(member__in=people, group__is_fallback=True)))
    )


def _answerable(people: Sequence[int]) -> QuerySet[User, Any]:
    return User.objects.filter(Q(pk__in=people) | Q(manager__in=people)).values("pk")


def _groups(people: Sequence[int]) -> QuerySet[ApproverGroup, Any]:
    return ApproverGroup.objects.filter(Q(memberships__member__in=people) | Q(lead__in=people)).values("pk")
