"""The mail of a Monday: what somebody answers for, and each team they lead, as it stands when the mail goes."""

from __future__ import annotations

from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import MailChoice, MailKind, MailWhen, Team, User
from exceptions_app.queries.weekly import Week, week_of, week_of_team
from workflows.mails import delivery, weekly_words, writing
from workflows.models import Effect, Notice, Weekly

WEEKLY = "send_weekly"
Weeks = list[tuple[Week, Team | None]]


def deliver(effect: Effect, *, at: datetime) -> str:
    """Send what there is to say; answers why nothing is, or "". Raises Unreachable, NotDelivered."""
    person = delivery.raised_with(effect, Weekly.objects.all()).person
    weeks = [] if (gone := _unwanted(effect, person)) else _weeks(person, at)
    if not weeks:
        gone = gone or _("Nothing is in force, ends soon or is owed.")
        delivery.drop_others(effect, (), gone)
        return gone
    unsent = [notice for notice in delivery.notices(effect, [person]) if notice.sent_at is None]
    delivery.send(unsent, lambda notice: _written(weeks, notice, at), at)
    return ""


def _unwanted(effect: Effect, person: User) -> str:
    if not person.is_active:
        return _("This account is closed.")
    if MailChoice.objects.filter(person=person, kind=MailKind.WEEKLY, when=MailWhen.NONE).exists():
        return _("This person chose not to get such mails.")
    return delivery.said_later(effect)


def _weeks(person: User, at: datetime) -> Weeks:
    """One's own first, then each team's; those that say nothing are left out."""
    teams = person.teams_led.order_by("name", "pk")
    weeks: Weeks = [(week_of(person, at), None), *((week_of_team(team, person, at), team) for team in teams)]
    return [(week, team) for week, team in weeks if not week.says_nothing]


def _written(weeks: Weeks, notice: Notice, at: datetime) -> EmailMultiAlternatives:
    with timezone.override(notice.person.zone):
        parts = [weekly_words.part(week, team, at) for week, team in weeks]
        return writing.write_weekly(weekly_words.subject(*weeks[0]), parts, notice)
