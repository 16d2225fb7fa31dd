"""What the pages of a control and of an identity say beyond the row itself."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import queries as people
from accounts.models import User
from catalog.models import Control, Identity


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
