"""Automatic checks of safeguards: set up by someone who does not gain, and what they find.

Each finding is kept on the check; the safeguard, and with it the ledger, changes only where that matters: when it
begins to fail, when it works again, and while half of its time is left (freshness.BY_CHECK).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app import door, freshness, judges
from exceptions_app.freshness import BY_CHECK
from exceptions_app.laws import LAWS
from exceptions_app.models import ExceptionCase, Heartbeat, Safeguard, VerifiedHow, Watch
from exceptions_app.recording import Change
from exceptions_app.services.acting import acting, lock
from exceptions_app.services.relying import record_fall
from exceptions_app.services.safeguards import find_failing, find_working, hold, told_of, write_and_go_on
from exceptions_app.sources import can_decide
from outgoing import signing

STATUSES = range(100, 600)
PROBE_FAILURES = 3
"""So many probes fail in a row before the safeguard does: one that was lost on its way proves nothing."""
TOLERANCE = timedelta(minutes=5)
"""By which a heartbeat's own time may differ from ours, either way (Standard Webhooks)."""
KEPT = 3 * TOLERANCE


def watch_by_probe(
    *, safeguard: Safeguard, actor: User, at: datetime, url: str, status: int, pointer: str = "", expected: str = ""
) -> Watch:
    """Have the address asked again and again; it stands for the safeguard from its first success on.

    Raises NotAllowed for anyone who gains, NotPossible, and Stale if the safeguard says something else by now.
    """
    _demand_askable(status, pointer, expected)
    told = {"url": _without_query(url), "status": status, "pointer": pointer, "expected": expected}
    asked = {"url": url, "expected_status": status, "pointer": pointer, "expected": expected, "next_at": at}
    return _set_up(safeguard, actor, at, VerifiedHow.PROBE, told, asked)


def watch_by_heartbeat(*, safeguard: Safeguard, actor: User, at: datetime) -> Watch:
    """Have the safeguard's own system say that it works; answers the check with its new secret. Raises as above."""
    return _set_up(safeguard, actor, at, VerifiedHow.HEARTBEAT, {}, {"secret": signing.new_secret()})


def stop_watching(*, safeguard: Safeguard, actor: User, at: datetime) -> None:
    """End the automatic check; what it found last holds as long as it says."""
    with acting("watch", case=safeguard.case, actor=actor, at=at) as (row, change):
        held = hold(row, safeguard)
        if not Watch.objects.filter(safeguard=held).exists():
            raise NotPossible(_("Nothing checks this safeguard by itself."))
        _forget(held)
        change.event(row, "safeguard.unwatched", safeguard=held.pk, description=held.description)


def note(*, watch: Watch, at: datetime, problem: str = "") -> None:
    """Take note of what a check found: that it works, or the problem as a sentence."""
    with _held(watch) as (held, row):
        if held is not None:
            _note(held, row, at, problem)


def hear(*, watch: Watch, message_id: str, at: datetime, problem: str = "") -> bool:
    """Take note of a heartbeat whose signature and time are right; answers False for one that was heard before.

    Also for one of a check that ended.
    """
    with _held(watch) as (held, row):
        if held is None:
            return False
        held.heartbeats.filter(received_at__lt=at - KEPT).delete()
        if held.heartbeats.filter(message_id=message_id).exists():
            return False
        Heartbeat.objects.create(watch=held, message_id=message_id, received_at=at)
        _note(held, row, at, problem)
    return True


@contextmanager
def _held(watch: Watch) -> Iterator[tuple[Watch | None, ExceptionCase]]:
    """The check as it stands, and its case, both held; None for one that has ended."""
    with transaction.atomic(), door.opened():
        row = lock(watch.safeguard.case_id)
        found = Watch.objects.select_for_update(of=("self",)).select_related("set_by").filter(pk=watch.pk)
        yield found.first(), row


def _demand_askable(status: int, pointer: str, expected: str) -> None:
    wrong = {
        "status": "" if status in STATUSES else _("A status is a number from 100 to 599."),
        "pointer": _("A JSON Pointer begins with “/”.") if pointer and not pointer.startswith("/") else "",
        "expected": _("Say which value is expected there.") if pointer and not expected else "",
    }
    if expected and not pointer:
        wrong["pointer"] = _("Say where in its JSON this value stands.")
    found = {name: [sentence] for name, sentence in wrong.items() if sentence}
    if found:
        raise NotPossible(" ".join(sentence for [sentence] in found.values()), fields=found)


def _set_up(
    safeguard: Safeguard, actor: User, at: datetime, how: VerifiedHow, told: dict[str, Any], asked: dict[str, Any]
) -> Watch:
    with acting("watch", case=safeguard.case, actor=actor, at=at) as (row, change):
        held = hold(row, safeguard)
        _forget(held)
        watch = Watch.objects.create(safeguard=held, how=how, set_by=actor, set_at=at, **asked)
        change.event(row, "safeguard.watched", safeguard=held.pk, description=held.description, how=how.value, **told)
    return watch


def _forget(safeguard: Safeguard) -> None:
    Heartbeat.objects.filter(watch__safeguard=safeguard).delete()
    Watch.objects.filter(safeguard=safeguard).delete()


def _note(watch: Watch, row: ExceptionCase, at: datetime, problem: str) -> None:
    counts = can_decide(watch.set_by) and watch.set_by_id not in judges.barred_ids(row, at)
    if not counts:
        problem = _("Whoever set up this check gains from the exception by now, or has left. Somebody else sets it up.")
    watch.heard_at, watch.problem = at, problem[:500]
    watch.failures = watch.failures + 1 if problem else 0
    watch.worked_at = watch.worked_at if problem else at
    watch.save(update_fields=["heard_at", "worked_at", "problem", "failures"])
    if not counts or row.standing_at(at)[0] not in LAWS["watch"].states:
        return
    safeguard = row.safeguards.select_for_update(of=("self",)).get(pk=watch.safeguard_id)
    record_fall(row, at)
    if problem:
        _fails(safeguard, watch, row, at)
    else:
        _works(safeguard, watch, row, at)


def _fails(safeguard: Safeguard, watch: Watch, row: ExceptionCase, at: datetime) -> None:
    enough = 1 if watch.how == VerifiedHow.HEARTBEAT else PROBE_FAILURES
    if safeguard.failed_at is not None or watch.failures < enough:
        return
    change = Change(at, None)
    find_failing(safeguard, row, change, how=watch.how, why=watch.problem)
    write_and_go_on(row, change)


def _works(safeguard: Safeguard, watch: Watch, row: ExceptionCase, at: datetime) -> None:
    """A person's word that it fails is not taken back by a machine."""
    if safeguard.failed_at is not None and safeguard.failed_how != watch.how:
        return
    if not _tells_more(safeguard, watch, row, at):
        return
    change = Change(at, None)
    safeguard.statement, safeguard.evidence = _statement(watch), None
    find_working(safeguard, row, change, by=watch.set_by, how=watch.how)
    change.event(row, "safeguard.checked", **told_of(safeguard, row), how=watch.how)
    write_and_go_on(row, change)


def _tells_more(safeguard: Safeguard, watch: Watch, row: ExceptionCase, at: datetime) -> bool:
    """Whether this success is worth an event: it stands in for something else, or half the last one's time is over."""
    is_another = safeguard.verified_how != watch.how or safeguard.verified_by_id != watch.set_by_id
    if is_another or safeguard.failed_at is not None or safeguard.fresh_until_at is None:
        return True
    return safeguard.fresh_until_at - at < BY_CHECK[freshness.tier_of(row)] / 2


def _statement(watch: Watch) -> str:
    if watch.how == VerifiedHow.HEARTBEAT:
        return _("Its own system says that it works.")
    return _("%(host)s answered as expected.") % {"host": urlsplit(watch.url).hostname or ""}


def _without_query(url: str) -> str:
    """What may be shown of it: keys stand in queries."""
    return urlsplit(url)._replace(query="", fragment="").geturl()
