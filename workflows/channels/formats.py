"""Puts a message into the form its kind of channel takes; what people wrote stays text, and mentions or links nobody.

Slack: incoming webhooks and Block Kit. Teams: the Workflows webhook with an adaptive card. Others: Standard Webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook

from workflows.channels.messages import Message
from workflows.mails.words import one_line
from workflows.models import ChannelKind, GroupChannel

MOST = 300
"""Characters of one line; five times as many once Slack's signs are escaped, of 2,000 it takes."""
CARD = "application/vnd.microsoft.card.adaptive"


def written(channel: GroupChannel, message: Message, *, message_id: UUID, at: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers of the post; `message_id` is the same through every attempt, `at` (UTC) is this one."""
    body = json.dumps(_FORMS[ChannelKind(channel.kind)](message)).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Stopgap"}
    if channel.secret:
        headers |= _signed(channel.secret, body, f"msg_{message_id.hex}", at.astimezone(UTC))
    return body, headers


def _signed(secret: str, body: bytes, message_id: str, at: datetime) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def _slack(message: Message) -> Mapping[str, Any]:
    """Nothing people wrote stands in a text that Slack parses, and its signs are escaped besides."""
    lines = [f"{fact.label}: {fact.value}" for fact in message.facts]
    blocks = [
        {"type": "header", "text": _plain(message.headline)},
        *({"type": "section", "text": _plain(sentence)} for sentence in message.sentences),
        *([{"type": "section", "fields": [_plain(line) for line in lines]}] if lines else []),
        {"type": "section", "text": {"type": "mrkdwn", "text": f"<{_escaped(message.link)}|{message.action}>"}},
        {"type": "context", "elements": [_plain(message.why)]},
    ]
    about = [fact.value for fact in message.facts if fact.key == "exception"]
    return {"text": _escaped(_line(": ".join([message.headline, *about]))), "mrkdwn": False, "blocks": blocks}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": _escaped(_line(text)), "emoji": False}


def _escaped(text: str) -> str:
    """The three signs with which Slack begins mentions and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(message: Message) -> Mapping[str, Any]:
    """A TextRun is never read as Markdown, as a TextBlock is, so nothing has to be escaped."""
    body = [
        _runs(_run(message.headline, weight="Bolder", size="Large")),
        *(_runs(_run(sentence)) for sentence in message.sentences),
        *(_runs(_run(f"{fact.label}: ", weight="Bolder"), _run(fact.value)) for fact in message.facts),
        _runs(_run(message.why, size="Small", isSubtle=True)),
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": message.action, "url": message.link}],
    }
    return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}]}


def _runs(*runs: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **look: Any) -> dict[str, Any]:
    trailing = " " if text.endswith(" ") else ""
    return {"type": "TextRun", "text": _line(text) + trailing, **look}


def _generic(message: Message) -> Mapping[str, Any]:
    return {
        "type": message.kind,
        "data": {
            "reference": message.reference,
            "headline": message.headline,
            "sentences": message.sentences,
            **{fact.key: _line(fact.value) for fact in message.facts},
            "link": message.link,
            "why": message.why,
        },
    }


def _line(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"


_FORMS: dict[ChannelKind, Callable[[Message], Mapping[str, Any]]] = {
    ChannelKind.SLACK: _slack,
    ChannelKind.TEAMS: _teams,
    ChannelKind.GENERIC: _generic,
}
