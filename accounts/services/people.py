"""Opening, changing and closing people's accounts."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ApproverGroup, Team, User
from accounts.recording import Happening
from accounts.services.calendars import end_calendar
from accounts.services.guards import (
    demand_active,
    demand_governor,
    demand_other,
    demand_superuser,
)

TECHNICAL_ROLES = frozenset({"is_staff", "is_superuser"})
FACTS = (
    "email",
    "name",
    "team",
    "manager",
    "time_zone",
    "is_auditor",
    "is_programme_manager",
    *sorted(TECHNICAL_ROLES),
)


class Roles(TypedDict, total=False):
    is_auditor: bool
    is_programme_manager: bool
    is_staff: bool
    is_superuser: bool


class Details(Roles, total=False):
    email: str
    name: str
    team: Team | None
    manager: User | None
    time_zone: str


@transaction.atomic
def create_user(*, actor: User | None, at: datetime, password: str | None = None, **details: Unpack[Details]) -> User:
    """Open an account. Without a password the person sets one by the reset mail. Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    values = _normal(details)
    _demand_role_giver(actor, values)
    demand_active(values.get("manager"), "manager")
    user = User(**values)
    user.set_password(password)
    recording.keep(user, happening=_happening(user, "user.created", actor, at), body=_about(user))
    return user


@transaction.atomic
def change_profile(
    *,
    user: User,
    actor: User,
    at: datetime,
    time_zone: str,
) -> User:
    """Change one's own time zone. Raises NotAllowed, NotPossible."""
    if actor.pk != user.pk or not actor.is_active:
        raise NotAllowed(_("A profile is changed by the person it describes."))
    user = recording.locked(user)
    return _keep_changes(
        user, recording.trimmed({"time_zone": time_zone}), _happening(user, "user.profile_changed", actor, at)
    )


@transaction.atomic
def change_user(*, user: User, actor: User | None, at: datetime, **details: Unpack[Details]) -> User:
    """Change somebody else's details or roles. Raises NotAllowed, NotPossible."""
    user = _locked_for(actor, user, _("Somebody else changes your team, your manager and your roles."))
    values = _normal(details)
    _demand_role_giver(actor, values)
    _demand_no_own_power(actor, user, values)
    demand_active(values.get("manager"), "manager")
    _demand_no_circle(user, values.get("manager"))
    user = _keep_changes(user, values, _happening(user, "user.changed", actor, at))
    _forget_former_addresses(user)
    return user


def set_roles(*, user: User, actor: User | None, at: datetime, **roles: Unpack[Roles]) -> User:
    """Give somebody else roles or take them. Raises NotAllowed."""
    return change_user(user=user, actor=actor, at=at, **roles)


@transaction.atomic
def deactivate(*, user: User, actor: User | None, at: datetime) -> User:
    """Close an account: sign-in, open sessions and its calendar link end, rows stay. Raises NotAllowed."""
    user = _locked_for(actor, user, _("Somebody else closes your account."))
    _demand_no_peer(actor, user)
    end_calendar(user=user, actor=actor, at=at)
    return _keep_changes(user, {"is_active": False}, _happening(user, "user.deactivated", actor, at))


@transaction.atomic
def reactivate(*, user: User, actor: User | None, at: datetime) -> User:
    """Open a closed account again, with the memberships it had. Raises NotAllowed."""
    user = _locked_for(actor, user, _("Somebody else opens your account again."))
    return _keep_changes(user, {"is_active": True}, _happening(user, "user.reactivated", actor, at))


def _locked_for(actor: User | None, user: User, own: Any) -> User:
    """The person's row, locked, once it is clear that this actor may change it."""
    demand_governor(actor)
    demand_other(actor, user, own)
    user = recording.locked(user)
    if user.is_superuser:
        demand_superuser(actor, _("Only a superuser changes the account of a superuser."))
    return user


def _demand_no_own_power(actor: User | None, user: User, values: dict[str, Any]) -> None:
    """Raises NotAllowed where the actor would decide in the person's place, or with one fewer beside them."""
    if actor is not None and values.get("manager") == actor and user.manager != actor:
        raise NotAllowed(_("You would decide in their place: somebody else makes you their manager."))
    if values.get("is_auditor") and not user.is_auditor:
        _demand_no_peer(actor, user)


def _demand_no_peer(actor: User | None, user: User) -> None:
    """Raises NotAllowed where the actor decides in a group of the person, who is about to leave it."""
    if actor is None:
        return
    both = Q(memberships__member=actor) | Q(lead=actor)
    if ApproverGroup.objects.filter(both).filter(memberships__member=user).exists():
        raise NotAllowed(_("You decide in the same group, so somebody else takes this person out of it."))


def _demand_role_giver(actor: User | None, values: dict[str, Any]) -> None:
    if any(values.get(role) for role in TECHNICAL_ROLES):
        demand_superuser(actor, _("Only a superuser gives access to the administration pages."))


def _demand_no_circle(user: User, manager: User | None) -> None:
    above = manager
    while above is not None:
        if above.pk == user.pk:
            sentence = _("This makes a circle: %(name)s would be their own manager.") % {"name": user}
            raise NotPossible(sentence, fields={"manager": [sentence]})
        above = above.manager


def _forget_former_addresses(user: User) -> None:
    """allauth keeps each address a password was reset by, and would go on signing the person in with it."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()


def _normal(details: Details) -> dict[str, Any]:
    values = recording.trimmed(details)
    if "email" in values:
        values["email"] = values["email"].lower()
    return values


def _keep_changes(user: User, values: dict[str, Any], happening: Happening) -> User:
    if changes := recording.amend(user, values):
        recording.keep(user, happening=happening, body={"person": user.pseudonym, "changes": changes})
    return user


def _about(user: User) -> dict[str, Any]:
    return {"person": user.pseudonym, **recording.facts(user, FACTS)}


def _happening(user: User, kind: str, actor: User | None, at: datetime) -> Happening:
    return Happening(stream=user.stream, kind=kind, by=actor, at=at)
