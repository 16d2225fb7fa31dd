"""Mails: who hears of an event, in which words, while it still matters."""

from datetime import datetime

from workflows.mails import delivery, digest
from workflows.mails.digest import DIGEST
from workflows.mails.post import Unreachable
from workflows.mails.table import MAILS
from workflows.models import Effect

__all__ = ["DIGEST", "MAILS", "Unreachable", "deliver"]


def deliver(effect: Effect, *, at: datetime) -> str:
    """Send what the effect still owes; answers why nothing is left to send, or "". Raises Unreachable, NotDelivered."""
    if effect.reaction == DIGEST:
        return digest.deliver(effect, at=at)
    return delivery.deliver(effect, at=at)
