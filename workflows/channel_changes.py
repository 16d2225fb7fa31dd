"""Where a group is told: its channel is set, changed, removed and tried out by whoever may."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

import outgoing
from accounts import recording
from accounts.errors import NotAllowed, NotPossible, Sentence, Stale
from accounts.models import ApproverGroup, User
from accounts.recording import Happening
from audit.models import Event
from outgoing.signing import SECRET_PREFIX
from workflows.channels import messages, send
from workflows.models import ChannelKind, GroupChannel
from workflows.rules import may_set_channel

SET = "group.channel_set"
CHANGED = "group.channel_changed"
REMOVED = "group.channel_removed"
TESTED = "group.channel_tested"
NOBODY_ELSE = _("Programme managers and the group's lead say where the group is told.")
MINUTE, MOST_A_MINUTE = timedelta(minutes=1), 5
"""Test messages go out at once, as fast as buttons are pressed, and each may keep a worker for ten seconds."""
SECRET_BYTES = range(24, 65)  # by Standard Webhooks


def set_channel(
    *,
    group: ApproverGroup,
    actor: User,
    at: datetime,
    kind: ChannelKind,
    url: str,
    secret: str = "",
    seen: str | None = None,
) -> GroupChannel:
    """Tell the group there from now on, instead of where it was told. Looks the host up, outside the transaction.

    `secret` signs what another program gets; `seen` is what `mark` answered when the person looked. Raises NotAllowed,
    NotPossible, and Stale where somebody changed it since.
    """
    _demand_may(actor, group)
    _demand_reachable(url)
    signs = secret if kind == ChannelKind.GENERIC else ""
    if kind == ChannelKind.GENERIC:
        _demand_secret(secret)
    with transaction.atomic():
        had = _locked(group)
        channel = had or GroupChannel(group=group)
        if seen is not None and seen != mark(had):
            raise Stale(
                _("Somebody changed the channel after you opened this page. See how it is now."), current=channel
            )
        kind_of_event = CHANGED if channel.is_on else SET
        channel.kind, channel.url, channel.secret, channel.set_by, channel.set_at = kind, url, signs, actor, at
        channel.generation = uuid.uuid4()
        channel.delivered_at = channel.failed_at = None
        channel.failure = ""
        recording.validate(channel)
        channel.save()
        _tell(kind_of_event, channel, actor, at)
    return channel


@transaction.atomic
def remove_channel(*, group: ApproverGroup, actor: User, at: datetime) -> None:
    """Tell the group nowhere but by mail; address and secret are forgotten. Raises NotAllowed, NotPossible."""
    _demand_may(actor, group)
    channel = _demand_on(_locked(group))
    _tell(REMOVED, channel, actor, at)
    channel.url = channel.secret = channel.failure = ""
    channel.delivered_at = channel.failed_at = None
    channel.set_by, channel.set_at, channel.generation = actor, at, uuid.uuid4()
    channel.save()


def try_channel(*, group: ApproverGroup, actor: User, at: datetime) -> str:
    """Post a message there that only shows whether messages arrive, at once and outside any transaction.

    Answers why it did not arrive, "" when it was taken. Raises NotAllowed, NotPossible.
    """
    _demand_may(actor, group)
    channel = _demand_on(GroupChannel.objects.filter(group=group).select_related("group").first())
    tried = Event.objects.filter(stream__name=group.stream, kind=TESTED, at__gt=at - MINUTE)
    if tried.count() >= MOST_A_MINUTE:
        raise NotPossible(_("Five test messages went there within a minute. Wait a little."))
    failure = send(channel, messages.trial(channel.group, actor), message_id=uuid.uuid4(), at=at)
    with transaction.atomic():
        _tell(TESTED, channel, actor, at, failure=failure)
    return failure


def mark(channel: GroupChannel | None) -> str:
    """What tells this address from the one before and after it; "" for none."""
    return str(channel.generation) if channel is not None and channel.is_on else ""


def _locked(group: ApproverGroup) -> GroupChannel | None:
    """The group's channel as it stands; the group's row is held, so that there is never a second."""
    recording.locked(group)
    return GroupChannel.objects.select_related("group").filter(group=group).first()


def _demand_may(actor: User, group: ApproverGroup) -> None:
    if not may_set_channel(actor, group):
        raise NotAllowed(NOBODY_ELSE)


def _demand_on(channel: GroupChannel | None) -> GroupChannel:
    if channel is None or not channel.is_on:
        raise NotPossible(_("This group has no channel."))
    return channel


def _demand_reachable(url: str) -> None:
    try:
        outgoing.check(url)
    except outgoing.NotPossible as refusal:
        raise _wrong("url", refusal.message) from None


def _demand_secret(secret: str) -> None:
    try:
        known = len(base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        known = 0
    if not secret.startswith(SECRET_PREFIX) or known not in SECRET_BYTES:
        raise _wrong("secret", _("A signing secret is “whsec_” and 24 to 64 random bytes in Base64."))


def _wrong(field: str, sentence: Sentence) -> NotPossible:
    return NotPossible(sentence, fields={field: [sentence]})


def _tell(kind: str, channel: GroupChannel, actor: User, at: datetime, **also: str) -> None:
    """The event says which kind of channel and at which host, never the address."""
    happening = Happening(stream=channel.group.stream, kind=kind, by=actor, at=at)
    recording.tell(happening, {"channel": channel.kind, "host": channel.host, **also})
