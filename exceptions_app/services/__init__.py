"""The one door: every verb that writes a case. Keyword-only, one transaction, `at` given (UTC)."""

from exceptions_app.services.activating import activate, activate_many
from exceptions_app.services.clock import expire, expire_many, lapse, lapse_many, warn, warn_many
from exceptions_app.services.commenting import comment
from exceptions_app.services.content import DraftContent, GrantContent, SafeguardContent
from exceptions_app.services.deciding import approve, ask_for_changes, recuse, reject
from exceptions_app.services.drafts import (
    duplicate,
    open_draft,
    renew,
    save_draft,
    share_draft,
)
from exceptions_app.services.ending import complete, confirm_removal, let_end, resume, revoke, suspend
from exceptions_app.services.evidence import attach_file, attach_link, remove_evidence
from exceptions_app.services.finding import follow_names, rebuild_finding
from exceptions_app.services.importing import DraftImport, Filling, claim, import_drafts, reimport_drafts
from exceptions_app.services.ownership import (
    accept_backup,
    accept_ownership,
    decline_backup,
    decline_ownership,
    hand_over_orphan,
    let_backup_go,
    offer_ownership,
)
from exceptions_app.services.relying import fall, fall_many
from exceptions_app.services.requesting import amend, submit, withdraw
from exceptions_app.services.reviewing import Finding, review
from exceptions_app.services.safeguards import report_failure, verify_safeguard
from exceptions_app.services.shrinking import shorten
from exceptions_app.services.triggering import fire_many, report_change
from exceptions_app.services.using import record_use
from exceptions_app.services.waiting import nudge, raise_tier, release, take
from exceptions_app.services.watching import hear, note, stop_watching, watch_by_heartbeat, watch_by_probe

__all__ = [
    "DraftContent",
    "DraftImport",
    "Filling",
    "Finding",
    "GrantContent",
    "SafeguardContent",
    "accept_backup",
    "accept_ownership",
    "activate",
    "activate_many",
    "amend",
    "approve",
    "ask_for_changes",
    "attach_file",
    "attach_link",
    "claim",
    "comment",
    "complete",
    "confirm_removal",
    "decline_backup",
    "decline_ownership",
    "duplicate",
    "expire",
    "expire_many",
    "fall",
    "fall_many",
    "fire_many",
    "follow_names",
    "hand_over_orphan",
    "hear",
    "import_drafts",
    "lapse",
    "lapse_many",
    "let_backup_go",
    "let_end",
    "note",
    "nudge",
    "offer_ownership",
    "open_draft",
    "raise_tier",
    "rebuild_finding",
    "record_use",
    "recuse",
    "reimport_drafts",
    "reject",
    "release",
    "remove_evidence",
    "renew",
    "report_change",
    "report_failure",
    "resume",
    "review",
    "revoke",
    "save_draft",
    "share_draft",
    "shorten",
    "stop_watching",
    "submit",
    "suspend",
    "take",
    "verify_safeguard",
    "warn",
    "warn_many",
    "watch_by_heartbeat",
    "watch_by_probe",
    "withdraw",
]
