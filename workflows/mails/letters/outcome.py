"""Mails that tell how a request was decided."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app import terms
from exceptions_app.models import RejectionReason, Safeguard, State, Trigger
from exceptions_app.triggers import CHANGES
from workflows.mails.audiences import turn
from workflows.mails.letters.base import Letter
from workflows.mails.occasion import Occasion
from workflows.mails.words import exact, quoted


def tell_progress(about: Occasion) -> Letter:
    return Letter(
        subject=_("One step further"),
        sentences=(_("%(person)s approved.") % {"person": about.by}, _next(about)),
        action=_("See who decides next"),
    )


def tell_approved(about: Occasion) -> Letter:
    waiting = Safeguard.objects.lacking(about.at).filter(case=about.case, required=True).count()
    starts = about.case.activated_at or terms.earliest_start(about.case)
    if waiting:
        then = ngettext(
            "It comes into force once %(n)d required safeguard is verified by someone who does not gain from it.",
            "It comes into force once %(n)d required safeguards are verified by someone who does not gain from it.",
            waiting,
        ) % {"n": waiting}
    elif starts is not None and starts > about.at:
        then = _("It comes into force on %(when)s.") % {"when": exact(starts)}
    else:
        then = _("It comes into force within a minute or so; a mail will say so.")
    less = _("It was approved for less than was asked. What is granted stands below.")
    return Letter(
        subject=_("Approved"),
        sentences=(
            _("%(person)s approved this exception.") % {"person": about.by},
            less if about.body.get("is_narrowed") else "",
            then,
        ),
        action=_("Open the exception"),
        tells_scope=bool(about.body.get("is_narrowed")),
    )


def tell_rejected(about: Occasion) -> Letter:
    return Letter(
        subject=_("Rejected"),
        sentences=(
            _("%(person)s rejected this request.") % {"person": about.by},
            _rejected_because(about),
            quoted(about.said("statement")),
            _("The control applies. If the reason can be met, ask again: one press makes a new draft of it."),
        ),
        action=_("Read the decision"),
    )


def tell_returned(about: Occasion) -> Letter:
    return Letter(
        subject=_("Change and ask again"),
        sentences=(
            _("%(person)s asks for changes. The request is a draft again.") % {"person": about.by},
            quoted(about.said("reason")),
        ),
        action=_("Change the draft"),
    )


def tell_sent_back(about: Occasion) -> Letter:
    words = {"person": about.by, "who": about.case.requester}
    return Letter(
        subject=_("Sent back, nothing to decide"),
        sentences=(
            _("%(person)s asked %(who)s for changes. If it is submitted again, you are asked again.") % words,
            quoted(about.said("reason")),
        ),
        action=_("Open the exception"),
    )


def tell_lapsed(about: Occasion) -> Letter:
    if about.body.get("from_state") == State.REQUESTED:
        why = _("It was not decided by %(when)s. Silence never approves, so the request lapsed.")
    else:
        why = _("It was approved but could not come into force by %(when)s, so the approval lapsed.")
    return Letter(
        subject=_("Lapsed"),
        sentences=(
            why % {"when": exact(about.instant("deadline"))},
            _("The control applies. If the need is still there, ask again: one press makes a new draft of it."),
        ),
        action=_("Open the exception"),
    )


def tell_withdrawn(about: Occasion) -> Letter:
    return Letter(
        subject=_("Withdrawn, nothing to decide"),
        sentences=(
            _("%(person)s took this request back.") % {"person": about.by},
            quoted(about.said("reason")),
        ),
        action=_("Open the exception"),
    )


def tell_reopened(about: Occasion) -> Letter:
    why = {
        "approver_lost_eligibility": _(
            "An approver is no longer entitled to decide, so the approval no longer counts."
        ),
        "risk_tier_rose": _("The risk rose after the approval, so it has to be decided again."),
        "became_a_renewal": _(
            "Another exception for the same control and identity was in force meanwhile, so this one continues it, and "
            "has to be decided as what it is."
        ),
    }
    changed = f"{Trigger(about.said('reason')).label}." if about.said("reason") in CHANGES else ""
    otherwise = _("The approval no longer stands.")
    if about.kind == "case.tier_raised":
        otherwise = _("%(person)s raised the risk: %(reason)s Earlier decisions no longer count.")
        otherwise %= {"person": about.by, "reason": quoted(about.said("reason"))}
    return Letter(
        subject=_("Has to be decided again"),
        sentences=(
            otherwise if about.kind == "case.tier_raised" else why.get(about.said("reason"), changed or otherwise),
            _("It is not in force. The approvers have until %(when)s.") % {"when": exact(about.case.decide_by_at)},
        ),
        action=_("Open the exception"),
    )


def _next(about: Occasion) -> str:
    asked = turn(about)
    if asked is None:
        return _("Another step still has to decide.")
    words = {"step": asked.step.title, "when": exact(about.case.decide_by_at)}
    return _("It now waits for %(step)s, until %(when)s.") % words


def _rejected_because(about: Occasion) -> str:
    word = about.said("preset")
    return f"{RejectionReason(word).label}." if word in RejectionReason.values else ""
