"""The law of each act as a table: the states it is possible in, and what it demands of a person, with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import rules
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import rules as person_rules
from exceptions_app.models import ACTIVATED, ENDED, LIVE, RELIED_ON, State
from exceptions_app.predicates import (
    asks,
    changes_things,
    does_not_gain,
    has_been_activated,
    has_no_live_renewal,
    has_not_stepped_aside,
    has_seat,
    has_taken,
    is_asked_as_backup,
    is_asked_to_own,
    is_backup,
    is_claimed,
    is_editor,
    is_near_its_end,
    is_not_let_end,
    is_not_taken,
    is_owner,
    is_programme_manager,
    is_up_for_review,
    judges_it,
    may_nudge_again,
    names_another_owner,
    owes_removal,
    owns_its_identity,
    reviews_it,
    sees,
    was_not_renewed,
    witnesses,
)
from exceptions_app.terms import RENEWED_DAYS

Asker = rules.Predicate


@dataclass(frozen=True)
class Law:
    """What one act needs: the states it is possible in, and predicates with the sentence for each that fails."""

    states: tuple[str, ...]
    demands: Sequence[tuple[Asker, Promise]]


_ACTIVE_PERSON = (changes_things, person_rules.ONLY_READS)
_ASKS = (asks, _("Only the requester or the owner may do this."))
_CLAIMED = (is_claimed, _("Nobody answers for this imported draft yet. Claim it first."))
_NO_GAIN = (
    does_not_gain,
    _("You asked for this exception, own it or edited it, or stand in for someone who did, so someone else decides."),
)
_NOT_YET = format_lazy(_("A renewal can be asked for from {days} days before the end."), days=RENEWED_DAYS)
_NOT_ASIDE = (has_not_stepped_aside, _("You stepped aside from this exception, so someone else does this."))

LAWS: dict[str, Law] = {
    "claim": Law((State.DRAFT,), [_ACTIVE_PERSON, (~is_claimed, _("Somebody has claimed this draft already."))]),
    "edit": Law(
        (State.DRAFT,),
        [
            _ACTIVE_PERSON,
            _CLAIMED,
            (asks | is_editor, _("Only the requester, the owner or an editor may change this draft.")),
        ],
    ),
    "share": Law(
        (State.DRAFT,),
        [
            _ACTIVE_PERSON,
            (asks | is_editor, _("Only who writes this draft shares it.")),
            (names_another_owner, _("Name somebody else as owner first: it is they who complete it.")),
        ],
    ),
    "submit": Law((State.DRAFT,), [_ACTIVE_PERSON, _ASKS]),
    "amend": Law((State.REQUESTED,), [_ACTIVE_PERSON, _ASKS]),
    "withdraw": Law((State.DRAFT, State.REQUESTED, State.APPROVED), [_ACTIVE_PERSON, _ASKS]),
    "duplicate": Law(tuple(State.values), [_ACTIVE_PERSON]),
    "renew": Law(
        (*ACTIVATED, State.CLOSED),
        [
            _ACTIVE_PERSON,
            (asks | is_backup, _ASKS[1]),
            (has_been_activated, _("It was never in force, so it cannot be renewed.")),
            (has_no_live_renewal, _("It already has a renewal under way. Go on from that one.")),
            (was_not_renewed, _("It was renewed before. Go on from its latest renewal.")),
            (is_near_its_end, _NOT_YET),
        ],
    ),
    "let_end": Law(
        ACTIVATED,
        [
            _ACTIVE_PERSON,
            (asks | is_backup, _ASKS[1]),
            (is_not_let_end, _("That was said already. A renewal can still be asked for.")),
            (has_no_live_renewal, _("It has a renewal under way. Withdraw that one first.")),
            (is_near_its_end, format_lazy(_("That is asked from {days} days before the end."), days=RENEWED_DAYS)),
        ],
    ),
    "record_use": Law(
        (*ACTIVATED, State.CLOSED, State.REVOKED),
        [
            _ACTIVE_PERSON,
            (has_been_activated, _("It was never in force.")),
            (
                asks | is_backup | owns_its_identity,
                _("Its requester, its owner, its backup owner or the identity's owner records a use."),
            ),
        ],
    ),
    "accept_backup": Law(
        (State.DRAFT, *LIVE),
        [_ACTIVE_PERSON, (is_asked_as_backup, _("Only the person named as backup owner answers this."))],
    ),
    "offer_ownership": Law(
        LIVE,
        [_ACTIVE_PERSON, (is_owner | is_programme_manager, _("The owner or a programme manager hands this over."))],
    ),
    "accept_ownership": Law(
        LIVE, [_ACTIVE_PERSON, (is_asked_to_own, _("Only the person asked to be its owner answers this."))]
    ),
    "decide": Law(
        (State.REQUESTED,),
        [_ACTIVE_PERSON, _NO_GAIN, _NOT_ASIDE, (has_seat, _("You are not among the approvers of an open step."))],
    ),
    "take": Law(
        (State.REQUESTED,),
        [
            _ACTIVE_PERSON,
            _NO_GAIN,
            _NOT_ASIDE,
            (has_seat, _("You are not among the approvers of an open step.")),
            (is_not_taken, _("Somebody else is at it; they let go, or the time runs out.")),
        ],
    ),
    "release": Law((State.REQUESTED,), [_ACTIVE_PERSON, (has_taken, _("You are not at it."))]),
    "nudge": Law(
        (State.REQUESTED,),
        [
            _ACTIVE_PERSON,
            (asks | is_backup, _ASKS[1]),
            (may_nudge_again, _("They were reminded within a day. Once a day is enough.")),
        ],
    ),
    "raise_tier": Law(
        (State.REQUESTED, State.APPROVED),
        [
            _ACTIVE_PERSON,
            (
                judges_it | is_programme_manager | (does_not_gain & has_seat),  # who gains has none, and is told sooner
                _("An approver, the control's owner or a programme manager raises the risk."),
            ),
            _NOT_ASIDE,
        ],
    ),
    "comment": Law(tuple(State.values), [_ACTIVE_PERSON, (sees, _("This exception does not concern you."))]),
    "verify": Law(
        LIVE,
        [
            _ACTIVE_PERSON,
            (does_not_gain, _("You gain from this exception, so someone else verifies its safeguards.")),
            (witnesses, _("An approver, the control's owner or the system's owner verifies safeguards.")),
            _NOT_ASIDE,
        ],
    ),
    "watch": Law(
        (State.APPROVED, *ACTIVATED),
        [
            _ACTIVE_PERSON,
            (does_not_gain, _("You gain from this exception, so someone else says how its safeguards are checked.")),
            (witnesses, _("An approver, the control's owner or the system's owner says how safeguards are checked.")),
            _NOT_ASIDE,
        ],
    ),
    "report_failure": Law(
        LIVE,
        [
            _ACTIVE_PERSON,
            (
                asks | is_backup | witnesses | is_programme_manager,
                _("Whoever asked for it, owns it, judges it or owns its systems says that a safeguard fails."),
            ),
        ],
    ),
    "review": Law(
        RELIED_ON,
        [
            _ACTIVE_PERSON,
            (does_not_gain, _("You gain from this exception, so someone else reviews it.")),
            _NOT_ASIDE,
            (is_up_for_review, _("No review of it is open.")),
            (reviews_it, _("Those of its last step, or the control's owner, review this.")),
        ],
    ),
    "report_change": Law(
        (State.APPROVED, *ACTIVATED),
        [
            _ACTIVE_PERSON,
            (
                asks | is_backup | witnesses | is_programme_manager,
                _("Whoever asked for it, owns it, judges it or owns its systems says that something changed."),
            ),
        ],
    ),
    "shorten": Law(
        RELIED_ON,
        [
            _ACTIVE_PERSON,
            (
                asks | is_backup | judges_it | is_programme_manager,
                _("Its requester, its owner, an approver, the control's owner or a programme manager shortens this."),
            ),
        ],
    ),
    "complete": Law(ACTIVATED, [_ACTIVE_PERSON, (asks | is_backup, _ASKS[1])]),
    "revoke": Law(
        (State.APPROVED, *ACTIVATED),
        [
            _ACTIVE_PERSON,
            (
                is_owner | judges_it | is_programme_manager,
                _("The owner, an approver, the control's owner or a programme manager may revoke this."),
            ),
        ],
    ),
    "suspend": Law(
        RELIED_ON,
        [
            _ACTIVE_PERSON,
            (
                is_owner | is_backup | judges_it | is_programme_manager,
                _("The owner, its backup, an approver, the control's owner or a programme manager may suspend this."),
            ),
        ],
    ),
    "resume": Law(
        (State.SUSPENDED,),
        [
            _ACTIVE_PERSON,
            (does_not_gain, _("You gain from this exception, so someone else decides whether it resumes.")),
            (judges_it | reviews_it, _("An approver or the control's owner decides whether this resumes.")),
            (
                ~is_up_for_review | reviews_it,
                _("A review of it is open: those of its last step, or the control's owner, look at it and resume it."),
            ),
            _NOT_ASIDE,
        ],
    ),
    "confirm_removal": Law(
        (*ACTIVATED, *ENDED),
        [
            _ACTIVE_PERSON,
            (owes_removal, _("No grant of this exception waits for a confirmation.")),
            (does_not_gain, _("You gained from this exception, so someone else confirms that access is gone.")),
            (
                witnesses | is_programme_manager,
                _("An approver, the control's or system's owner or a programme manager confirms removal."),
            ),
            _NOT_ASIDE,
        ],
    ),
}
