"""Who owns a case next when its owner leaves, and what becomes of it (promise 15).

Told before it happens and done when it does, by the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import changes_things
from exceptions_app import judges, triggers
from exceptions_app.models import ACTIVATED, RELIED_ON, ExceptionCase, Response, State, Trigger

GONE = Q(owner__is_active=False) | Q(owner__is_auditor=True)
"""Of rows that name an owner: who can answer for nothing, since the account is closed or only reads."""
PARENTS = ("owner__manager", "backup_owner")
"""What cases come with, so that asking about many of them takes no query for each."""


class Hindrance(TextChoices):
    """Why somebody cannot own a case. Of several reasons the first is told."""

    CLOSED = "closed", _("the account is closed")
    AUDITOR = "auditor", _("auditors own nothing")
    UNANSWERED = "unanswered", _("never accepted to be its backup owner")
    JUDGED = "judged", _("approved it, verified a safeguard or reviewed it")


class Fate(TextChoices):
    """What becomes of a case whose owner or backup owner changes or leaves."""

    KEPT = "kept", _("Goes on as it is")
    ASKED_AGAIN = "asked_again", _("Approvers are asked again")
    JUDGED_AGAIN = "judged_again", _("Somebody else has to judge what its new owner judged")
    REVIEWED = "reviewed", _("A review opens")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")
    LEFT = "left", _("Stays as it is, without an owner")


@dataclass(frozen=True)
class Succession:
    """Who owns a case once its owner has left; `heir` None where nobody does. `passed_over` says why not others."""

    case: ExceptionCase
    heir: User | None
    passed_over: Sequence[tuple[User, Hindrance]]
    fate: Fate

    @property
    def is_backup(self) -> bool:
        """Whether the one who takes over is its backup owner."""
        accepted = self.case.backup_accepted_at is not None
        return accepted and self.heir is not None and self.heir.pk == self.case.backup_owner_id


def has_owner(case: ExceptionCase) -> bool:
    """Whether somebody answers for it: its owner has not left, and does not audit now."""
    return case.owner is not None and changes_things(case.owner)


def succession(case: ExceptionCase, at: datetime) -> Succession:
    """Who owns the case once its owner has left at `at` (UTC), and what becomes of it."""
    return successions([case], at)[0]


def successions(cases: Sequence[ExceptionCase], at: datetime) -> list[Succession]:
    """`succession` of each of the cases, which come with `PARENTS`; three queries."""
    judged = judges.judged_by(cases)
    return [_succession(case, judged[case.pk], at) for case in cases]


def may_own(person: User, case: ExceptionCase) -> bool:
    """Whether the person may come to own the case; that they take it on is theirs to say."""
    return hindrance(person, case, judges.judged_by([case])[case.pk]) is None


def hindrance(person: User, case: ExceptionCase, judged: Collection[int]) -> Hindrance | None:
    """Why the person cannot own the case, which rests on those `judged` it, by key.

    Once it rests on someone's judgement they do not come to gain from it (promise 4).
    """
    if not person.is_active:
        return Hindrance.CLOSED
    if person.is_auditor:
        return Hindrance.AUDITOR
    return Hindrance.JUDGED if case.state in ACTIVATED and person.pk in judged else None


def on_change(case: ExceptionCase, at: datetime, *, comes_to_gain: bool = False) -> Fate:
    """What becomes of a live case whose owner or backup owner changes at `at` (UTC), while somebody owns it.

    Where its new owner judged it and it has not started, that judgement counts no more.
    """
    state, does = _state(case, at), triggers.responses(case)[Trigger.OWNER_CHANGED]
    if state == State.REQUESTED:
        return Fate.ASKED_AGAIN
    if does == Response.NOTHING:
        return Fate.JUDGED_AGAIN if comes_to_gain and state == State.APPROVED else Fate.KEPT
    if does == Response.END:
        return Fate.ENDED
    if state == State.APPROVED:
        return Fate.ASKED_AGAIN
    return Fate.SUSPENDED if does == Response.SUSPEND and state in RELIED_ON else Fate.REVIEWED


def _succession(case: ExceptionCase, judged: Collection[int], at: datetime) -> Succession:
    passed_over: list[tuple[User, Hindrance]] = []
    for person, why_not in _line(case, judged):
        if why_not is None:
            return Succession(case, person, passed_over, on_change(case, at, comes_to_gain=person.pk in judged))
        passed_over.append((person, why_not))
    return Succession(case, None, passed_over, _with_nobody(case, at))


def _line(case: ExceptionCase, judged: Collection[int]) -> Iterator[tuple[User, Hindrance | None]]:
    """Who comes after the owner, in order, and why each cannot: the accepted backup owner, then the owner's manager."""
    backup, manager = case.backup_owner, case.owner.manager if case.owner else None
    if backup is not None and (case.backup_accepted_at or backup != manager):
        why_not = hindrance(backup, case, judged)
        yield backup, why_not or (None if case.backup_accepted_at else Hindrance.UNANSWERED)
    if manager is not None and not (case.backup_accepted_at and backup == manager):
        yield manager, hindrance(manager, case, judged)


def _with_nobody(case: ExceptionCase, at: datetime) -> Fate:
    """It does what it says it does then, and is out of force."""
    state, does = _state(case, at), triggers.responses(case)[Trigger.OWNER_CHANGED]
    if does == Response.END and state in {State.APPROVED, *ACTIVATED}:
        return Fate.ENDED
    return Fate.SUSPENDED if state in RELIED_ON else Fate.LEFT


def _state(case: ExceptionCase, at: datetime) -> str:
    return case.standing_at(at)[0]
