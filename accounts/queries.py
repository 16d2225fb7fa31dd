"""Reads that span people and groups."""

from django.db.models import Count, Q, QuerySet

from accounts.models import ApproverGroup, GroupProposal, ProposalState, User


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


def fallback_is_staffed() -> bool:
    """Whether somebody stands behind every other group (promise 6)."""
    return User.objects.active().filter(memberships__group__is_fallback=True, is_auditor=False).exists()
