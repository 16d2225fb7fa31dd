"""Puts a letter on paper: headers, plain text and HTML, in its reader's time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from exceptions_app.models import ExceptionCase
from workflows.mails.letters import Letter
from workflows.mails.occasion import Occasion
from workflows.mails.weekly_words import Part
from workflows.mails.words import Fact, facts, link, link_as_told, one_line, scope
from workflows.models import Notice

MARK = "[Stopgap]"


def write(
    occasion: Occasion, letter: Callable[[Occasion], Letter], notice: Notice, reasons: Sequence[str]
) -> EmailMultiAlternatives:
    """The mail to one person, complete."""
    case, person = occasion.case, notice.person
    with timezone.override(person.zone):
        written = letter(occasion)
        subject = f"{written.subject}: {case.reference} {case.title}"
        return _mail(notice, subject, "letter", _context(occasion, written, person, reasons), **_thread(case))


def write_digest(
    letters: Sequence[tuple[Occasion, Callable[[Occasion], Letter]]], notice: Notice
) -> EmailMultiAlternatives:
    """One mail with all of these letters, to the person of the notice."""
    with timezone.override(notice.person.zone):
        entries = [_context(about, letter(about), notice.person, []) for about, letter in letters]
        count = ngettext("Your morning mail: %(n)d matter", "Your morning mail: %(n)d matters", len(entries))
        subject = count % {"n": len(entries)}
        why = _("You get this once a day because you chose so in your profile, under Mails.")
        return _mail(notice, subject, "digest", {"subject": subject, "entries": entries, "why": why})


def write_weekly(subject: str, parts: Sequence[Part], notice: Notice) -> EmailMultiAlternatives:
    """The mail of a Monday; its parts were worded in the time zone of its reader."""
    why = _("You get this on Mondays because you answer for exceptions or lead a team. See Mails in your profile.")
    return _mail(notice, subject, "weekly", {"subject": subject, "parts": parts, "why": why})


def write_enrolment(notice: Notice, rules: Sequence[str]) -> EmailMultiAlternatives:
    """The mail to somebody whom these rules ask for a second factor they have not set up."""
    subject = enrolment_subject()
    context = {
        "subject": subject,
        "sentences": [
            _("You may be asked to approve with a second factor, a passkey or a code from an app, and have none yet."),
            _("Rules that ask for it: %(rules)s.") % {"rules": get_text_list(list(rules), str(_("and")))},
            _("Set it up now, so that no decision has to wait for it."),
        ],
        "link": f"{settings.BASE_URL}{reverse('profile_signing_in')}",
        "action": _("Set one up"),
        "why": _("You get this mail because you have become an approver, or a rule that asks you has changed."),
    }
    return _mail(notice, subject, "note", context)


def enrolment_subject() -> str:
    return _("Set up a second factor")


def _mail(
    notice: Notice, subject: str, template: str, context: Mapping[str, Any], **headers: str
) -> EmailMultiAlternatives:
    """As plain text and as HTML, in the time zone that is active."""
    own = {"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    message = EmailMultiAlternatives(
        subject=one_line(f"{MARK} {subject}"),
        body=render_to_string(f"mail/{template}.txt", context),
        to=[notice.person.email],
        headers=own | headers,
    )
    message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return message


def _thread(case: ExceptionCase) -> dict[str, str]:
    """`References` names the case, so that a mail program shows its mails as one conversation."""
    return {"References": f"<{case.reference}@{urlsplit(settings.BASE_URL).hostname}>"}


def _context(about: Occasion, letter: Letter, reader: User, reasons: Sequence[str]) -> dict[str, Any]:
    case = about.case
    return {
        "subject": letter.subject,
        "case": case,
        "sentences": [sentence for sentence in letter.sentences if sentence],
        "link": link_as_told(case, about.digest, reader) if letter.tells_scope else link(case, letter.place),
        "action": letter.action,
        "facts": [(fact.label, fact.value) for fact in _facts(about, letter)],
        "why": _why(reasons),
    }


def _facts(about: Occasion, letter: Letter) -> list[Fact]:
    """What the heading and the sentences do not say already; where it tells the scope, the page says whose it is."""
    said = {"exception"}
    if letter.tells_scope:
        said |= {"decide_by", "owner"}
    found = [*facts(about.case), *(scope(about.case, about.at) if letter.tells_scope else ())]
    return [fact for fact in found if fact.value and fact.key not in said]


def _why(reasons: Sequence[str]) -> str:
    return _("You get this mail because %(reasons)s.") % {"reasons": get_text_list(list(reasons), str(_("and")))}
