"""Ends that people bring about, the pause before one, and the proof that access is gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from catalog.models import CredentialForm
from exceptions_app import judges, resuming
from exceptions_app.models import (
    ACTIVATED,
    Evidence,
    ExceptionCase,
    Grant,
    Outcome,
    Period,
    RemovalHow,
    RemovalState,
)
from exceptions_app.services.acting import acting, demand, hold_identities, lock
from exceptions_app.services.force import close_force, hold_successor, revoke_now, suspend_now
from exceptions_app.services.relying import relying, settle
from exceptions_app.services.scheduling import answer, begin_reviews, demand_seen

REMOVALS: dict[str, tuple[RemovalHow, ...]] = {
    CredentialForm.LONG_LIVED_SECRET: (RemovalHow.SECRET_ROTATED,),
    CredentialForm.JIT_CREDENTIAL: (RemovalHow.CREDENTIAL_ENDED,),
    CredentialForm.WORKLOAD_IDENTITY_TOKEN: (RemovalHow.TRUST_REMOVED,),
    CredentialForm.CERTIFICATE: (RemovalHow.CERTIFICATE_REVOKED,),
    CredentialForm.NONE: (RemovalHow.PERMISSION_REMOVED,),
}
"""What counts as removed for a credential form (DESIGN, promise 13)."""


def complete(*, case: ExceptionCase, actor: User, at: datetime, reason: str) -> ExceptionCase:
    """The need is over early: end now. Raises NotAllowed, NotPossible."""
    reason = demand(reason, _("Say why it is no longer needed."))
    with acting("complete", case=case, actor=actor, at=at) as (row, change):
        row.complete(at=at)
        owed = close_force(row, change)
        change.event(row, "case.completed", reason=reason, removal_owed=owed)
        hold_successor(row, change)
    return row


def revoke(*, case: ExceptionCase, actor: User, at: datetime, reason: str) -> ExceptionCase:
    """Take the exception away at once. Raises NotAllowed, NotPossible."""
    reason = demand(reason, _("Say why this is revoked; the owner reads it."))
    with acting("revoke", case=case, actor=actor, at=at) as (row, change):
        revoke_now(row, change, reason)
    return row


def let_end(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """Put on record that its need ends with it, so that nobody is asked to renew it; a renewal may still be asked for.

    Its end stays where it is. Raises NotAllowed, NotPossible.
    """
    with acting("let_end", case=case, actor=actor, at=at) as (row, change):
        row.let_end_at = at
        change.event(row, "case.let_end", taken_back=False, expires_at=row.expires_at)
    return row


def suspend(*, case: ExceptionCase, actor: User, at: datetime, reason: str) -> ExceptionCase:
    """Take the exception out of force until someone revalidates it; its end stays where it is."""
    reason = demand(reason, _("Say why this is suspended; whoever resumes it has to answer that."))
    with acting("suspend", case=case, actor=actor, at=at) as (row, change):
        suspend_now(row, change, reason)
    return row


def resume(
    *, case: ExceptionCase, actor: User, at: datetime, statement: str, seen: Collection[int] = ()
) -> ExceptionCase:
    """Back in force until the same end at most, after revalidation by someone who does not gain.

    That is a review too: it answers the open ones, of which `seen` are the keys the person was shown. Raises Stale
    where another has opened since.
    """
    statement = demand(statement, _("Say what you checked and why it may be relied on again."))
    with relying("resume", case=case, actor=actor, at=at) as (row, change):
        from_at, until_at = _rest(row, at)
        reviews = demand_seen(row, seen, at)
        looks = any(sitter.user == actor for sitter in judges.reviewers(row, at))
        row.resume(until_at=until_at)
        if looks:  # for anyone else, none is open and its turn stays what it was
            answer(reviews, change, by=actor, outcome=Outcome.KEEP, statement=statement)
            reviews = begin_reviews(row, change, from_at)
        settle(row, change, reviews=reviews)
        change.add(Period(case=row, from_at=from_at, until_at=until_at))
        told = {"from_at": from_at, "until_at": until_at, "relied_until_at": row.relied_until_at}
        change.event(row, "case.resumed", statement=statement, **told)
    return row


def confirm_removal(
    *, grant: Grant, actor: User, at: datetime, how: str, note: str = "", evidence: Evidence | None = None
) -> Grant:
    """Confirm that what the grant opened is gone, in the sense of the case's credential form (promise 13)."""
    with acting("confirm_removal", case=grant.case, actor=actor, at=at) as (row, change):
        held = row.grants.select_for_update(of=("self",)).get(pk=grant.pk)
        if held.removal_state != RemovalState.OWED:
            raise NotPossible(_("This grant does not wait for a confirmation."))
        partly = held.taken is not None and held.opens is not None
        if how not in removals(row, held):
            raise NotPossible(_("Say how access was removed, as this kind of credential demands."), fields={"how": []})
        if evidence is not None and evidence.case_id != row.pk:
            raise NotPossible(_("The evidence belongs to another exception."))
        if partly and row.state in ACTIVATED:
            held.removal_state, held.removal_owed_at, held.taken = RemovalState.NOT_OWED, None, None
        else:
            held.removal_state = RemovalState.CONFIRMED
            held.removal_how, held.removal_note, held.removal_evidence = how, note.strip(), evidence
            held.removal_confirmed_by, held.removal_confirmed_at = actor, at
        change.touch(held)
        told = {"grant": held.pk, "resource": held.resource, "how": how, "note": note.strip(), "partly": partly}
        change.event(row, "removal.confirmed", **told, evidence=evidence.title if evidence else "")
    return held


def removals(case: ExceptionCase, grant: Grant) -> tuple[RemovalHow, ...]:
    """What counts as proof that what this grant opened is gone; part of it goes without the credential."""
    found = REMOVALS.get(case.credential_form, ())
    if grant.taken is None or RemovalHow.PERMISSION_REMOVED in found:
        return found
    return (RemovalHow.PERMISSION_REMOVED, *found)


def _rest(row: ExceptionCase, at: datetime) -> tuple[datetime, datetime]:
    """From when until when it may be relied on again. Raises NotPossible with what stands before that.

    Holds what it renews and its identity, whose time in force others may be using up.
    """
    if row.renews is not None:
        row.renews = lock(row.renews.pk)
    hold_identities([row])
    found = resuming.obstacle(row, at)
    if found:
        raise NotPossible(found.sentence)
    return resuming.rest(row, at)
