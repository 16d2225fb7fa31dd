"""What a person is to a case at an instant: the questions the law is made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import rules

from accounts import rules as person_rules
from accounts.models import GroupMembership, User
from exceptions_app import judges, terms
from exceptions_app.models import ExceptionCase, Outcome, RemovalState

NUDGE_EVERY = timedelta(days=1)


class Matter(NamedTuple):
    """What is asked about: a case, and the instant (UTC) the answer is for."""

    case: ExceptionCase
    at: datetime


@rules.predicate
def is_requester(user: User, of: Matter) -> bool:
    return of.case.requester_id == user.pk


@rules.predicate
def is_owner(user: User, of: Matter) -> bool:
    return of.case.owner_id == user.pk


@rules.predicate
def is_backup(user: User, of: Matter) -> bool:
    return of.case.backup_owner_id == user.pk and of.case.backup_accepted_at is not None


@rules.predicate
def is_asked_as_backup(user: User, of: Matter) -> bool:
    return of.case.backup_owner_id == user.pk and of.case.backup_accepted_at is None


@rules.predicate
def is_asked_to_own(user: User, of: Matter) -> bool:
    return of.case.ownership_offers.filter(to=user, answered_at__isnull=True).exists()


@rules.predicate
def is_editor(user: User, of: Matter) -> bool:
    return of.case.editors.filter(person=user).exists()


@rules.predicate
def is_claimed(user: User, of: Matter) -> bool:
    """Somebody answers for it. What was imported has nobody until a person claims it."""
    return of.case.requester_id is not None


@rules.predicate
def is_control_owner(user: User, of: Matter) -> bool:
    return of.case.control is not None and of.case.control.owner_id == user.pk


@rules.predicate
def is_system_owner(user: User, of: Matter) -> bool:
    return of.case.grants.filter(system__owner=user).exists()


@rules.predicate
def is_programme_manager(user: User, of: Matter) -> bool:
    return user.is_programme_manager


@rules.predicate
def is_approver(user: User, of: Matter) -> bool:
    """Is asked by a step of the standing route, or belongs to the control's approver group."""
    if of.case.control is not None:
        members = GroupMembership.objects.filter(member=user, group=of.case.control.approver_group_id)
        if members.exists():
            return True
    return judges.is_asked(user, of.case, of.at)


@rules.predicate
def has_seat(user: User, of: Matter) -> bool:
    return bool(judges.seats(user, of.case, of.at))


@rules.predicate
def does_not_gain(user: User, of: Matter) -> bool:
    return user.pk not in judges.gaining_ids(of.case, of.at)


@rules.predicate
def has_not_stepped_aside(user: User, of: Matter) -> bool:
    return not judges.has_stepped_aside(user, of.case)


@rules.predicate
def changes_things(user: User, of: Matter) -> bool:
    return person_rules.changes_things(user)


@rules.predicate
def names_another_owner(user: User, of: Matter) -> bool:
    return of.case.owner is not None and of.case.owner_id != user.pk


@rules.predicate
def reviews_it(user: User, of: Matter) -> bool:
    """Is among those an open review asks."""
    return any(user == sitter.user for sitter in judges.reviewers(of.case, of.at))


@rules.predicate
def is_up_for_review(user: User, of: Matter) -> bool:
    return of.case.reviews.open(of.at).exists()


@rules.predicate
def owes_removal(user: User, of: Matter) -> bool:
    return of.case.grants.filter(removal_state=RemovalState.OWED).exists()


@rules.predicate
def has_no_live_renewal(user: User, of: Matter) -> bool:
    return not of.case.renewals.live().exists()


@rules.predicate
def is_not_let_end(user: User, of: Matter) -> bool:
    return of.case.let_end_at is None


@rules.predicate
def was_not_renewed(user: User, of: Matter) -> bool:
    """No renewal of it was ever in force: that one is the end of the chain, and gone on from."""
    return not of.case.renewals.filter(activated_at__isnull=False).exists()


@rules.predicate
def has_been_activated(user: User, of: Matter) -> bool:
    return of.case.activated_at is not None


@rules.predicate
def is_near_its_end(user: User, of: Matter) -> bool:
    """It is over or soon will be, or a review has asked for its renewal."""
    ends_at = of.case.expires_at
    if ends_at is None or of.at >= ends_at - timedelta(days=terms.RENEWED_DAYS):
        return True
    return of.case.reviews.filter(outcome=Outcome.RENEW).exists()


@rules.predicate
def owns_its_identity(user: User, of: Matter) -> bool:
    return of.case.identity is not None and of.case.identity.owner_id == user.pk


@rules.predicate
def is_not_taken(user: User, of: Matter) -> bool:
    """Nobody else is at it."""
    return of.case.taken_by_id == user.pk or not of.case.is_taken(of.at)


@rules.predicate
def has_taken(user: User, of: Matter) -> bool:
    return of.case.taken_by_id == user.pk and of.case.is_taken(of.at)


@rules.predicate
def may_nudge_again(user: User, of: Matter) -> bool:
    return of.case.nudged_at is None or of.at - of.case.nudged_at >= NUDGE_EVERY


@rules.predicate
def sees(user: User, of: Matter) -> bool:
    return ExceptionCase.objects.visible_to(user, of.at).filter(pk=of.case.pk).exists()


asks = is_requester | is_owner
judges_it = is_approver | is_control_owner
witnesses = judges_it | is_system_owner
