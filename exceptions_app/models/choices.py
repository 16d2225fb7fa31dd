"""The closed lists of words a case is described with (DESIGN §3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    ACTIVE = "active", _("Active")
    EXPIRING = "expiring", _("Expiring")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")
    REVOKED = "revoked", _("Revoked")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


RELIED_ON = (State.ACTIVE, State.EXPIRING)
ACTIVATED = (*RELIED_ON, State.SUSPENDED)
LIVE = (State.REQUESTED, State.APPROVED, *ACTIVATED)
ENDED = (State.CLOSED, State.REVOKED, State.REJECTED, State.WITHDRAWN)
DEADLINES = {
    State.REQUESTED: "decide_by_at",
    State.APPROVED: "activate_by_at",
    **dict.fromkeys(ACTIVATED, "expires_at"),
}
"""What the clock closes, and at which of the row's instants."""
UNBOUND = (State.DRAFT, State.WITHDRAWN)
"""States in which a case may be incomplete: not asked yet, or taken back, perhaps before it was asked."""


class Kind(models.TextChoices):
    PLANNED = "planned", _("Planned")
    BREAK_GLASS = "break_glass", _("Break-glass")
    RETROSPECTIVE = "retrospective", _("Retrospective")


class EndReason(models.TextChoices):
    EXPIRED = "expired", _("Expired")
    COMPLETED = "completed", _("Completed early")
    SUPERSEDED = "superseded", _("Superseded by its renewal")
    LAPSED = "lapsed", _("Lapsed")


class Verdict(models.TextChoices):
    APPROVE = "approve", _("Approved")
    REJECT = "reject", _("Rejected")
    CHANGES = "changes", _("Asked for changes")
    RECUSE = "recuse", _("Stepped aside")


class Assurance(models.TextChoices):
    """How sure a step wants to be that it is the approver who approves, the least first (after Entra PIM)."""

    SESSION = "session", _("signed in")
    FRESH = "fresh", _("signed in afresh")
    MFA = "mfa", _("signed in afresh with a second factor")

    @property
    def rank(self) -> int:
        return list(Assurance).index(self)


class RejectionReason(models.TextChoices):
    """Why approvers reject; the text says it of this request."""

    NOT_NEEDED = "not_needed", _("The need is not shown")
    NORMAL_PATH = "normal_path", _("The normal path is open")
    TOO_RISKY = "too_risky", _("The risk is too high")
    TOO_WIDE = "too_wide", _("It opens too much, or for too long")
    SAFEGUARDS = "safeguards", _("The safeguards do not stand in")
    NO_EXIT = "no_exit", _("The exit plan does not end it")
    DUPLICATE = "duplicate", _("Another exception covers it")
    OTHER = "other", _("Another reason")


class Source(models.TextChoices):
    """Who a step asks; which people that is, is told at the moment of asking (promise 7)."""

    GROUP = "group", _("an approver group")
    CONTROL_GROUP = "control_group", _("the control's approver group")
    CONTROL_OWNER = "control_owner", _("the control's owner")
    CONTROL_LEAD = "control_lead", _("the manager of the control's owner")
    SYSTEM_OWNER = "system_owner", _("the systems' owners")
    OWNER_MANAGER = "owner_manager", _("the manager of the identity's owner")
    PERSON = "person", _("a named person")


OF_GROUPS = (Source.GROUP, Source.CONTROL_GROUP)


class VerifiedHow(models.TextChoices):
    """What found that a safeguard works."""

    PERSON = "person", _("by a person")
    PROBE = "probe", _("by a probe")
    HEARTBEAT = "heartbeat", _("by a heartbeat")


class RemovalState(models.TextChoices):
    NOT_OWED = "not_owed", _("Not owed yet")
    OWED = "owed", _("Removal unconfirmed")
    CARRIED = "carried", _("Carried on by the renewal")
    CONFIRMED = "confirmed", _("Removed, confirmed")


class RemovalHow(models.TextChoices):
    """What "removed" means depends on the credential form (DESIGN, promise 13)."""

    SECRET_ROTATED = "secret_rotated", _("The secret was rotated or deleted")
    CREDENTIAL_ENDED = "credential_ended", _("The just-in-time credential ended")
    TRUST_REMOVED = "trust_removed", _("The trust was removed and the longest token lifetime has passed")
    CERTIFICATE_REVOKED = "certificate_revoked", _("The certificate was revoked")
    PERMISSION_REMOVED = "permission_removed", _("The permission was removed; no credential was involved")


class Trigger(models.TextChoices):
    """What has a case looked at again: its turn comes, or something it was decided on changes."""

    CADENCE = "cadence", _("In its turn")
    OWNER_CHANGED = "owner_changed", _("Its owner or backup owner changed or left")
    IDENTITY_OWNER_CHANGED = "identity_owner_changed", _("The identity has another owner")
    VENDOR_CHANGED = "vendor_changed", _("The vendor changed, or its own review lapsed")
    CONTROL_TIGHTENED = "control_tightened", _("The control was tightened")
    CODE_CHANGED = "code_changed", _("The code it stands for changed")
    CREDENTIAL_ROTATED = "credential_rotated", _("The credential was rotated")
    INCIDENT_LINKED = "incident_linked", _("It is linked to an incident")
    TICKET_CLOSED = "ticket_closed", _("Its ticket was closed")
    FIX_AVAILABLE = "fix_available", _("A fix is available")


class Response(models.TextChoices):
    """What a case does when something changes."""

    REVIEW = "review", _("Review it")
    SUSPEND = "suspend", _("Suspend it")
    END = "end", _("End it")
    NOTHING = "nothing", _("Nothing")


class Outcome(models.TextChoices):
    """What comes of a review."""

    KEEP = "keep", _("Keep it as it is")
    NARROW = "narrow", _("Narrow what it opens")
    SHORTEN = "shorten", _("End it sooner")
    RENEW = "renew", _("Keep it, and have it renewed")
    REVOKE = "revoke", _("Revoke it")


class EvidencePurpose(models.TextChoices):
    ASK = "ask", _("Part of the request")
    VERIFICATION = "verification", _("Shows that a safeguard works")
    REMOVAL = "removal", _("Shows that access is gone")
    REVIEW = "review", _("Shows what a review found")
