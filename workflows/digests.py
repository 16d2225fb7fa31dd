"""Mornings that have come: whoever has mails waiting for one gets an event, and the event one mail.

A digest is a row, unique per person and morning, written with its event: however often the clock sweeps, it is one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit import services as ledger
from audit.actors import CLOCK
from workflows.mails.choices import next_morning
from workflows.models import Digest, Notice

DUE = "digest.due"


def raise_due(*, at: datetime) -> int:
    """Raise the digest of everyone whose morning has come by `at` (UTC); answers how many.

    After an outage the mornings missed are one.
    """
    waiting = Notice.objects.waiting().filter(digest_at__lte=at).order_by()
    mornings = dict(waiting.values_list("person").annotate(latest=Max("digest_at")))
    people = User.objects.in_bulk(mornings)
    return sum(_raise(people[key], due_at, at) for key, due_at in mornings.items())


@transaction.atomic
def _raise(person: User, due_at: datetime, at: datetime) -> bool:
    digest, is_new = Digest.objects.get_or_create(person=person, due_at=due_at, defaults={"raised_at": at})
    late = Notice.objects.waiting().filter(person=person, digest_at__lte=due_at)
    if digest.settled_at is not None:
        late.update(digest_at=next_morning(person, at))  # it began to wait while the mail was on its way
        return False
    late.update(digest_at=due_at)
    if is_new:
        body = {"person": person.pseudonym, "due_at": due_at}
        ledger.record(stream=f"workflows/digests/{person.pseudonym}", kind=DUE, actor=CLOCK, at=at, body=body)
    return is_new
