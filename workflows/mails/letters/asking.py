"""Mails that ask for something, from approvers and from those named in a case."""

from __future__ import annotations

from django.utils.translation import gettext as _

from workflows.mails.letters.base import Letter, needs_decision
from workflows.mails.occasion import Occasion
from workflows.mails.words import minute, quoted


def ask_approvers(about: Occasion) -> Letter:
    case = about.case
    openings = {
        "case.submitted": _("%(person)s asks for this exception.") % {"person": case.requester},
        "case.resubmitted": _("The risk was raised, so it is asked anew. Earlier decisions no longer count.")
        if about.said("reason") == "tier_raised"
        else _("The request was changed. Earlier decisions no longer count."),
        "case.reopened": _("An approval no longer stands, so this needs a decision again."),
        "case.facts_changed": _("The facts shown with the request changed. Earlier decisions no longer count."),
        "case.step_began": _("%(person)s asks for this exception. The step before yours has approved.")
        % {"person": case.requester},
    }
    return Letter(
        subject=_("Decide by %(when)s") % {"when": minute(case.decide_by_at)},
        sentences=(openings[about.kind],),
        action=_("Read and decide"),
        tells_scope=True,
    )


def remind_at_half_time(about: Occasion) -> Letter:
    return Letter(
        subject=_("Decide by %(when)s, half the time has gone") % {"when": minute(about.case.decide_by_at)},
        sentences=(
            _("Half the time to decide this request has gone, and it is not decided."),
            needs_decision(about),
        ),
        action=_("Read and decide"),
        tells_scope=True,
    )


def nudge(about: Occasion) -> Letter:
    return Letter(
        subject=_("Decide by %(when)s, a reminder") % {"when": minute(about.case.decide_by_at)},
        sentences=(
            _("%(person)s reminds you of this request.") % {"person": about.by},
            needs_decision(about),
        ),
        action=_("Read and decide"),
        tells_scope=True,
    )


def tell_comment(about: Occasion) -> Letter:
    return Letter(
        subject=_("%(person)s writes to you") % {"person": about.by},
        sentences=(_("%(person)s writes:") % {"person": about.by}, quoted(about.said("text"))),
        action=_("Read and answer"),
    )


def escalate(about: Occasion) -> Letter:
    subject = _("Decide by %(when)s, the others have not")
    if about.kind == "case.decided":
        sentence = _("%(person)s stepped aside, and too few are left to decide it. So it has come to you.")
        sentence %= {"person": about.by}
    elif about.said("kind") == "too_few":
        subject = _("Decide by %(when)s, too few others are left")
        sentence = _("Too few of those who are asked are left to decide it. So it has come to you.")
    elif about.body.get("people"):
        sentence = _("The time to decide this request runs out and it is not decided, so it has come to you as well.")
    else:
        sentence = _("The time to decide this request runs out, and nobody may decide it without gaining from it.")
    return Letter(
        subject=subject % {"when": minute(about.case.decide_by_at)},
        sentences=(sentence, needs_decision(about)),
        action=_("Read and decide"),
        tells_scope=True,
    )


def ask_owner(about: Occasion) -> Letter:
    return Letter(
        subject=_("Will you take over this exception?"),
        sentences=(
            _("%(person)s asks you to own this exception.") % {"person": about.by},
            quoted(about.said("reason")),
            _(
                "The owner answers for it. Once you accept, you count among those who gain from it and take no part in "
                "deciding it. Until you accept, nothing falls to you."
            ),
        ),
        action=_("Read and answer"),
    )


def ask_backup(about: Occasion) -> Letter:
    return Letter(
        subject=_("Will you be the backup owner?"),
        sentences=(
            _("%(person)s names you as the backup owner of this exception.") % {"person": about.by},
            _(
                "If its owner leaves, you become the owner. Once you accept, you count among those who gain from it "
                "and take no part in deciding it. Until you accept, nothing falls to you."
            ),
        ),
        action=_("Accept or decline"),
    )


def ask_to_complete(about: Occasion) -> Letter:
    return Letter(
        subject=_("A draft waits for you to complete it"),
        sentences=(
            _("%(person)s names you as the owner of this draft and asks you to complete it.") % {"person": about.by},
            quoted(about.said("reason")),
            _("Nothing is asked of approvers before it is submitted."),
        ),
        action=_("Complete the draft"),
    )
