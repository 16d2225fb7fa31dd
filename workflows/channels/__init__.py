"""Channels: which groups are told in their chat of what waits for them, and of what came of it."""

from workflows.channels.delivery import ASK, ESCALATE, NAMES, TELL, ask, escalate, tell
from workflows.channels.posting import send

__all__ = ["ASK", "ESCALATE", "NAMES", "TELL", "ask", "escalate", "send", "tell"]
