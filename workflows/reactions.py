"""What each event causes: event kind → reactions. An event with no reaction says here why nobody is told.

`tests/workflows/test_reactions.py` fails if a service records a kind that stands in neither table. An event of an
unknown kind is never lost: it waits in the outbox, visible on the Effects page, until the table knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows import changes

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Reaction:
    """An effect by name (see `mails.MAILS` and `chores.CHORES`), and for which bodies of the event it is wanted."""

    name: str
    when: Callable[[Body], bool] = lambda body: True


def _has_backup(body: Body) -> bool:
    return bool(body.get("backup_owner"))


def _names_backup(body: Body) -> bool:
    return "backup_owner" in body.get("changed", ())


def _is_approval(body: Body) -> bool:
    return body.get("verdict") == "approve"


def _is_recusal(body: Body) -> bool:
    return body.get("verdict") == "recuse"


def _is_addressed(body: Body) -> bool:
    return bool(body.get("told"))


def _voids(body: Body) -> bool:
    return bool(body.get("voided_decisions"))


def _was_asked(body: Body) -> bool:
    return body.get("from_state") != "draft"


def _renames(body: Body) -> bool:
    return not {"name", "title", "vendor"}.isdisjoint(body.get("changes", ()))


def _is_reminder(*kinds: str) -> Callable[[Body], bool]:
    return lambda body: body.get("kind") in kinds


def _moves_a_case(body: Body) -> bool:
    return changes.concerns(body, changes.OF_IDENTITIES)


def _makes_another(body: Body) -> bool:
    return changes.concerns(body, changes.OF_VENDORS)


def _may_tighten(body: Body) -> bool:
    return changes.concerns(body, changes.TIGHTENING)


def _asks_for_review(body: Body) -> bool:
    return body.get("response") == "review"


def _names_who_decides(body: Body) -> bool:
    return not {"owner", "approver_group"}.isdisjoint(body.get("changes", ()))


def _begins_with_who_decides(body: Body) -> bool:
    return bool(body.get("owner") or body.get("approver_group"))


def _moves_or_frees(body: Body) -> bool:
    return not {"manager", "is_auditor"}.isdisjoint(body.get("changes", ()))


def _frees(body: Body) -> bool:
    return "is_auditor" in body.get("changes", ())


_JUDGED = ("control", "identity", "system")
"""Entries whose owners, or the managers of these, are asked."""
_ASKING = (Reaction("ask_approvers"), Reaction("ask_channel"))
_TO_CHANNELS = Reaction("tell_channel")
_FOLLOW_NAMES = Reaction("follow_names", _renames)
_LOOK_AGAIN = Reaction("look_again")
_FIRE = Reaction("fire_changes", _moves_a_case)
_FIRING = {"identity": (_FIRE,), "control": (Reaction("fire_changes", _may_tighten),), "system": ()}
_ENROL = "ask_second_factor"
_ENROLLING = (Reaction(_ENROL),)

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    # asking
    "case.shared": (Reaction("ask_to_complete"),),
    "case.submitted": (*_ASKING, Reaction("ask_backup", _has_backup)),
    "case.amended": (Reaction("ask_backup", _names_backup),),
    "case.resubmitted": _ASKING,
    "case.facts_changed": (Reaction("ask_approvers", _voids), Reaction("ask_channel", _voids)),
    "case.reopened": (*_ASKING, Reaction("tell_reopened")),
    # deciding
    "case.decided": (
        Reaction("tell_progress", _is_approval),
        Reaction("escalate", _is_recusal),
        Reaction("escalate_to_channel", _is_recusal),
    ),
    "case.step_began": _ASKING,
    "case.escalated": (Reaction("escalate"), Reaction("escalate_to_channel")),
    "case.tier_raised": (Reaction("tell_reopened"),),
    "case.nudged": (Reaction("nudge"),),
    "comment.added": (Reaction("tell_comment", _is_addressed),),
    "case.approved": (Reaction("tell_approved"), _TO_CHANNELS),
    "case.rejected": (Reaction("tell_rejected"), _TO_CHANNELS),
    "case.returned": (Reaction("tell_returned"), Reaction("tell_sent_back"), _TO_CHANNELS),
    "case.lapsed": (Reaction("tell_lapsed"), _TO_CHANNELS),
    "case.withdrawn": (Reaction("tell_withdrawn", _was_asked), Reaction("tell_channel", _was_asked)),
    # in force
    "case.activated": (Reaction("tell_activated"),),
    "case.suspended": (Reaction("tell_suspended"),),
    "case.resumed": (Reaction("tell_resumed"),),
    "case.owner_changed": (Reaction("tell_owner_changed"), _LOOK_AGAIN),
    "ownership.offered": (Reaction("ask_owner"),),
    "safeguard.failed": (Reaction("tell_safeguard_failed"),),
    # looked at again
    "review.opened": (Reaction("ask_review", _asks_for_review), Reaction("tell_review", _asks_for_review)),
    "case.reviewed": (Reaction("tell_reviewed"),),
    "case.shortened": (Reaction("tell_shortened"),),
    # the end
    "case.expired": (Reaction("tell_ended"),),
    "case.completed": (Reaction("tell_ended"),),
    "case.superseded": (Reaction("tell_ended"),),
    "case.revoked": (Reaction("tell_revoked"),),
    # who is asked
    **dict.fromkeys(("group.member_added", "group.changed", "rule.created", "rule.changed"), _ENROLLING),
    **dict.fromkeys(("delegation.accepted", "user.reactivated"), _ENROLLING),
    "identity.owner_accepted": (*_ENROLLING, _FIRE),
    "user.changed": (Reaction(_ENROL, _moves_or_frees), Reaction("look_again", _frees)),
    **dict.fromkeys(("group.member_removed", "user.deactivated", "backup.accepted"), (_LOOK_AGAIN,)),
    # the catalog
    **{f"{entry}.created": (Reaction(_ENROL, _begins_with_who_decides),) for entry in _JUDGED},
    **{f"{entry}.changed": (_FOLLOW_NAMES, Reaction(_ENROL, _names_who_decides), *_FIRING[entry]) for entry in _JUDGED},
    "vendor.changed": (_FOLLOW_NAMES, Reaction("fire_changes", _makes_another)),
    "vendor.retired": (Reaction("fire_changes", _makes_another),),
    # reminders
    "reminder.due": (
        Reaction("remind_of_end", _is_reminder("end_30", "end_14", "end_7", "end_1")),
        Reaction("remind_of_disuse", _is_reminder("unused")),
        Reaction("remind_of_removal", _is_reminder("removal")),
        Reaction("remind_at_half_time", _is_reminder("half_time")),
        Reaction("remind_of_safeguards", _is_reminder("guard_due", "guard_stale")),
        Reaction("ask_review", _is_reminder("review_open")),
        Reaction("remind_of_review", _is_reminder("review_half", "review_lead", "review_last")),
        Reaction("tell_review", _is_reminder("review_open", "review_lead", "review_last")),
    ),
    "digest.due": (Reaction("send_digest"),),
    "weekly.due": (Reaction("send_weekly"),),
    # erasure
    "payload.erased": (Reaction("forget_words"),),
}

_WRITER_ONLY = "concerns only the person who is writing"
_FOLLOWS = "another event of the same transaction says it"
_SHOWN = "is shown on the case and in the history; nobody has to act on it"
_SHOWN_THERE = "is shown on the page of what it happened to"
_DIRECTORY = "people, groups and the catalog are looked up when a case needs them"

SILENT: dict[str, str] = {
    "case.drafted": _WRITER_ONLY,
    "case.edited": _WRITER_ONLY,
    "case.imported": "nobody answers for it yet; the Waivers page shows it to everyone who may claim it",
    "case.reimported": "as for case.imported",
    "case.claimed": _WRITER_ONLY,
    "waivers.imported": _SHOWN,
    "evidence.added": _SHOWN,
    "case.taken": "the other approvers see it in their queue",
    "case.released": "the other approvers see it in their queue",
    "evidence.removed": _WRITER_ONLY,
    "case.rerouted": f"{_FOLLOWS}: case.reopened",
    "case.warned": "the reminders before the end say it, each at its threshold",
    "safeguard.verified": f"{_SHOWN}; the activation that follows tells the people",
    "safeguard.checked": f"{_SHOWN}; the activation that follows tells the people",
    "safeguard.watched": _SHOWN,
    "safeguard.unwatched": _SHOWN,
    "case.change_reported": f"{_FOLLOWS}, unless it says that nothing is done",
    "backup.left": f"{_FOLLOWS}, and where a review is opened that is told",
    "case.reliance_changed": "what it follows changed, and those who own that are told",
    "use.recorded": _SHOWN,
    "case.let_end": _SHOWN,
    "removal.confirmed": f"{_SHOWN}; the weekly reminder stops",
    "ownership.withdrawn": "nothing is left to answer for whoever was asked",
    "ownership.declined": _SHOWN,
    "backup.declined": _SHOWN,
    "user.created": _DIRECTORY,
    "user.profile_changed": _DIRECTORY,
    "user.mails_chosen": _WRITER_ONLY,
    "user.calendar_made": _WRITER_ONLY,
    "user.calendar_revoked": _WRITER_ONLY,
    "user.sign_in_linked": _SHOWN_THERE,
    "user.sign_in_unlinked": _SHOWN_THERE,
    "absence.announced": "waits on the Home of who is asked to stand in",
    "absence.ended": _SHOWN_THERE,
    "delegation.declined": _SHOWN_THERE,
    "group.channel_set": _SHOWN_THERE,
    "group.channel_changed": _SHOWN_THERE,
    "group.channel_removed": _SHOWN_THERE,
    "group.channel_tested": _SHOWN_THERE,
    "group.created": _DIRECTORY,
    "team.created": _DIRECTORY,
    "team.changed": _DIRECTORY,
    "vendor.created": _DIRECTORY,
    **{f"{entry}.{verb}": _DIRECTORY for entry in _JUDGED for verb in ("retired", "reinstated")},
    "vendor.reinstated": _DIRECTORY,
    **{
        f"{subject}.{verb}": why
        for subject in ("control", "group", "rule")
        for verb, why in (
            ("change_proposed", "waits on the Home of every programme manager who may accept it"),
            ("change_accepted", f"{_FOLLOWS}, of what changed"),
            ("change_declined", _SHOWN_THERE),
            ("change_withdrawn", _SHOWN_THERE),
        )
    },
    "identity.owner_declined": _SHOWN_THERE,
    "framework.loaded": _DIRECTORY,
    "import.saved": f"{_FOLLOWS}, one for each row",
    "framework.imported": _DIRECTORY,
}
"""Kinds that intentionally cause nothing, and why."""


ONCE = {_ENROL}
"""Effects that look at everything there is: one does for all events that are taken out of the outbox together."""


def known_kinds() -> list[str]:
    """Every kind this table has an answer for."""
    return [*REACTIONS, *SILENT]


def to(kind: str, body: Body) -> list[str]:
    """Names of the effects an event causes."""
    return [reaction.name for reaction in REACTIONS.get(kind, ()) if reaction.when(body)]
