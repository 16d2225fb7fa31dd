"""Until when a case may be relied on: kept with its row, recorded as a suspension once that has passed (promise 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from exceptions_app import freshness, reliance
from exceptions_app.models import RELIED_ON, ExceptionCase, Review, Safeguard, Trigger
from exceptions_app.recording import Change
from exceptions_app.services.acting import acting, lock, sweeping
from exceptions_app.services.force import hold_successor, stop_force


@contextmanager
def relying(action: str, *, case: ExceptionCase, actor: User, at: datetime) -> Iterator[tuple[ExceptionCase, Change]]:
    """`acting` on a case whose falling out of force by `at` is on record first: what follows cannot undo it."""
    with acting(action, case=case, actor=actor, at=at) as (row, change):
        record_fall(row, at)
        yield row, change


def record_fall(row: ExceptionCase, at: datetime) -> None:
    """Have the ledger say, before anything else happens to the row, that it fell out of force by `at`, if it did."""
    change = Change(at, None)
    if fall_out(row, change):
        change.touch(row)
        change.write()


def settle(
    row: ExceptionCase,
    change: Change,
    *,
    safeguards: Iterable[Safeguard] | None = None,
    reviews: Iterable[Review] | None = None,
) -> None:
    """Write until when the row may be relied on as these stand, and with it what continues it.

    Where `safeguards` or the unanswered `reviews` are not given, as they are stored. Does nothing to a case that is not
    relied on. The caller holds the row, and says by an event of it what happened.
    """
    if row.state not in RELIED_ON:
        return
    measure(row, change, safeguards=safeguards, reviews=reviews)
    ahead = row.renewals.filter(state__in=RELIED_ON, activated_at__gt=change.at).order_by("pk")
    for key in ahead.values_list("pk", flat=True):
        heir = lock(key)
        heir.renews, before = row, heir.relied_until_at
        settle(heir, change)
        if heir.relied_until_at != before:
            heir.updated_at = change.at
            told = {"relied_until_at": heir.relied_until_at, "because_of": row.reference}
            change.event(heir, "case.reliance_changed", **told)
            change.touch(heir)


def measure(
    row: ExceptionCase,
    change: Change,
    *,
    safeguards: Iterable[Safeguard] | None = None,
    reviews: Iterable[Review] | None = None,
) -> None:
    """The same of the row alone: where what continues it is held anyway."""
    safeguards = row.safeguards.all() if safeguards is None else safeguards
    reviews = unanswered(row) if reviews is None else reviews
    known = min(row.relied_until_at or change.at, change.at)  # whoever relied on it until now was right to
    row.relied_until_at = max(reliance.relied_until(row, safeguards, reviews), known)


def unanswered(row: ExceptionCase) -> list[Review]:
    """The reviews nobody has answered, those to come among them, from rows that may have been fetched with the case."""
    return [review for review in row.reviews.all() if not review.outcome]


def fall_out(row: ExceptionCase, change: Change) -> bool:
    """Record as suspended what can no longer be relied on, from the instant at which that was so; the caller holds it.

    Answers whether that had happened.
    """
    since = row.relied_until_at
    if since is None or not row.has_fallen(change.at):
        return False
    reason = _why(row, since)
    row.suspend(at=since)
    stop_force(row, change)
    change.event(row, "case.suspended", reason=reason, since=since)
    hold_successor(row, change)
    return True


def fall_many(*, keys: Iterable[int], at: datetime) -> list[ExceptionCase]:
    """Suspend cases that fell out of force before their end; answers them."""
    with sweeping(keys, at, parents=("renews",), parts=("periods", "safeguards", "reviews")) as (rows, change):
        return [row for row in rows if fall_out(row, change)]


def fall(*, case: ExceptionCase, at: datetime) -> bool:
    """Suspend one case that fell out of force; answers whether it had."""
    return bool(fall_many(keys=[case.pk], at=at))


def _why(row: ExceptionCase, since: datetime) -> str:
    lacking = [_lacks(one) for one in row.safeguards.all() if freshness.counts_until(one, row) <= since]
    missed = [_missed(one) for one in unanswered(row) if one.falls_at <= since]
    if not lacking and not missed:
        return _("%(ref)s did not last to the handover.") % {"ref": row.renews}
    return " ".join([*lacking, *missed])


def _lacks(safeguard: Safeguard) -> str:
    said = {"safeguard": safeguard.description}
    if safeguard.failed_at is not None:
        return _("A safeguard failed and was not mended in time: %(safeguard)s") % said
    return _("A safeguard was not verified in time: %(safeguard)s") % said


def _missed(review: Review) -> str:
    if review.trigger == Trigger.CADENCE:
        return _("Nobody reviewed it in time.")
    return _("Nobody reviewed it in time after this: %(what)s.") % {"what": review.get_trigger_display()}
