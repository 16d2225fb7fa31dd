"""What the pages of a control and of an identity say beyond the row itself, and what waits for whom."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import queries as people
from accounts.models import ProposalState, User
from accounts.rules import may_run_catalog
from catalog.models import Control, ControlProposal, Identity

SHOWN = 8
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Approvers:
    """Who stands ready to decide on exceptions to a control; `warning` is None when all is well."""

    members: tuple[User, ...]
    warning: str | Promise | None


@dataclass(frozen=True)
class Ownership:
    """Who answers for an identity today: the owner, else the backup owner, else the owner's manager (promise 15)."""

    answers: User | None
    warning: str | Promise | None


def approvers(control: Control) -> Approvers:
    members = tuple(people.eligible_members(control.approver_group))
    if members:
        return Approvers(members, None)
    if people.fallback_is_staffed():
        return Approvers((), _("This group has no active member. The fallback group decides instead."))
    return Approvers((), _("Neither this group nor the fallback group has an active member: nobody can decide."))


def ownership(identity: Identity) -> Ownership:
    owner, backup = identity.owner, identity.backup_owner
    if owner is not None and owner.is_active:
        return Ownership(owner, None)
    if backup is not None and backup.is_active:
        return Ownership(backup, _("The owner is missing or has left. The backup owner answers for this identity."))
    above = owner.manager if owner is not None else None
    if above is not None and above.is_active:
        return Ownership(above, _("Owner and backup owner are missing or have left. The owner's manager answers."))
    return Ownership(None, _("Nobody answers for this identity. Name an owner."))


@dataclass(frozen=True)
class Waiting(Generic[Row]):
    """The first few of what waits for an answer, and how many there are."""

    rows: list[Row]
    count: int


def asked_to_own(user: User) -> Waiting[Identity]:
    """Identities this person is asked to own."""
    return _waiting(Identity.objects.filter(owner_asked=user, is_active=True).order_by("name"))


def proposals_for(user: User) -> QuerySet[ControlProposal]:
    """Proposed changes of limits that this person may answer, the oldest first."""
    if not may_run_catalog(user):
        return ControlProposal.objects.none()
    waiting = ControlProposal.objects.filter(state=ProposalState.WAITING).exclude(proposed_by=user)
    return waiting.select_related("control", "proposed_by")


def _waiting(rows: QuerySet[Row]) -> Waiting[Row]:
    first = list(rows[:SHOWN])
    return Waiting(first, rows.count() if len(first) == SHOWN else len(first))
