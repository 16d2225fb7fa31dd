"""Hands one message to one channel, and notes on the channel how that went."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

import outgoing
from workflows.channels import formats
from workflows.channels.messages import Message
from workflows.models import GroupChannel


def send(channel: GroupChannel, message: Message, *, message_id: UUID, at: datetime) -> str:
    """Post it; answers why it did not arrive, "" when it was taken."""
    body, headers = formats.written(channel, message, message_id=message_id, at=at)
    failure = _post(channel, body, headers)
    rows = GroupChannel.objects.filter(pk=channel.pk, generation=channel.generation)
    if failure:
        rows.update(failed_at=at, failure=failure)
    else:
        rows.update(delivered_at=at)
    return failure


def _post(channel: GroupChannel, body: bytes, headers: dict[str, str]) -> str:
    try:
        answer = outgoing.post(channel.url, body=body, headers=headers)
    except outgoing.NotPossible as refusal:
        return str(refusal)[:300]
    if answer.is_taken:
        return ""
    return _("%(host)s refused the message: it answered %(answer)s.")[:300] % {
        "host": channel.host[:200],
        "answer": answer.words,
    }
