"""Mails on looking again: what is to be reviewed, and what came of it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptions_app.models import Outcome, Review, State, Trigger
from workflows.mails.letters.base import Letter, named, renewal_under_way
from workflows.mails.occasion import Occasion
from workflows.mails.words import day, exact, quoted


def ask_review(about: Occasion) -> Letter:
    return Letter(
        subject=_("Review by %(day)s") % {"day": day(_due(about).due_at)},
        sentences=(
            _("Somebody who does not gain from this exception is to look at it again.")
            if about.case.state == State.SUSPENDED
            else _("This exception is in use, and somebody who does not gain from it is to look at it again."),
            *_reasons(about),
            *_outlook(about),
        ),
        action=_("Look at it again") if about.case.state == State.SUSPENDED else _("Review it"),
        tells_scope=True,
    )


def remind_of_review(about: Occasion) -> Letter:
    due = _due(about)
    late = due.due_at <= about.at
    subject = _("Review overdue since %(day)s") if late else _("Still to review by %(day)s")
    return Letter(
        subject=subject % {"day": day(due.due_at)},
        sentences=(
            _("Nobody has reviewed this exception, though its time is over.")
            if late
            else _("Nobody has reviewed this exception yet."),
            *_reasons(about),
            *_outlook(about),
        ),
        action=_("Review it"),
        tells_scope=True,
    )


def tell_review(about: Occasion) -> Letter:
    """For those whose exception it is: they cannot answer it, and lose most."""
    due = _due(about)
    subject = _("Review of yours overdue since %(day)s") if due.due_at <= about.at else _("To be reviewed by %(day)s")
    return Letter(
        subject=subject % {"day": day(due.due_at)},
        sentences=(
            _("Somebody who does not gain from this exception looks at it again. Have ready what they want to see."),
            *_reasons(about),
            *_outlook(about),
            _("If it is no longer needed, end it; if less would do, ask them to narrow it."),
        ),
        action=_("Open the exception"),
    )


_COME_OF_IT = {
    Outcome.KEEP: gettext_lazy("%(person)s reviewed this exception: it stays as it is."),
    Outcome.NARROW: gettext_lazy(
        "%(person)s reviewed this exception and took away part of what it opens. What is left stands below; the rest "
        "has to be removed, and somebody who does not gain confirms that."
    ),
    Outcome.SHORTEN: gettext_lazy("%(person)s reviewed this exception: it ends sooner, on %(end)s."),
    Outcome.RENEW: gettext_lazy(
        "%(person)s reviewed this exception: it stays until %(end)s, and is to be renewed. Without a renewal it ends "
        "then."
    ),
}


def tell_reviewed(about: Occasion) -> Letter:
    outcome = Outcome(about.said("outcome"))
    subjects = {
        Outcome.KEEP: _("Reviewed, it stays"),
        Outcome.NARROW: _("Reviewed, it opens less"),
        Outcome.SHORTEN: _("Reviewed, ends %(end)s"),
        Outcome.RENEW: _("Renew it by %(end)s"),
    }
    words = {"person": about.by, "end": exact(about.case.expires_at)}
    under_way = renewal_under_way(about.case) if outcome == Outcome.RENEW else ""
    renews = outcome == Outcome.RENEW and not under_way
    return Letter(
        subject=subjects[outcome] % {"end": day(about.case.expires_at)},
        sentences=(_COME_OF_IT[outcome] % words, quoted(about.said("statement")), under_way),
        action=_("Renew it") if renews else _("Open the exception"),
        place="case_renewal" if renews else "case",
        tells_scope=outcome == Outcome.NARROW,
    )


def tell_shortened(about: Occasion) -> Letter:
    words = {"person": about.by, "end": exact(about.case.expires_at)}
    return Letter(
        subject=_("Ends sooner, on %(end)s") % {"end": day(about.case.expires_at)},
        sentences=(
            _("%(person)s has this exception end sooner, on %(end)s.") % words,
            quoted(about.said("reason")),
        ),
        action=_("Open the exception"),
    )


def _due(about: Occasion) -> Review:
    """The one that is due first; a mail about none is not sent."""
    return min(about.to_review, key=lambda review: review.due_at)


def _reasons(about: Occasion) -> list[str]:
    """What there is to look at, besides that its turn has come."""
    return [_reason(review) for review in about.to_review if review.trigger != Trigger.CADENCE]


def _reason(review: Review) -> str:
    what = str(review.get_trigger_display())
    return f"{what}: {quoted(review.why)}" if review.why else f"{what}."


def _outlook(about: Occasion) -> list[str]:
    """What comes of it where nobody looks, and who may."""
    falls_at = min(review.falls_at for review in about.to_review)
    people = named([sitter.user for sitter in about.reviewers])
    if about.case.state == State.SUSPENDED:
        able = (
            _("%(people)s may resume it.") % {"people": people}
            if people
            else _("Nobody may resume it as things stand.")
        )
        return [able, _("It is suspended, and stays so until somebody resumes it: that answers this too.")]
    who = _("%(people)s may review it.") % {"people": people} if people else _("Nobody may review it as things stand.")
    if about.case.expires_at is not None and falls_at >= about.case.expires_at:
        return [who, _("It ends on %(when)s.") % {"when": exact(about.case.expires_at)}]
    said = _("Unless somebody does, it is out of force from %(when)s, though no one has to do anything.")
    return [who, said % {"when": exact(falls_at)}]
