"""One effect becomes one mail a person: each is checked just before it goes, and remembered just after."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import MailWhen, User
from workflows.mails import choices, post, writing
from workflows.mails.occasion import Occasion
from workflows.mails.table import MAILS, Mail
from workflows.mails.words import one_line
from workflows.models import Effect, Notice

Row = TypeVar("Row", bound=Model)
LONGEST = Notice._meta.get_field("words").max_length
Entry = dict[str, Any]
"""The columns of a notice that put it into its person's inbox."""


class NotDelivered(Exception):
    """Some mails of an effect did not go; those that did are not sent again."""


def deliver(effect: Effect, *, at: datetime) -> str:
    """Send what the effect still owes; answers why nothing is left to send, or "". Raises Unreachable, NotDelivered."""
    occasion, mail = Occasion.of(effect, at), MAILS[effect.reaction]
    gone = overtaken(effect) or mail.why_not(occasion)
    audience = {} if gone else mail.audience(occasion)
    drop_others(effect, audience, gone)
    if not audience:
        return gone or _("Nobody is left whom this concerns.")
    written = notices(effect, audience, lambda person: _entry(occasion, mail, person))
    unsent = _now(effect, [notice for notice in written if notice.sent_at is None], at)
    send(unsent, lambda notice: writing.write(occasion, mail.letter, notice, audience[notice.person]), at)
    return ""


def send(unsent: Sequence[Notice], written: Callable[[Notice], EmailMessage], at: datetime) -> None:
    """Hand these over, each remembered just before and just after.

    Raises Unreachable, and NotDelivered for those that were refused.
    """
    if not unsent:
        return
    errors = []
    with post.office() as office:
        for notice in unsent:
            message, mine = written(notice), Notice.objects.filter(pk=notice.pk)
            mine.update(tried_at=at)
            if error := office.send(message):
                errors.append(f"{notice.person.email}: {error}")
                mine.update(tried_at=notice.tried_at)  # what was cut off before stays on record
            else:
                mine.update(sent_at=at)
    if errors:
        raise NotDelivered("; ".join(errors))


def message_id(effect: Effect, person: User) -> str:
    """The same for the same event, reaction and person, whoever writes it and however often."""
    name = f"{effect.event.digest}/{effect.reaction}"
    return f"<{uuid.uuid5(person.pseudonym, name)}@{urlsplit(settings.BASE_URL).hostname}>"


def overtaken(effect: Effect) -> str:
    """As `said_later`, unless each mail of the kind says something of its own."""
    return "" if MAILS[effect.reaction].each else said_later(effect)


def said_later(effect: Effect) -> str:
    """A later event that says the same in newer words makes this one old: after an outage only the latest is sent."""
    later = Effect.objects.filter(
        reaction=effect.reaction, event__stream=effect.event.stream, event__sequence__gt=effect.event.sequence
    )
    return _("Overtaken: a later event says it.") if later.exists() else ""


def notices(effect: Effect, audience: Iterable[User], told: Callable[[User], Entry] | None = None) -> list[Notice]:
    """One notice a person, written before anything is sent; with `told`, what it says in their inbox."""
    people = list(audience)
    known = set(Notice.objects.filter(effect=effect).values_list("person", flat=True))
    rows = [
        Notice(effect=effect, person=one, message_id=message_id(effect, one), **(told(one) if told else {}))
        for one in people
        if one.pk not in known
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    kept = Notice.objects.filter(effect=effect, person__in=people)
    kept.update(drop_reason="")
    return list(kept.select_related("person").order_by("pk"))


def raised_with(effect: Effect, rows: QuerySet[Row]) -> Row:
    """The row of a person that was written with the event; found without the event's body, which may be erased."""
    pseudonym = effect.event.stream.name.rpartition("/")[2]
    return rows.select_related("person").get(person__pseudonym=pseudonym, raised_at=effect.event.at)


def drop_others(effect: Effect, audience: Iterable[User], gone: str) -> None:
    """Those who would have been told in an earlier attempt and are not concerned any more."""
    others = Notice.objects.filter(effect=effect, sent_at__isnull=True).exclude(person__in=audience)
    reason = gone or _("This person is no longer concerned.")
    others.filter(tried_at__isnull=True).update(drop_reason=reason)
    cut_off = _("%(reason)s It may have gone before that, in an attempt that was cut off.") % {"reason": reason}
    others.filter(tried_at__isnull=False).update(drop_reason=cut_off)


def entry(words: str, at: datetime, **about: Any) -> Entry:
    """What somebody is told in the app from now on, in the words the mail begins with."""
    return {"words": one_line(words)[:LONGEST], "told_at": at, **about}


def _entry(occasion: Occasion, mail: Mail, person: User) -> Entry:
    with timezone.override(person.zone):
        return entry(mail.letter(occasion).subject, occasion.at, case=occasion.case)


def _now(effect: Effect, unsent: list[Notice], at: datetime) -> list[Notice]:
    """Those that go at once. The others wait for their person's morning, or were not wanted: `MailChoice`."""
    when = choices.chosen([notice.person for notice in unsent], effect.reaction)
    for notice in unsent:
        if when[notice.person_id] == MailWhen.NONE:
            Notice.objects.filter(pk=notice.pk).update(drop_reason=_("This person chose not to get such mails."))
        elif when[notice.person_id] == MailWhen.DIGEST and notice.digest_at is None:
            morning = choices.next_morning(notice.person, at)
            Notice.objects.filter(pk=notice.pk).update(digest_at=morning)
    return [notice for notice in unsent if when[notice.person_id] == MailWhen.AT_ONCE and notice.digest_at is None]
