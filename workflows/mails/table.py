"""The mails by name: who gets each, in which states of the case it still matters, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from exceptions_app.models import ACTIVATED, ENDED, LIVE, RELIED_ON, State
from workflows.mails import audiences as who
from workflows.mails import letters
from workflows.mails.letters import Letter
from workflows.mails.occasion import Occasion


def _always(occasion: Occasion) -> bool:
    return True


@dataclass(frozen=True)
class Mail:
    """`states` and `still` say when it matters, asked just before it goes.

    Of several that wait, only the latest goes, unless `each` says something of its own.
    """

    audience: Callable[[Occasion], who.Audience]
    states: tuple[str, ...]
    letter: Callable[[Occasion], Letter]
    still: Callable[[Occasion], bool] = _always
    each: bool = False

    def why_not(self, occasion: Occasion) -> str:
        """Why this mail no longer matters, as a sentence; "" while it does."""
        if occasion.case.state not in self.states:
            return _("Overtaken: the exception is %(state)s.") % {"state": occasion.case.get_state_display().lower()}
        return "" if self.still(occasion) else _("Overtaken: what it would say no longer holds.")


def _undecided(occasion: Occasion) -> bool:
    return occasion.case.decide_by_at is not None and occasion.at < occasion.case.decide_by_at


def _not_over(occasion: Occasion) -> bool:
    return occasion.case.expires_at is not None and occasion.at < occasion.case.expires_at


def _owes(occasion: Occasion) -> bool:
    return bool(occasion.owed)


def _wants_verifying(occasion: Occasion) -> bool:
    return bool(occasion.unguarded)


def _is_to_review(occasion: Occasion) -> bool:
    return bool(occasion.to_review)


def _is_unused(occasion: Occasion) -> bool:
    return occasion.case.is_unused(occasion.at)


def _has_failed(occasion: Occasion) -> bool:
    failed = occasion.case.safeguards.filter(failed_at__isnull=False)
    return occasion.body.get("safeguard") in failed.values_list("pk", flat=True)


def _still_owner(occasion: Occasion) -> bool:
    owner = occasion.case.owner
    return owner is not None and str(owner.pseudonym) in occasion.body.get("to_owner", ())


def _still_shared(occasion: Occasion) -> bool:
    owner = occasion.case.owner
    return owner is not None and str(owner.pseudonym) in occasion.body.get("owner", ())


TO_REVIEW = (*RELIED_ON, State.SUSPENDED)
askers = who.those(who.requester, who.owner, who.backup)
askers_and_asked = who.those(who.requester, who.owner, who.backup, who.asked)
askers_asked_and_menders = who.those(who.requester, who.owner, who.backup, who.asked, who.stranded)
deciders = who.those(who.deciders)
reviewers = who.those(who.reviewers)
guarded = who.those(who.owner, who.backup, who.verifiers)
told_of_a_review = who.those(who.requester, who.owner, who.backup, who.confirmers_of_less)
removers = who.those(who.requester, who.owner, who.backup, who.confirmers)

MAILS: dict[str, Mail] = {
    "ask_approvers": Mail(deciders, (State.REQUESTED,), letters.ask_approvers, _undecided),
    "remind_at_half_time": Mail(deciders, (State.REQUESTED,), letters.remind_at_half_time, _undecided),
    "escalate": Mail(who.those(who.escalated), (State.REQUESTED,), letters.escalate, _undecided),
    "nudge": Mail(deciders, (State.REQUESTED,), letters.nudge, _undecided),
    "tell_comment": Mail(who.those(who.addressed), tuple(State.values), letters.tell_comment, each=True),
    "ask_to_complete": Mail(who.those(who.owner), (State.DRAFT,), letters.ask_to_complete, _still_shared),
    "ask_backup": Mail(who.those(who.named_backup), LIVE, letters.ask_backup),
    "ask_owner": Mail(who.those(who.offered_owner), LIVE, letters.ask_owner),
    "tell_progress": Mail(askers, (State.REQUESTED,), letters.tell_progress),
    "tell_approved": Mail(askers_and_asked, (State.APPROVED, *RELIED_ON), letters.tell_approved),
    "tell_rejected": Mail(askers_and_asked, (State.REJECTED,), letters.tell_rejected),
    "tell_returned": Mail(askers, (State.DRAFT,), letters.tell_returned),
    "tell_sent_back": Mail(who.those(who.asked), (State.DRAFT,), letters.tell_sent_back),
    "tell_lapsed": Mail(askers_asked_and_menders, (State.CLOSED,), letters.tell_lapsed),
    "tell_withdrawn": Mail(askers_and_asked, (State.WITHDRAWN,), letters.tell_withdrawn),
    "tell_reopened": Mail(askers, (State.REQUESTED,), letters.tell_reopened),
    "tell_activated": Mail(askers, RELIED_ON, letters.tell_activated, _not_over),
    "tell_suspended": Mail(
        who.those(who.requester, who.owner, who.backup, who.resumers), (State.SUSPENDED,), letters.tell_suspended
    ),
    "tell_resumed": Mail(askers, RELIED_ON, letters.tell_resumed, _not_over),
    "tell_owner_changed": Mail(askers, LIVE, letters.tell_owner_changed, _still_owner),
    "tell_ended": Mail(removers, (State.CLOSED,), letters.tell_ended),
    "tell_revoked": Mail(removers, (State.REVOKED,), letters.tell_revoked),
    "ask_review": Mail(reviewers, TO_REVIEW, letters.ask_review, _is_to_review),
    "remind_of_review": Mail(reviewers, RELIED_ON, letters.remind_of_review, _is_to_review),
    "tell_review": Mail(who.those(who.owner, who.backup), TO_REVIEW, letters.tell_review, _is_to_review),
    "tell_reviewed": Mail(told_of_a_review, RELIED_ON, letters.tell_reviewed, _not_over),
    "tell_shortened": Mail(
        who.those(who.requester, who.owner, who.backup, who.control_owner), RELIED_ON, letters.tell_shortened, _not_over
    ),
    "remind_of_safeguards": Mail(guarded, RELIED_ON, letters.remind_of_safeguards, _wants_verifying),
    "tell_safeguard_failed": Mail(
        who.those(who.requester, who.owner, who.backup, who.control_owner, who.verifiers),
        LIVE,
        letters.tell_safeguard_failed,
        _has_failed,
        each=True,
    ),
    "remind_of_disuse": Mail(who.those(who.owner, who.backup), RELIED_ON, letters.remind_of_disuse, _is_unused),
    "remind_of_end": Mail(askers, ACTIVATED, letters.remind_of_end, _not_over),
    "remind_of_removal": Mail(removers, (*ACTIVATED, *ENDED), letters.remind_of_removal, _owes),
}
