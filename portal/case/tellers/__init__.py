"""What each kind of event of a case says, as words that follow the name of who did it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.case.tellers import asking, course, looking
from portal.case.tellers.base import Body, Said, Teller, plain

__all__ = ["TELLERS", "Body", "Said", "Teller"]

TELLERS: dict[str, Teller] = {
    "case.drafted": Teller("grey", "pencil", plain(gettext_lazy("opened the draft"))),
    "case.shared": Teller("grey", "people", plain(gettext_lazy("asked the owner to complete it"))),
    "case.edited": Teller("grey", "pencil", asking.edited),
    "case.imported": Teller("grey", "file", asking.imported),
    "case.reimported": Teller("grey", "file", asking.reimported),
    "case.claimed": Teller("grey", "people", plain(gettext_lazy("claimed it and answers for it from now on"))),
    "case.submitted": Teller("blue", "inbox", asking.asked),
    "case.resubmitted": Teller("blue", "inbox", asking.asked),
    "case.rerouted": Teller("blue", "inbox", plain(gettext_lazy("routed it anew"))),
    "case.amended": Teller("blue", "pencil", asking.amended),
    "case.returned": Teller("grey", "back", lambda body, people: Said(_("sent it back to its requester as a draft"))),
    "case.withdrawn": Teller("outline", "back", plain(gettext_lazy("withdrew it"))),
    "case.decided": Teller("violet", "seal", asking.decided),
    "case.step_began": Teller("blue", "inbox", asking.step_began),
    "case.escalated": Teller("amber", "hourglass", asking.escalated),
    "case.taken": Teller("grey", "user", asking.taken),
    "case.released": Teller("grey", "user", plain(gettext_lazy("let it go"))),
    "case.nudged": Teller("grey", "mail", asking.nudged),
    "case.tier_raised": Teller("orange", "warn", asking.raised),
    "comment.added": Teller("grey", "mail", asking.commented),
    "case.approved": Teller("violet", "seal", asking.approved),
    "case.reopened": Teller("blue", "inbox", asking.reopened),
    "case.facts_changed": Teller("blue", "info", asking.facts),
    "case.rejected": Teller("rose", "cross", asking.rejected),
    "case.lapsed": Teller("slate", "clock", asking.lapsed),
    "case.activated": Teller("green", "dot", course.activated),
    "case.warned": Teller("amber", "hourglass", plain(gettext_lazy("warned that the end comes near"))),
    "case.suspended": Teller("orange", "pause", course.suspended),
    "case.resumed": Teller("green", "dot", course.resumed),
    "case.expired": Teller("slate", "check", course.ended(gettext_lazy("ended it as agreed"))),
    "case.completed": Teller("slate", "check", course.ended(gettext_lazy("ended it early"))),
    "case.superseded": Teller("slate", "check", course.superseded),
    "case.revoked": Teller("red", "cut", course.ended(gettext_lazy("revoked it"))),
    "case.owner_changed": Teller("grey", "user", course.owner_changed),
    "ownership.offered": Teller("grey", "user", course.ownership_offered),
    "ownership.withdrawn": Teller("grey", "user", course.ownership_withdrawn),
    "ownership.declined": Teller("grey", "user", plain(gettext_lazy("declined to own it"))),
    "safeguard.verified": Teller("green", "shield", course.verified),
    "safeguard.failed": Teller("red", "warn", course.failed),
    "safeguard.checked": Teller("green", "shield", course.checked),
    "safeguard.watched": Teller("grey", "eye", course.watched),
    "safeguard.unwatched": Teller("grey", "eye", course.unwatched),
    "case.change_reported": Teller("blue", "bolt", looking.change_reported),
    "review.opened": Teller("blue", "eye", looking.opened),
    "case.reviewed": Teller("green", "eye", looking.reviewed),
    "case.shortened": Teller("amber", "hourglass", looking.shortened),
    "backup.left": Teller(
        "grey", "user", plain(gettext_lazy("no longer names the backup owner, who left or audits now"))
    ),
    "case.reliance_changed": Teller("grey", "clock", course.reliance),
    "case.let_end": Teller("grey", "hourglass", course.let_end),
    "use.recorded": Teller("grey", "key", looking.used),
    "removal.owed": Teller("amber", "key", plain(gettext_lazy("noted that access has to be removed"))),
    "removal.confirmed": Teller("green", "check", course.removed),
    "backup.accepted": Teller("grey", "user", plain(gettext_lazy("accepted being backup owner"))),
    "backup.declined": Teller("grey", "user", plain(gettext_lazy("declined being backup owner"))),
    "evidence.added": Teller("grey", "file", course.evidence),
    "evidence.removed": Teller("grey", "trash", course.evidence_removed),
    "reminder.due": Teller("grey", "mail", course.reminder),
}
"""Kinds of the case streams. What no teller knows is shown by its name, never left out."""
