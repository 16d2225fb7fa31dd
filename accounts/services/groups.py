"""Approving groups and who belongs to them."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ApproverGroup, GroupMembership, User
from accounts.recording import Happening
from accounts.services.guards import demand_active, demand_governor, demand_other

SLUG_LENGTH = 60
OWN_MEMBERSHIP = _("Nobody changes their own membership of a group. Ask another programme manager.")


class GroupDetails(TypedDict, total=False):
    """`lead` stands behind the members where too few of them may decide."""

    name: str
    description: str
    lead: User | None


@transaction.atomic
def create_group(
    *,
    name: str,
    actor: User | None,
    at: datetime,
    slug: str = "",
    description: str = "",
    lead: User | None = None,
) -> ApproverGroup:
    """A new group, still without members; its handle comes from its name. Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    _demand_lead(actor, lead)
    name, handle = name.strip(), slug or slugify(name.strip())[:SLUG_LENGTH]
    group = ApproverGroup(name=name, slug=handle, description=description.strip(), lead=lead)
    body = recording.facts(group, ("name", "slug", "description", *(["lead"] if lead else [])))
    recording.keep(group, happening=_happening(group, "group.created", actor, at), body=body)
    return group


@transaction.atomic
def change_group(
    *, group: ApproverGroup, actor: User | None, at: datetime, **details: Unpack[GroupDetails]
) -> ApproverGroup:
    """Change a group's name, description or lead; its handle stays. Raises NotAllowed, NotPossible.

    A lead decides where members cannot: nobody makes themselves one, or ceases to be one.
    """
    demand_governor(actor)
    group = recording.locked(group)
    if "lead" in details and details["lead"] != group.lead:
        _demand_lead(actor, details["lead"])
        if group.lead is not None:
            demand_other(actor, group.lead, OWN_MEMBERSHIP)
    _keep_changes(group, recording.trimmed(details), actor, at)
    return group


@transaction.atomic
def set_fallback(*, group: ApproverGroup, actor: User | None, at: datetime) -> ApproverGroup:
    """Let this group stand behind every other, instead of the one that does. Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    if actor is not None and group.memberships.filter(member=actor).exists():
        raise NotAllowed(_("You belong to this group, so somebody else makes it the fallback."))
    groups = ApproverGroup.objects.select_for_update().order_by("pk")
    involved = {one.pk: one for one in groups.filter(is_fallback=True) | groups.filter(pk=group.pk)}
    group = involved.pop(group.pk)
    if involved and not group.memberships.filter(member__is_active=True).exists():
        raise NotPossible(_("The fallback needs at least one active member. Add somebody first."))
    for previous in involved.values():
        _keep_changes(previous, {"is_fallback": False}, actor, at)
    _keep_changes(group, {"is_fallback": True}, actor, at)
    return group


@transaction.atomic
def add_member(*, group: ApproverGroup, member: User, actor: User | None, at: datetime) -> GroupMembership:
    """Let a person decide for the group. Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    demand_other(actor, member, OWN_MEMBERSHIP)
    group, member = recording.locked(group), recording.locked(member)
    demand_active(member, "member")
    membership = GroupMembership(group=group, member=member, added_at=at, added_by=actor)
    happening = _happening(group, "group.member_added", actor, at)
    recording.keep(membership, happening=happening, body=_about(membership))
    return membership


@transaction.atomic
def remove_member(*, group: ApproverGroup, member: User, actor: User | None, at: datetime) -> None:
    """Take a person out of the group. Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    demand_other(actor, member, OWN_MEMBERSHIP)
    group = recording.locked(group)
    membership = group.memberships.filter(member=member).first()
    if membership is None:
        raise NotPossible(_("This person is not a member of the group."))
    _demand_fallback_keeps_somebody(group, member)
    happening = _happening(group, "group.member_removed", actor, at)
    recording.remove(membership, happening=happening, body=_about(membership))


def _demand_lead(actor: User | None, lead: User | None) -> None:
    if lead is not None:
        demand_other(actor, lead, OWN_MEMBERSHIP)
        demand_active(lead, "lead")


def _demand_fallback_keeps_somebody(group: ApproverGroup, member: User) -> None:
    others = group.memberships.filter(member__is_active=True).exclude(member=member)
    if group.is_fallback and not others.exists():
        raise NotPossible(_("The fallback group keeps at least one active member. Add somebody else first."))


def _keep_changes(group: ApproverGroup, values: dict[str, Any], actor: User | None, at: datetime) -> None:
    if changes := recording.amend(group, values):
        recording.keep(
            group,
            happening=_happening(group, "group.changed", actor, at),
            body={"changes": changes},
        )


def _about(membership: GroupMembership) -> dict[str, Any]:
    return {"group": membership.group.slug, "person": membership.member.pseudonym}


def _happening(group: ApproverGroup, kind: str, actor: User | None, at: datetime) -> Happening:
    return Happening(stream=group.stream, kind=kind, by=actor, at=at)
