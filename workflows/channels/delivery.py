"""One effect becomes one message a channel: each is checked just before it goes, and remembered just after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApproverGroup
from exceptions_app import judges
from exceptions_app.asking import Asked
from exceptions_app.sources import Stand, group_of
from workflows.channels import messages
from workflows.channels.messages import Message
from workflows.channels.posting import send
from workflows.mails import audiences
from workflows.mails.delivery import NotDelivered, said_later
from workflows.mails.occasion import Occasion
from workflows.mails.table import MAILS
from workflows.models import ChannelNotice, Effect, GroupChannel

ASK, ESCALATE, TELL = "ask_channel", "escalate_to_channel", "tell_channel"
NAMES = (ASK, ESCALATE, TELL)
PAUSE = timedelta(seconds=30)
"""When a channel fails, nothing else is posted to it before this has passed: it would hold up the others."""
Texts = dict[GroupChannel, Message]

_SAME_AS = {
    "case.approved": "tell_approved",
    "case.rejected": "tell_rejected",
    "case.returned": "tell_returned",
    "case.lapsed": "tell_lapsed",
    "case.withdrawn": "tell_withdrawn",
}
"""The mail that tells the same outcome: a message matters for as long as its mail would."""


def ask(effect: Effect, *, at: datetime) -> str:
    """Tell the group whose turn it is; answers why there was nothing to tell, or "". Raises NotDelivered."""
    return _deliver(effect, at, "ask_approvers", _to_asked)


def escalate(effect: Effect, *, at: datetime) -> str:
    """Tell the fallback group that a step has come to it; answers and raises as `ask`."""
    return _deliver(effect, at, "escalate", _to_fallback)


def tell(effect: Effect, *, at: datetime) -> str:
    """Tell every channel that was asked what became of it; answers and raises as `ask`."""
    return _deliver(effect, at, _SAME_AS[effect.event.kind], _to_told)


def _deliver(effect: Effect, at: datetime, mail: str, texts: Callable[[Occasion], Texts]) -> str:
    if not GroupChannel.objects.on().exists():
        return _("No group has a channel.")
    about = Occasion.of(effect, at)
    if gone := said_later(effect) or MAILS[mail].why_not(about):
        return gone
    with timezone.override(None):  # of many readers: the zone of the setting
        wanted = texts(about)
    if not wanted:
        return _("No channel is concerned.")
    errors = [error for notice in _unsent(effect, wanted) if (error := _send(notice, wanted[notice.channel], at))]
    if errors:
        raise NotDelivered("; ".join(errors))
    return ""


def _to_asked(about: Occasion) -> Texts:
    turn = audiences.turn(about)
    if turn is None:
        return {}
    group = group_of(turn.step, about.case) if turn.own else None
    found = GroupChannel.objects.on().filter(group=group).select_related("group") if group else []
    texts = {channel: messages.asked(about, turn, _steps(about), channel.group) for channel in found}
    return texts | _of_fallback(about, turn)


def _to_fallback(about: Occasion) -> Texts:
    turn = audiences.turn(about)
    if turn is None or Stand.FALLBACK not in audiences.come(about, turn):
        return {}
    return _of_fallback(about, turn)


def _of_fallback(about: Occasion, turn: Asked) -> Texts:
    if not any(sitter.stand == Stand.FALLBACK for sitter in turn.sitters):
        return {}
    found = GroupChannel.objects.on().filter(group=ApproverGroup.objects.fallback()).select_related("group")
    return {channel: messages.escalated(about, turn, _steps(about), channel.group) for channel in found}


def _to_told(about: Occasion) -> Texts:
    told = GroupChannel.objects.told_of(about.case.stream, (ASK, ESCALATE)).select_related("group")
    return {channel: messages.outcome(about, channel.group) for channel in told}


def _steps(about: Occasion) -> int:
    return len(judges.standing_steps(about.case))


def _unsent(effect: Effect, wanted: Texts) -> list[ChannelNotice]:
    """One notice a channel, written before anything is sent."""
    rows = [ChannelNotice(effect=effect, channel=channel) for channel in wanted]
    ChannelNotice.objects.bulk_create(rows, ignore_conflicts=True)
    notices = ChannelNotice.objects.filter(effect=effect, channel__in=wanted, sent_at__isnull=True)
    return list(notices.select_related("channel__group").order_by("pk"))


def _send(notice: ChannelNotice, message: Message, at: datetime) -> str:
    """What the Effects page says of a message that did not go, "" of one that did."""
    chosen = notice.channel
    channel = GroupChannel.objects.on().filter(pk=chosen.pk, generation=chosen.generation).first()
    if channel is None:
        return _("%(group)s: its channel was changed meanwhile.") % {"group": chosen.group}
    if channel.is_failing and channel.failed_at is not None and at < channel.failed_at + PAUSE:
        failure = _("%(failure)s That was a moment ago; it is tried again soon.") % {"failure": channel.failure}
    else:
        ChannelNotice.objects.filter(pk=notice.pk).update(tried_for=channel.generation, place=str(channel)[:300])
        failure = send(channel, message, message_id=notice.message_id, at=at)
    if failure:
        return f"{chosen.group} ({channel}): {failure}"
    ChannelNotice.objects.filter(pk=notice.pk).update(sent_at=at)
    return ""
