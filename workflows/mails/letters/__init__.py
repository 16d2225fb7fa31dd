"""What each mail says: a subject that sorts, sentences, and one thing to do. Rendered in the reader's time zone."""

from workflows.mails.letters.asking import (
    ask_approvers,
    ask_backup,
    ask_owner,
    ask_to_complete,
    escalate,
    nudge,
    remind_at_half_time,
    tell_comment,
)
from workflows.mails.letters.base import Letter
from workflows.mails.letters.course import (
    remind_of_end,
    remind_of_removal,
    tell_activated,
    tell_ended,
    tell_owner_changed,
    tell_resumed,
    tell_revoked,
    tell_suspended,
)
from workflows.mails.letters.outcome import (
    tell_approved,
    tell_lapsed,
    tell_progress,
    tell_rejected,
    tell_reopened,
    tell_returned,
    tell_sent_back,
    tell_withdrawn,
)

__all__ = [
    "Letter",
    "ask_approvers",
    "ask_backup",
    "ask_owner",
    "ask_to_complete",
    "escalate",
    "nudge",
    "remind_at_half_time",
    "remind_of_end",
    "remind_of_removal",
    "tell_activated",
    "tell_approved",
    "tell_comment",
    "tell_ended",
    "tell_lapsed",
    "tell_owner_changed",
    "tell_progress",
    "tell_rejected",
    "tell_reopened",
    "tell_resumed",
    "tell_returned",
    "tell_revoked",
    "tell_sent_back",
    "tell_suspended",
    "tell_withdrawn",
]
