"""Who may open the pages of people, and why somebody may not change a person or a group. None means may."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import rules
from accounts.errors import NotAllowed
from accounts.models import ApproverGroup, User
from accounts.services.group_proposals import OWN_MEMBERSHIP

may_read_people = rules.may_govern_people | rules.is_auditor
GOVERNORS_ONLY = gettext_lazy("Only programme managers and superusers change people, teams and groups.")


def demand_reader(user: User) -> None:
    """Raises NotAllowed."""
    if not may_read_people(user):
        raise NotAllowed(_("People, teams and groups are for programme managers and auditors. Ask one of them."))


def demand_governor(user: User) -> None:
    """Raises NotAllowed, as the services would, before a form is shown that could not be saved."""
    if not rules.may_govern_people(user):
        raise NotAllowed(GOVERNORS_ONLY)


def why_not_change(actor: User, person: User) -> str | Promise | None:
    if not rules.may_govern_people(actor):
        return GOVERNORS_ONLY
    if actor.pk == person.pk:
        return _("Somebody else changes your team, your manager, your roles and your account.")
    if person.is_superuser and not rules.is_superuser(actor):
        return _("Only a superuser changes the account of a superuser.")
    return None


def why_not_remove(actor: User, member: User) -> str | Promise | None:
    return OWN_MEMBERSHIP if actor.pk == member.pk else None


def why_not_fallback(actor: User, group: ApproverGroup, members: list[User]) -> str | Promise | None:
    if actor in members:
        return _("You belong to this group, so somebody else makes it the fallback.")
    if not any(member.is_active for member in members):
        return _("The fallback needs at least one active member. Add somebody first.")
    return None
