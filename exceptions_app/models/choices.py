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


ACTIVATED = (State.ACTIVE, State.EXPIRING, State.SUSPENDED)
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


class EvidencePurpose(models.TextChoices):
    ASK = "ask", _("Part of the request")
    VERIFICATION = "verification", _("Shows that a safeguard works")
    REMOVAL = "removal", _("Shows that access is gone")
