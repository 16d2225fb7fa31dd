"""Puts a letter on paper: headers, plain text and HTML, in its reader's time zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

from exceptions_app.models import ExceptionCase
from workflows.mails.letters import Letter
from workflows.mails.occasion import Occasion
from workflows.mails.words import exact, one_line, term
from workflows.models import Notice

MARK = "[Stopgap]"


def write(
    occasion: Occasion, letter: Callable[[Occasion], Letter], notice: Notice, reasons: Sequence[str]
) -> EmailMultiAlternatives:
    """The mail to one person, complete."""
    case, person = occasion.case, notice.person
    with timezone.override(person.zone):
        written = letter(occasion)
        context = _context(case, written, reasons)
        message = EmailMultiAlternatives(
            subject=one_line(f"{MARK} {written.subject}: {case.reference} {case.title}"),
            body=render_to_string("mail/letter.txt", context),
            to=[person.email],
            headers=_headers(case, notice),
        )
        message.attach_alternative(render_to_string("mail/letter.html", context), "text/html")
    return message


def write_digest(
    letters: Sequence[tuple[Occasion, Callable[[Occasion], Letter]]], notice: Notice
) -> EmailMultiAlternatives:
    """One mail with all of these letters, to the person of the notice."""
    with timezone.override(notice.person.zone):
        entries = [_context(about.case, letter(about), []) for about, letter in letters]
        count = ngettext("Your morning mail: %(n)d matter", "Your morning mail: %(n)d matters", len(entries))
        subject = count % {"n": len(entries)}
        why = _("You get this once a day because you chose so in your profile, under Mails.")
        context = {"subject": subject, "entries": entries, "why": why}
        message = EmailMultiAlternatives(
            subject=f"{MARK} {subject}",
            body=render_to_string("mail/digest.txt", context),
            to=[notice.person.email],
            headers=_own_headers(notice),
        )
        message.attach_alternative(render_to_string("mail/digest.html", context), "text/html")
    return message


def _headers(case: ExceptionCase, notice: Notice) -> dict[str, str]:
    """`References` names the case, so that a mail program shows its mails as one conversation."""
    host = urlsplit(settings.BASE_URL).hostname
    return {**_own_headers(notice), "References": f"<{case.reference}@{host}>"}


def _own_headers(notice: Notice) -> dict[str, str]:
    return {
        "Message-ID": notice.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def _context(case: ExceptionCase, letter: Letter, reasons: Sequence[str]) -> dict[str, Any]:
    link = f"{settings.BASE_URL}{reverse('case', args=[case.reference])}"
    return {
        "subject": letter.subject,
        "case": case,
        "sentences": [sentence for sentence in letter.sentences if sentence],
        "link": link,
        "action": letter.action,
        "facts": [(name, value) for name, value in _facts(case) if value],
        "why": _why(reasons),
    }


def _why(reasons: Sequence[str]) -> str:
    return _("You get this mail because %(reasons)s.") % {"reasons": get_text_list(list(reasons), str(_("and")))}


def _facts(case: ExceptionCase) -> list[tuple[str, str]]:
    """What a reader wants to know before opening anything."""
    return [
        (_("Exception"), f"{case.reference} {case.title}"),
        (_("Identity"), str(case.identity or "")),
        (_("Control"), str(case.control or "")),
        (_("Asked term"), term(case)),
        (_("Risk"), case.get_risk_tier_display() or ""),
        (_("Owner"), str(case.owner or "")),
        (_("Decide by"), exact(case.decide_by_at) if case.state == "requested" else ""),
        (_("Ends"), exact(case.expires_at) if case.expires_at else ""),
    ]
