"""What each mail says: a subject that sorts, sentences, and one thing to do. Rendered in the reader's time zone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exceptions_app import terms
from exceptions_app.models import RejectionReason, State
from exceptions_app.services.ending import REMOVALS
from workflows.mails.occasion import Occasion
from workflows.mails.words import day, exact, quoted


@dataclass(frozen=True)
class Letter:
    """`subject` begins with what is wanted; `sentences` are paragraphs; `action` labels the link to the case."""

    subject: str
    sentences: tuple[str, ...]
    action: str


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
        subject=_("Decide by %(day)s") % {"day": day(case.decide_by_at)},
        sentences=(openings[about.kind], _needs_decision(about), _to_verify(about)),
        action=_("Read and decide"),
    )


def remind_at_half_time(about: Occasion) -> Letter:
    return Letter(
        subject=_("Decide by %(day)s, half the time has gone") % {"day": day(about.case.decide_by_at)},
        sentences=(
            _("Half the time to decide this request has gone, and nobody has decided."),
            _needs_decision(about),
            _to_verify(about),
        ),
        action=_("Read and decide"),
    )


def nudge(about: Occasion) -> Letter:
    return Letter(
        subject=_("Decide by %(day)s, they ask again") % {"day": day(about.case.decide_by_at)},
        sentences=(
            _("%(person)s asks you to look at this request.") % {"person": about.by},
            _needs_decision(about),
            _to_verify(about),
        ),
        action=_("Read and decide"),
    )


def tell_comment(about: Occasion) -> Letter:
    return Letter(
        subject=_("%(person)s writes to you") % {"person": about.by},
        sentences=(_("%(person)s writes:") % {"person": about.by}, quoted(about.said("text"))),
        action=_("Read and answer"),
    )


def escalate(about: Occasion) -> Letter:
    if about.kind == "case.decided":
        sentence = _("%(person)s stepped aside, and too few are left to decide it. So it has come to you.")
        sentence %= {"person": about.by}
    elif about.body.get("people"):
        sentence = _("The time to decide this request runs out and nobody has decided, so it has come to you as well.")
    else:
        sentence = _("The time to decide this request runs out, and nobody may decide it without gaining from it.")
    return Letter(
        subject=_("Decide by %(day)s, the others have not") % {"day": day(about.case.decide_by_at)},
        sentences=(sentence, _needs_decision(about), _to_verify(about)),
        action=_("Read and decide"),
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


def tell_progress(about: Occasion) -> Letter:
    return Letter(
        subject=_("One step further"),
        sentences=(_("%(person)s approved. Another step still has to decide.") % {"person": about.by},),
        action=_("See who decides next"),
    )


def tell_approved(about: Occasion) -> Letter:
    waiting = _unverified(about)
    starts = terms.earliest_start(about.case)
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
    less = _("It was approved for less than was asked: read what is granted on its page.")
    return Letter(
        subject=_("Approved"),
        sentences=(
            _("%(person)s approved this exception.") % {"person": about.by},
            less if about.body.get("is_narrowed") else "",
            then,
        ),
        action=_("Open the exception"),
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


def tell_lapsed(about: Occasion) -> Letter:
    if about.body.get("from_state") == State.REQUESTED:
        why = _("Nobody decided by %(when)s. Silence never approves, so the request lapsed.")
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
    }
    return Letter(
        subject=_("Has to be decided again"),
        sentences=(
            why.get(about.said("reason"), _("The approval no longer stands.")),
            _("It is not in force. The approvers have until %(when)s.") % {"when": exact(about.case.decide_by_at)},
        ),
        action=_("Open the exception"),
    )


def tell_activated(about: Occasion) -> Letter:
    case = about.case
    return Letter(
        subject=_("In force until %(day)s") % {"day": day(case.expires_at)},
        sentences=(
            _("This exception may be relied on from %(start)s until %(end)s.")
            % {"start": exact(case.activated_at), "end": exact(case.expires_at)},
            _("If you need longer, renew it early: a renewal approved in time takes over without a gap."),
        ),
        action=_("Open the exception"),
    )


def tell_suspended(about: Occasion) -> Letter:
    if about.said("reason") == "owner_left":
        why = _("Its owner has left, and neither a backup owner nor a manager could take over.")
    else:
        why = quoted(about.said("reason"))
    return Letter(
        subject=_("Suspended, do not rely on it"),
        sentences=(
            _("This exception is out of force until someone who does not gain from it has looked again."),
            why,
            _("Its end stays where it is: %(when)s.") % {"when": exact(about.case.expires_at)},
        ),
        action=_("Open the exception"),
    )


def tell_resumed(about: Occasion) -> Letter:
    return Letter(
        subject=_("In force again until %(day)s") % {"day": day(about.case.expires_at)},
        sentences=(
            _("%(person)s checked this exception; it may be relied on again.") % {"person": about.by},
            quoted(about.said("statement")),
        ),
        action=_("Open the exception"),
    )


_OWNERS = {
    "owner_left": gettext_lazy("The owner has left, so %(person)s now owns this exception."),
    "accepted": gettext_lazy("%(person)s has accepted and now owns this exception."),
}


def tell_owner_changed(about: Occasion) -> Letter:
    return Letter(
        subject=_("New owner: %(person)s") % {"person": about.case.owner},
        sentences=(
            _OWNERS.get(about.said("reason"), _OWNERS["owner_left"]) % {"person": about.case.owner},
            _("The owner answers for it: renew it, end it, and see that access is removed when it ends."),
        ),
        action=_("Open the exception"),
    )


def tell_ended(about: Occasion) -> Letter:
    how = {
        "case.expired": _("Its time is over: this exception ended on %(when)s."),
        "case.completed": _("%(person)s ended this exception early, on %(when)s."),
        "case.superseded": _("Its renewal has taken over; this exception ended on %(when)s."),
    }
    words = {"person": about.by, "when": exact(about.case.ended_at)}
    return Letter(
        subject=_("Ended, remove access") if about.owed else _("Ended"),
        sentences=(how[about.kind] % words, quoted(about.said("reason")), *_debt(about)),
        action=_("See what is left to do") if about.owed else _("Open the exception"),
    )


def tell_revoked(about: Occasion) -> Letter:
    return Letter(
        subject=_("Revoked, remove access") if about.owed else _("Revoked"),
        sentences=(
            _("%(person)s revoked this exception. It may no longer be relied on.") % {"person": about.by},
            quoted(about.said("reason")),
            *_debt(about),
        ),
        action=_("See what is left to do") if about.owed else _("Open the exception"),
    )


def remind_of_end(about: Occasion) -> Letter:
    case = about.case
    if case.state == State.SUSPENDED:
        now = _("It is suspended, and may not be relied on meanwhile.")
    else:
        now = _("After that nothing may rely on it, and access has to be removed.")
    return Letter(
        subject=_("Ends %(day)s") % {"day": day(case.expires_at)},
        sentences=(
            _("This exception ends on %(when)s.") % {"when": exact(case.expires_at)},
            now,
            _("Either follow the exit plan, end it now if the need is over, or renew it in good time."),
        ),
        action=_("Renew, end or plan the exit"),
    )


def remind_of_removal(about: Occasion) -> Letter:
    return Letter(
        subject=_("Access not confirmed removed"),
        sentences=(
            _("This exception ended on %(when)s.") % {"when": exact(about.case.ended_at)},
            *_debt(about),
            _("This mail comes every week until the removal is confirmed."),
        ),
        action=_("Confirm removed"),
    )


def _rejected_because(about: Occasion) -> str:
    word = about.said("preset")
    return f"{RejectionReason(word).label}." if word in RejectionReason.values else ""


def _needs_decision(about: Occasion) -> str:
    return _("You may decide it until %(when)s. If nobody has decided by then, it lapses: silence never approves.") % {
        "when": exact(about.case.decide_by_at)
    }


def _unverified(about: Occasion) -> int:
    return about.case.safeguards.filter(required=True, verified_at__isnull=True).count()


def _to_verify(about: Occasion) -> str:
    """What holds the start back after an approval; "" where nothing does."""
    count = _unverified(about)
    sentence = ngettext(
        "Approving does not start it: %(n)d required safeguard is not verified yet. "
        "Someone who does not gain from it, such as an approver, verifies it on the exception's page.",
        "Approving does not start it: %(n)d required safeguards are not verified yet. "
        "Someone who does not gain from it, such as an approver, verifies them on the exception's page.",
        count,
    )
    return sentence % {"n": count} if count else ""


def _debt(about: Occasion) -> tuple[str, ...]:
    """What still has to be removed and what counts as removed (DESIGN, promise 13)."""
    count = len(about.owed)
    if not count:
        return ()
    hows = " / ".join(str(how.label) for how in REMOVALS.get(about.case.credential_form, ()))
    places = ", ".join(f"{(grant.opens or grant.asked).resource} ({grant.system})" for grant in about.owed)
    words = {"n": count, "places": places, "hows": hows}
    wanted = ngettext(
        "%(n)d grant waits for proof that access is gone: %(places)s.",
        "%(n)d grants wait for proof that access is gone: %(places)s.",
        count,
    )
    return (wanted % words, _("What counts: %(hows)s. Someone who did not gain from it confirms.") % words)
