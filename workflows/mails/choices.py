"""When each person gets which mail, as they chose; and when their next morning is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from accounts.models import MailChoice, MailKind, MailWhen, User

KINDS = {
    "ask_approvers": MailKind.DECIDE,
    "remind_at_half_time": MailKind.DECIDE,
    "escalate": MailKind.DECIDE,
    "nudge": MailKind.DECIDE,
    "tell_comment": MailKind.OUTCOME,
    "ask_backup": MailKind.BACKUP,
    "ask_owner": MailKind.BACKUP,
    "ask_to_complete": MailKind.BACKUP,
    "tell_progress": MailKind.OUTCOME,
    "tell_approved": MailKind.OUTCOME,
    "tell_rejected": MailKind.OUTCOME,
    "tell_returned": MailKind.OUTCOME,
    "tell_sent_back": MailKind.OUTCOME,
    "tell_lapsed": MailKind.OUTCOME,
    "tell_withdrawn": MailKind.OUTCOME,
    "tell_reopened": MailKind.OUTCOME,
    "tell_activated": MailKind.FORCE,
    "tell_suspended": MailKind.FORCE,
    "tell_resumed": MailKind.FORCE,
    "tell_owner_changed": MailKind.FORCE,
    "remind_of_end": MailKind.FORCE,
    "remind_of_disuse": MailKind.FORCE,
    "remind_of_safeguards": MailKind.FORCE,
    "tell_safeguard_failed": MailKind.FORCE,
    "ask_review": MailKind.REVIEW,
    "remind_of_review": MailKind.REVIEW,
    "tell_review": MailKind.REVIEW,
    "tell_reviewed": MailKind.FORCE,
    "tell_shortened": MailKind.FORCE,
    "tell_ended": MailKind.REMOVAL,
    "tell_revoked": MailKind.REMOVAL,
    "remind_of_removal": MailKind.REMOVAL,
}
"""What each mail is about, by its name in `table.MAILS`."""
MORNING = time(8)


def chosen(people: Iterable[User], mail: str) -> dict[int, str]:
    """When each of these people gets this mail, by key; one query."""
    rows = MailChoice.objects.filter(person__in=people, kind=KINDS[mail])
    return {person.pk: MailWhen.AT_ONCE for person in people} | dict(rows.values_list("person", "when"))


def next_morning(person: User, at: datetime) -> datetime:
    """The next 8:00 in the person's time zone after `at`, in UTC."""
    today = datetime.combine(at.astimezone(person.zone).date(), MORNING, person.zone)
    if today > at:
        return today.astimezone(UTC)
    return datetime.combine(today.date() + timedelta(days=1), MORNING, person.zone).astimezone(UTC)
