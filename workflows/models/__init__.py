"""What moves work: effects and what the clock remembers, and the rules by which a request is routed."""

from workflows.models.channels import ChannelKind, ChannelNotice, GroupChannel
from workflows.models.effects import (
    OPEN,
    Digest,
    Effect,
    EffectState,
    LastRun,
    Notice,
    Reminder,
    ReminderKind,
    Trouble,
    Weekly,
)
from workflows.models.rules import ApprovalRule, RuleProposal, RuleStep

__all__ = [
    "OPEN",
    "ApprovalRule",
    "ChannelKind",
    "ChannelNotice",
    "Digest",
    "Effect",
    "EffectState",
    "GroupChannel",
    "LastRun",
    "Notice",
    "Reminder",
    "ReminderKind",
    "RuleProposal",
    "RuleStep",
    "Trouble",
    "Weekly",
]
