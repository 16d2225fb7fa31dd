"""Mails: who hears of an event, in which words, while it still matters."""

from datetime import datetime

from workflows.mails import delivery, digest, enrolling, weekly
from workflows.mails.digest import DIGEST
from workflows.mails.enrolling import ENROL
from workflows.mails.post import Unreachable
from workflows.mails.table import MAILS
from workflows.mails.weekly import WEEKLY
from workflows.models import Effect

__all__ = ["ABOUT_NO_CASE", "DIGEST", "ENROL", "MAILS", "WEEKLY", "Unreachable", "deliver"]


def deliver(effect: Effect, *, at: datetime) -> str:
    """Send what the effect still owes; answers why nothing is left to send, or "". Raises Unreachable, NotDelivered."""
    return ABOUT_NO_CASE.get(effect.reaction, delivery.deliver)(effect, at=at)


ABOUT_NO_CASE = {DIGEST: digest.deliver, ENROL: enrolling.deliver, WEEKLY: weekly.deliver}
"""Mails of another kind than those of `MAILS`, each of which is about one case."""
