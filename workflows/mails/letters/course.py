"""Mails on what follows: force, its end, and access that has to go."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptions_app.freshness import Freshness, counts_until, freshness
from exceptions_app.models import RELIED_ON, ExceptionCase, Safeguard, State
from exceptions_app.queries.suspension import suspension_of
from workflows.mails.letters.base import Letter, debt, named, renewal_under_way
from workflows.mails.occasion import Occasion
from workflows.mails.words import day, exact, quoted


def tell_activated(about: Occasion) -> Letter:
    case = about.case
    subject = _("In force until %(end)s")
    if case.activated_at is not None and case.activated_at > about.at:  # a renewal, from its predecessor's end
        subject = _("In force from %(start)s until %(end)s")
    return Letter(
        subject=subject % {"start": day(case.activated_at), "end": day(case.expires_at)},
        sentences=(
            _("This exception may be relied on from %(start)s until %(end)s.")
            % {"start": exact(case.activated_at), "end": exact(case.expires_at)},
            _("If you need longer, renew it early: a renewal approved in time takes over without a gap."),
        ),
        action=_("Open the exception"),
    )


def tell_suspended(about: Occasion) -> Letter:
    if about.said("reason") == "owner_left":
        why = _("Its owner has left or audits now, and neither a backup owner nor a manager could take over.")
    else:
        why = quoted(about.said("reason")) if about.actor else about.said("reason")
    return Letter(
        subject=_("Suspended, do not rely on it"),
        sentences=(
            _("This exception is out of force until someone who does not gain from it has looked again."),
            why,
            _waits_for(about),
            _("Its end stays where it is: %(when)s.") % {"when": exact(about.case.expires_at)},
        ),
        action=_("Open the exception"),
    )


def _waits_for(about: Occasion) -> str:
    """Whose turn it is."""
    suspension = suspension_of(about.case, about.at)
    if suspension is None:
        return ""
    people, obstacle = named(suspension.people), suspension.obstacle
    if obstacle is None:
        said = _("It is up to %(people)s to resume it.")
        return said % {"people": people} if people else _("Nobody may do that by now; programme managers are told.")
    then = _("Then it is up to %(people)s to resume it.") % {"people": people} if people and obstacle.may_pass else ""
    return f"{obstacle.sentence} {then}".strip()


def remind_of_safeguards(about: Occasion) -> Letter:
    case = about.case
    return Letter(
        subject=_("Verify its safeguards by %(day)s") % {"day": day(_guarded_until(case) or case.expires_at)},
        sentences=(
            _("An exception counts only while its safeguards are known to work."),
            *(_guard(one, about) for one in about.unguarded),
            _outlook(case),
            _("An approver, or the owner of the control or of a system, verifies it on the page of the exception."),
        ),
        action=_("See its safeguards"),
    )


def tell_safeguard_failed(about: Occasion) -> Letter:
    case = about.case
    sentences = [
        _("%(person)s says that a safeguard of this exception does not work: %(safeguard)s")
        % {"person": about.by, "safeguard": quoted(about.said("description"))},
        quoted(about.said("reason")),
    ]
    if case.state in RELIED_ON:
        sentences += [_outlook(case)]
    elif case.state == State.SUSPENDED:
        sentences += [_("The exception is suspended, and stays so until this safeguard is verified again.")]
    else:
        sentences += [_("The exception does not start until this safeguard is verified again.")]
    return Letter(subject=_("A safeguard failed"), sentences=tuple(sentences), action=_("See its safeguards"))


def _outlook(case: ExceptionCase) -> str:
    """What comes of it where nobody verifies anything."""
    until_at = _guarded_until(case)
    if until_at is None:
        return _("The exception ends on %(when)s.") % {"when": exact(case.expires_at)}
    said = _("Unless that is verified, the exception is out of force from %(when)s, though no one has to do anything.")
    return said % {"when": exact(until_at)}


def _guarded_until(case: ExceptionCase) -> datetime | None:
    """Where its safeguards end its force before its end; None where they do not."""
    until_at = min((counts_until(one, case) for one in case.safeguards.all()), default=None)
    return until_at if until_at is not None and case.expires_at is not None and until_at < case.expires_at else None


_GUARDS = {
    Freshness.FAILED: gettext_lazy("Failed: %(safeguard)s"),
    Freshness.STALE: gettext_lazy("Held until %(when)s: %(safeguard)s"),
    Freshness.DUE: gettext_lazy("Holds until %(when)s: %(safeguard)s"),
    Freshness.UNVERIFIED: gettext_lazy("Not verified yet: %(safeguard)s"),
}


def _guard(safeguard: Safeguard, about: Occasion) -> str:
    words = {"when": exact(safeguard.fresh_until_at), "safeguard": safeguard.description}
    return str(_GUARDS[freshness(safeguard, about.at)] % words)


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
    "owner_left": gettext_lazy("The owner has left or audits now, so %(person)s owns this exception."),
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
        sentences=(how[about.kind] % words, quoted(about.said("reason")), *debt(about)),
        action=_("See what is left to do") if about.owed else _("Open the exception"),
    )


def tell_revoked(about: Occasion) -> Letter:
    return Letter(
        subject=_("Revoked, remove access") if about.owed else _("Revoked"),
        sentences=(
            _("%(person)s revoked this exception. It may no longer be relied on.") % {"person": about.by},
            quoted(about.said("reason")),
            *debt(about),
        ),
        action=_("See what is left to do") if about.owed else _("Open the exception"),
    )


_CHOICES = gettext_lazy("Either renew it in good time, or say that it is to end then; if the need is over, end it now.")


def remind_of_end(about: Occasion) -> Letter:
    case, settled = about.case, renewal_under_way(about.case)
    if case.let_end_at and not settled:
        settled = _("It is not to be renewed, as was said on %(when)s.") % {"when": day(case.let_end_at)}
    renews = not settled and case.state != State.SUSPENDED
    if case.state == State.SUSPENDED:
        now = _("It is suspended, and may not be relied on meanwhile.")
    else:
        now = _("After that nothing may rely on it, and access has to be removed.")
    return Letter(
        subject=_("Ends %(day)s") % {"day": day(case.expires_at)},
        sentences=(
            _("This exception ends on %(when)s.") % {"when": exact(case.expires_at)},
            now,
            settled or str(_CHOICES),
        ),
        action=_("Renew it, or let it end") if renews else _("Open the exception"),
        place="case_renewal" if renews else "case",
    )


def remind_of_disuse(about: Occasion) -> Letter:
    case = about.case
    last = case.uses.filter(was_in_force=True).first()
    if last is None:
        told = _("Nobody has recorded a use of it since it started on %(when)s.") % {"when": day(case.activated_at)}
    else:
        told = _("The last use on record was on %(when)s.") % {"when": day(last.used_at)}
    return Letter(
        subject=_("Not used: is it still needed?"),
        sentences=(
            told,
            _("A third of its term has passed since then. It goes on until %(end)s.") % {"end": exact(case.expires_at)},
            _("End it now if nobody needs it: what nobody uses is open all the same. If it was used, record that."),
        ),
        action=_("End it, or record a use"),
    )


def remind_of_removal(about: Occasion) -> Letter:
    return Letter(
        subject=_("Access not confirmed removed"),
        sentences=(
            _("This exception ended on %(when)s.") % {"when": exact(about.case.ended_at)}
            if about.case.ended_at
            else _("A review took away part of what this exception opens."),
            *debt(about),
            _("This mail comes every week until the removal is confirmed."),
        ),
        action=_("Confirm removed"),
    )
