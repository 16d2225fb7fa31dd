"""Mails: who hears of an event, in which words, while it still matters."""

from workflows.mails.delivery import deliver
from workflows.mails.post import Unreachable
from workflows.mails.table import MAILS

__all__ = ["MAILS", "Unreachable", "deliver"]
