"""The finite-state machine of DESIGN §3: which state may become which, and nothing else.

Each transition is callable only while `exceptions_app.services` holds the door open; called from elsewhere it raises.
What must hold besides the source state (people, completeness, the clock) is checked by the service that calls it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from exceptions_app import door
from exceptions_app.models.choices import ACTIVATED, EndReason, State

WARNING_DAYS = 14
WARNING_SHARE = 5
UNUSED_SHARE = 3
"""Of the term: nobody having used it for so long, its owner is asked whether it is needed."""
LEAD_AFTER, FALLBACK_AFTER = Fraction(3, 4), Fraction(7, 8)
"""Of a step's time: from then on its lead may decide as well, and then the fallback group."""


class Lifecycle(models.Model):
    """The state, the instants at which it moved (UTC), and the transitions between states."""

    state = FSMField(default=State.DRAFT, choices=State.choices, protected=True, db_index=True)
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    step_began_at = models.DateTimeField(null=True, blank=True)
    lead_from_at = models.DateTimeField(null=True, blank=True)
    fallback_from_at = models.DateTimeField(null=True, blank=True)
    decide_by_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_cases"
    )
    taken_until_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    latest_end_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_start_at = models.DateTimeField(null=True, blank=True)
    approved_term_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    activate_by_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    warn_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    relied_until_at = models.DateTimeField(null=True, blank=True)
    unused_from_at = models.DateTimeField(null=True, blank=True)
    let_end_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @transition(field=state, source=State.DRAFT, target=State.REQUESTED)
    def submit(self, *, at: datetime, within: timedelta, latest_end_at: datetime) -> None:
        """The first step has so long to decide."""
        door.check("submit")
        self.submitted_at = at
        self.latest_end_at = latest_end_at
        self.begin_step(at=at, within=within)

    @transition(field=state, source=State.REQUESTED, target=State.DRAFT)
    def return_for_changes(self) -> None:
        door.check("return_for_changes")
        self.submitted_at = self.latest_end_at = None
        self._stop_deciding()

    @transition(field=state, source=[State.DRAFT, State.REQUESTED, State.APPROVED], target=State.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        door.check("withdraw")
        self.ended_at = at

    @transition(field=state, source=State.REQUESTED, target=State.APPROVED)
    def approve(self, *, at: datetime, term: timedelta, activate_by_at: datetime) -> None:
        door.check("approve")
        self.let_go()
        self.approved_at = at
        self.approved_term_seconds = int(term.total_seconds())
        self.activate_by_at = activate_by_at

    @transition(field=state, source=State.APPROVED, target=State.REQUESTED)
    def reopen(self, *, at: datetime, within: timedelta) -> None:
        """The step that is asked again has so long to decide."""
        door.check("reopen")
        self.approved_at = self.approved_term_seconds = self.activate_by_at = self.approved_start_at = None
        self.begin_step(at=at, within=within)

    @transition(field=state, source=State.REQUESTED, target=State.REJECTED)
    def reject(self, *, at: datetime) -> None:
        door.check("reject")
        self.ended_at = at

    @transition(field=state, source=[State.REQUESTED, State.APPROVED], target=State.CLOSED)
    def lapse(self, *, at: datetime) -> None:
        door.check("lapse")
        self._close(EndReason.LAPSED, at)

    @transition(field=state, source=State.APPROVED, target=State.ACTIVE)
    def activate(self, *, from_at: datetime, until_at: datetime) -> None:
        door.check("activate")
        self._enter_force(from_at, until_at)

    @transition(field=state, source=State.DRAFT, target=State.ACTIVE)
    def invoke(self, *, from_at: datetime, until_at: datetime) -> None:
        """Break-glass: in force at once, judged afterwards."""
        door.check("invoke")
        self._enter_force(from_at, until_at)

    @transition(field=state, source=State.ACTIVE, target=State.EXPIRING)
    def warn(self, *, at: datetime) -> None:
        door.check("warn")
        self.warned_at = at

    @transition(field=state, source=[State.ACTIVE, State.EXPIRING], target=State.SUSPENDED)
    def suspend(self, *, at: datetime) -> None:
        door.check("suspend")
        self.suspended_at = at

    @transition(field=state, source=State.SUSPENDED, target=State.ACTIVE)
    def resume(self, *, until_at: datetime) -> None:
        """The end may have moved earlier, never later."""
        door.check("resume")
        self.suspended_at = None
        self.warned_at = None
        self._end(until_at)

    @transition(field=state, source=list(ACTIVATED), target=State.CLOSED)
    def expire(self, *, at: datetime) -> None:
        door.check("expire")
        self._close(EndReason.EXPIRED, at)

    @transition(field=state, source=list(ACTIVATED), target=State.CLOSED)
    def complete(self, *, at: datetime) -> None:
        door.check("complete")
        self._close(EndReason.COMPLETED, at)

    @transition(field=state, source=[State.ACTIVE, State.EXPIRING], target=State.CLOSED)
    def supersede(self, *, at: datetime) -> None:
        door.check("supersede")
        self._close(EndReason.SUPERSEDED, at)

    @transition(field=state, source=[State.APPROVED, *ACTIVATED], target=State.REVOKED)
    def revoke(self, *, at: datetime) -> None:
        door.check("revoke")
        self.ended_at = at

    def shorten(self, *, until_at: datetime) -> None:
        """The end moves earlier, never later; the state stays."""
        door.check("shorten")
        if self.expires_at is None or until_at >= self.expires_at:
            raise ValueError("what is shortened ends sooner than before")
        known = self.relied_until_at or until_at
        if self.unused_from_at is not None:
            self.unused_from_at -= (self.expires_at - until_at) / UNUSED_SHARE
        self._end(until_at)
        self.relied_until_at = min(known, until_at)

    def note_use(self, used_at: datetime) -> None:
        """It was used then: it counts as unused a third of its term later."""
        door.check("note_use")
        if self.activated_at is None or self.expires_at is None:
            raise ValueError("what is used has been activated")
        unused_from_at = used_at + (self.expires_at - self.activated_at) / UNUSED_SHARE
        self.unused_from_at = max(filter(None, [self.unused_from_at, unused_from_at]))

    def begin_step(self, *, at: datetime, within: timedelta) -> None:
        """From `at` it is this step's turn. Nothing is decided past the latest end."""
        door.check("begin_step")
        self._stop_deciding()
        self.step_began_at = at
        self.decide_by_at = min(at + within, self.latest_end_at or at)
        given = self.decide_by_at - at
        self.lead_from_at = at + _share(given, LEAD_AFTER)
        self.fallback_from_at = at + _share(given, FALLBACK_AFTER)

    def let_go(self) -> None:
        """Nobody has taken it any more."""
        door.check("let_go")
        self.taken_by = self.taken_until_at = None

    def _stop_deciding(self) -> None:
        self.step_began_at = self.lead_from_at = self.fallback_from_at = self.decide_by_at = None
        self.let_go()

    def _enter_force(self, from_at: datetime, until_at: datetime) -> None:
        self.activated_at = from_at
        self._end(until_at)
        self.note_use(from_at)

    def _end(self, until_at: datetime) -> None:
        """Fix the end, and with it the warning: 14 days before, at most a fifth of the term."""
        self.expires_at = self.relied_until_at = until_at
        term = until_at - (self.activated_at or until_at)
        self.warn_at = until_at - min(timedelta(days=WARNING_DAYS), term / WARNING_SHARE)

    def _close(self, reason: EndReason, at: datetime) -> None:
        self.end_reason = reason
        self.ended_at = at


def _share(time: timedelta, of: Fraction) -> timedelta:
    return time * of.numerator / of.denominator
