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
from accounts.services.guards import demand_active, demand_governor

SLUG_LENGTH = 60


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
    """A new group, still without members; its handle comes from its name. Raises NotAllowed, NotPossible.

    It decides on nothing until a control or a rule names it, and a person names its lead by a proposal.
    """
    demand_governor(actor)
    if lead is not None:
        demand_command_line(actor)
        demand_active(lead, "lead")
    name, handle = name.strip(), slug or slugify(name.strip())[:SLUG_LENGTH]
    group = ApproverGroup(name=name, slug=handle, description=description.strip(), lead=lead)
    body = recording.facts(group, ("name", "slug", "description", *(["lead"] if lead else [])))
    recording.keep(group, happening=_happening(group, "group.created", actor, at), body=body)
    return group


@transaction.atomic
def change_group(
    *, group: ApproverGroup, actor: User | None, at: datetime, **details: Unpack[GroupDetails]
) -> ApproverGroup:
    """Change a group's name, description or, from the command line, lead; its handle stays.

    Raises NotAllowed, NotPossible.
    """
    demand_governor(actor)
    group = recording.locked(group)
    if "lead" in details and details["lead"] != group.lead:
        demand_command_line(actor)
        demand_active(details["lead"], "lead")
    keep_changes(group, recording.trimmed(details), actor, at)
    return group


@transaction.atomic
def set_fallback(*, group: ApproverGroup, actor: User | None, at: datetime) -> ApproverGroup:
    """Let this group stand behind every other, instead of the one that does; people propose it instead.

    Raises NotAllowed, NotPossible.
    """
    demand_command_line(actor)
    return move_fallback(group, by=actor, at=at)


@transaction.atomic
def add_member(*, group: ApproverGroup, member: User, actor: User | None, at: datetime) -> GroupMembership:
    """Let a person decide for the group; people propose it instead. Raises NotAllowed, NotPossible."""
    demand_command_line(actor)
    return join(recording.locked(group), member, by=actor, at=at)


@transaction.atomic
def remove_member(*, group: ApproverGroup, member: User, actor: User | None, at: datetime) -> None:
    """Take a person out of the group; people propose it instead. Raises NotAllowed, NotPossible."""
    demand_command_line(actor)
    leave(recording.locked(group), member, by=actor, at=at)


def demand_command_line(actor: User | None) -> None:
    """Raises NotAllowed for a person: who decides on exceptions changes by two people, who propose and accept it."""
    demand_governor(actor)
    if actor is not None:
        raise NotAllowed(_("Who decides changes by two people: propose it, and another programme manager accepts."))


def join(group: ApproverGroup, member: User, *, by: User | None, at: datetime, **also: str) -> GroupMembership:
    """The act of adding, once it was agreed on; the caller holds the group's row. `also` stands in the event."""
    member = recording.locked(member)
    demand_active(member, "member")
    membership = GroupMembership(group=group, member=member, added_at=at, added_by=by)
    happening = _happening(group, "group.member_added", by, at)
    recording.keep(membership, happening=happening, body=_about(membership) | also)
    return membership


def leave(group: ApproverGroup, member: User, *, by: User | None, at: datetime, **also: str) -> None:
    """The act of removing, once it was agreed on; the caller holds the group's row. `also` stands in the event."""
    membership = group.memberships.filter(member=member).first()
    if membership is None:
        raise NotPossible(_("This person is not a member of the group."))
    _demand_fallback_keeps_somebody(group, member)
    happening = _happening(group, "group.member_removed", by, at)
    recording.remove(membership, happening=happening, body=_about(membership) | also)


def move_fallback(group: ApproverGroup, *, by: User | None, at: datetime, **also: str) -> ApproverGroup:
    """The act of making a group the fallback, once it was agreed on. `also` stands in the events."""
    groups = ApproverGroup.objects.select_for_update().order_by("pk")
    involved = {one.pk: one for one in groups.filter(is_fallback=True) | groups.filter(pk=group.pk)}
    group = involved.pop(group.pk)
    if involved and not group.memberships.filter(member__is_active=True).exists():
        raise NotPossible(_("The fallback needs at least one active member. Add somebody first."))
    for previous in involved.values():
        keep_changes(previous, {"is_fallback": False}, by, at, **also)
    keep_changes(group, {"is_fallback": True}, by, at, **also)
    return group


def keep_changes(group: ApproverGroup, values: dict[str, Any], actor: User | None, at: datetime, **also: str) -> None:
    """Set the values and record those that differ. `also` stands in the event."""
    if changes := recording.amend(group, values):
        recording.keep(
            group,
            happening=_happening(group, "group.changed", actor, at),
            body={"changes": changes} | also,
        )


def _demand_fallback_keeps_somebody(group: ApproverGroup, member: User) -> None:
    others = group.memberships.filter(member__is_active=True).exclude(member=member)
    if group.is_fallback and not others.exists():
        raise NotPossible(_("The fallback group keeps at least one active member. Add somebody else first."))


def _about(membership: GroupMembership) -> dict[str, Any]:
    return {"group": membership.group.slug, "person": membership.member.pseudonym}


def _happening(group: ApproverGroup, kind: str, actor: User | None, at: datetime) -> Happening:
    return Happening(stream=group.stream, kind=kind, by=actor, at=at)
