"""Mondays that have come: whoever answers for exceptions, or leads a team, gets an event, and the event one mail.

A weekly is a row, unique per person and Monday, written with its event: however often the clock sweeps, it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import MailChoice, MailKind, MailWhen, User
from accounts.zones import every_zone
from audit import services as ledger
from audit.actors import CLOCK
from exceptions_app.queries.weekly import answering
from workflows.mails.choices import MORNING
from workflows.models import LastRun, Weekly

DUE = "weekly.due"
SWEEP = "sweep_reminders"
"""Mondays are raised that came since it last came to its end; before it ever did, none."""
BATCH = 500
WEEK = timedelta(days=7)


def raise_due(*, at: datetime) -> int:
    """Raise the week of everyone whose Monday, 8:00, has come by `at` (UTC); answers how many.

    Asks for people only in the minute in which it comes somewhere. After an outage the latest Monday is the only one.
    """
    last = LastRun.objects.filter(name=SWEEP).first()
    come = [name for name in every_zone() if last is not None and last.at < monday(ZoneInfo(name), at) <= at]
    if not come:
        return 0
    unwanted = MailChoice.objects.filter(kind=MailKind.WEEKLY, when=MailWhen.NONE)
    people = User.objects.active().filter(answering(), time_zone__in=come).exclude(pk__in=unwanted.values("person"))
    keys = list(people.order_by("pk").values_list("pk", flat=True))
    return sum(_raise(keys[start : start + BATCH], at) for start in range(0, len(keys), BATCH))


def monday(zone: ZoneInfo, at: datetime) -> datetime:
    """The latest Monday's 8:00 in the zone by `at`, in UTC."""
    today = at.astimezone(zone).date()
    this, before = (_eight(today - timedelta(days=today.weekday()) - back, zone) for back in (timedelta(), WEEK))
    return this if this <= at else before


@transaction.atomic
def _raise(keys: Sequence[int], at: datetime) -> int:
    """For those of these people who have none of their Monday yet; whoever sweeps beside waits and finds them."""
    people = list(User.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    mondays = {person: monday(person.zone, at).astimezone(person.zone).date() for person in people}
    known = set(Weekly.objects.filter(person__in=people).values_list("person", "monday_on"))
    new = [person for person in people if (person.pk, mondays[person]) not in known]
    Weekly.objects.bulk_create(Weekly(person=one, monday_on=mondays[one], raised_at=at) for one in new)
    ledger.record_many([_entry(person, mondays[person], at) for person in new])
    return len(new)


def _entry(person: User, monday_on: date, at: datetime) -> ledger.Entry:
    body = {"person": person.pseudonym, "monday_on": monday_on}
    stream = f"workflows/weeklies/{person.pseudonym}"
    return ledger.Entry(stream=stream, kind=DUE, actor=CLOCK, at=at, body=body)


def _eight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)
