"""Who decides on exceptions changes by two people: one proposes members, lead or fallback, another accepts."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import proposing, recording
from accounts.errors import NotAllowed, NotPossible, Sentence
from accounts.models import ApproverGroup, GroupProposal, ProposalState, User
from accounts.services import groups
from accounts.services.guards import demand_active, demand_governor

OWN_MEMBERSHIP = _("Nobody changes their own membership of a group. Ask another programme manager.")
OWN_FALLBACK = _("You belong to this group, so somebody else makes it the fallback.")
LABELS = {"members": _("members"), "lead": _("lead"), "is_fallback": _("fallback")}


class Wanted(TypedDict, total=False):
    """What a person wants of a group: what is left out stays as it is, or as their waiting proposal has it."""

    add: Collection[User]
    remove: Collection[User]
    lead: User | None
    is_fallback: Literal[True]


@transaction.atomic
def propose_group_change(
    *, group: ApproverGroup, actor: User, at: datetime, reason: str = "", **wanted: Unpack[Wanted]
) -> GroupProposal | None:
    """Let a change of who decides wait for a second person; what this person proposed before and waits is added to.

    None where nothing would change; a waiting proposal that was taken back to that is withdrawn. Raises NotAllowed for
    a change of one's own power, NotPossible for people who left and while somebody else's proposal waits.
    """
    demand_governor(actor)
    group = recording.locked(group)
    present, waiting = facts_of(group), group.proposals.filter(state=ProposalState.WAITING).first()
    if waiting is not None and waiting.proposed_by != actor:
        raise NotPossible(_("Another change of this group waits for a second person. It is answered first."))
    after = _wanted(present | (waiting.after if waiting else {}), wanted)
    changed = {name for name, fact in present.items() if after[name] != fact}
    _demand_no_own_power(actor, present, after)
    if not changed:
        if waiting is not None:
            proposing.decline(waiting, actor, at, reason)
        return None
    row = waiting or GroupProposal(group=group, proposed_by=actor)
    row.before, row.after = ({name: facts[name] for name in sorted(changed)} for facts in (present, after))
    row.proposed_at, row.reason = at, reason.strip() or row.reason
    proposing.keep(row)
    return row


@transaction.atomic
def accept_group_change(*, proposal: GroupProposal, actor: User, at: datetime) -> GroupProposal:
    """The change takes effect. Raises NotAllowed for who proposed it or whom it makes or unmakes an approver.

    Raises NotPossible where the group changed since, or somebody in it has left.
    """
    group, row = _locked(proposal, actor)
    proposing.demand_second(row, actor, mark=proposal.mark)
    present = facts_of(group)
    proposing.demand_untouched(row, present, LABELS)
    after = present | row.after
    _demand_no_own_power(actor, present, after)
    also, people = proposing.by_whom(row), _people(present, after)
    for key in sorted(set(after["members"]) - set(present["members"])):
        groups.join(group, people[key], by=actor, at=at, **also)
    if after["lead"] != present["lead"]:
        lead = people.get(after["lead"])
        demand_active(lead, "lead")
        groups.keep_changes(group, {"lead": lead}, actor, at, **also)
    if after["is_fallback"] != present["is_fallback"]:
        groups.move_fallback(group, by=actor, at=at, **also)
    for key in sorted(set(present["members"]) - set(after["members"])):
        groups.leave(group, people[key], by=actor, at=at, **also)
    proposing.accepted(row, actor, at)
    return row


@transaction.atomic
def decline_group_change(*, proposal: GroupProposal, actor: User, at: datetime, reason: str = "") -> GroupProposal:
    """The group stays as it is; who proposed the change withdraws it in this way. Raises NotAllowed, NotPossible."""
    _group, row = _locked(proposal, actor)
    proposing.decline(row, actor, at, reason)
    return row


def facts_of(group: ApproverGroup) -> dict[str, Any]:
    """Who decides for the group: pseudonyms of members in order, of the lead, and whether it is the fallback."""
    members = group.memberships.values_list("member__pseudonym", flat=True)
    lead = str(group.lead.pseudonym) if group.lead else None
    return {"members": sorted(map(str, members)), "lead": lead, "is_fallback": group.is_fallback}


def _wanted(facts: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    members, after = set(facts["members"]), dict(facts)
    for person in wanted.get("add", ()):
        demand_active(person, "member")
        if str(person.pseudonym) in members:
            message = _("This person is already a member of the group.")
            raise NotPossible(message, fields={"member": [message]})
        members.add(str(person.pseudonym))
    for person in wanted.get("remove", ()):
        if str(person.pseudonym) not in members:
            raise NotPossible(_("This person is not a member of the group."))
        members.remove(str(person.pseudonym))
    if wanted.get("is_fallback") and not User.objects.active().filter(pseudonym__in=members).exists():
        raise NotPossible(_("The fallback needs at least one active member. Add somebody first."))
    if "lead" in wanted:
        demand_active(wanted["lead"], "lead")
        after["lead"] = str(wanted["lead"].pseudonym) if wanted["lead"] else None
    return after | {"members": sorted(members), "is_fallback": wanted.get("is_fallback", facts["is_fallback"])}


def why_not_accept(proposal: GroupProposal, actor: User) -> Sentence | None:
    """Why this person may not accept the change, as far as it is their own power; None where they may."""
    present = facts_of(proposal.group)
    return _own_power(actor, present, present | proposal.after)


def _demand_no_own_power(actor: User, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises NotAllowed where the actor would come to decide, or cease to, by this change (promise 4)."""
    if (why_not := _own_power(actor, before, after)) is not None:
        raise NotAllowed(why_not)


def _own_power(actor: User, before: Mapping[str, Any], after: Mapping[str, Any]) -> Sentence | None:
    me = str(actor.pseudonym)
    if (me in before["members"]) != (me in after["members"]) or (before["lead"] == me) != (after["lead"] == me):
        return OWN_MEMBERSHIP
    if before["is_fallback"] != after["is_fallback"] and me in {*after["members"], after["lead"]}:
        return OWN_FALLBACK
    return None


def _people(*facts: Mapping[str, Any]) -> dict[str, User]:
    keys = {key for one in facts for key in [*one["members"], one["lead"]] if key}
    return {str(person.pseudonym): person for person in User.objects.filter(pseudonym__in=keys)}


def _locked(proposal: GroupProposal, actor: User) -> tuple[ApproverGroup, GroupProposal]:
    """Both rows, the group first; only a proposal that waits is answered."""
    demand_governor(actor)
    group = recording.locked(proposal.group)
    row = recording.locked(proposal)
    proposing.demand_waiting(row)
    return group, row
