"""Instants, terms, quotations and the facts of a case as notices write them, in the time zone that is active."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.text import Truncator, get_text_list
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from exceptions_app.freshness import is_verified
from exceptions_app.models import ExceptionCase, Grant, Safeguard, State

MOST_OF_WHY = 600
"""Characters of each of the requester's texts a mail holds; the page has all of them."""


@dataclass(frozen=True)
class Fact:
    """One line of a notice. Machines know it by its key."""

    key: str
    label: str
    value: str


def facts(case: ExceptionCase) -> list[Fact]:
    """What a reader wants to know before opening anything; what is not known is left out."""
    found = [
        Fact("exception", _("Exception"), f"{case.reference} {case.title}"),
        Fact("identity", _("Identity"), _identity(case)),
        Fact("control", _("Control"), str(case.control or "")),
        Fact("asked_term", _("Asked term"), term(case)),
        Fact("approved_term", _("Approved for"), _approved(case)),
        Fact("risk", _("Risk"), case.get_risk_tier_display() or ""),
        Fact("owner", _("Owner"), str(case.owner or "")),
        Fact("decide_by", _("Decide by"), exact(case.decide_by_at) if case.state == State.REQUESTED else ""),
        Fact("ends", _("Ends"), exact(case.expires_at) if case.expires_at else ""),
    ]
    return [fact for fact in found if fact.value]


def scope(case: ExceptionCase, at: datetime) -> list[Fact]:
    """What it opens, or would open, and by what; why, and why not otherwise; and behind which safeguards."""
    grants = case.grants.select_related("system").order_by("pk")
    guards = case.safeguards.order_by("pk")
    return [
        Fact("opens", _("Opens"), "\n".join(_opens(grant) for grant in grants)),
        Fact("credential", _("Credential"), str(case.get_credential_form_display()) if case.credential_form else ""),
        *(Fact(name, label, Truncator(getattr(case, name)).chars(MOST_OF_WHY)) for name, label in _since()),
        Fact("why", _("Why"), Truncator(case.justification).chars(MOST_OF_WHY)),
        Fact("normal_path", _("Normal path"), Truncator(case.normal_path).chars(MOST_OF_WHY)),
        Fact("safeguards", _("Safeguards"), "\n".join(_guard(guard, at) for guard in guards)),
    ]


def _since() -> Iterator[tuple[str, str]]:
    """What a renewal answers, by field, as the page says it."""
    yield "what_changed", _("Changed since the last time")
    yield "exit_progress", _("Done to end it")
    yield "why_still", _("Still needed because")


def _opens(grant: Grant) -> str:
    """`read and write kv/erp/* on ERP, from 10.4.0.0/16, only if: at night`."""
    words = {"resource": grant.asked.resource, "system": grant.system or "–"}
    if grant.opens is None:
        return _("%(resource)s on %(system)s: withheld") % words
    words |= {"actions": get_text_list(list(grant.opens.actions), str(_("and"))), "resource": grant.opens.resource}
    said = _("%(actions)s %(resource)s on %(system)s") % words
    if grant.opens.networks:
        said += _(", from %(networks)s") % {"networks": ", ".join(grant.opens.networks)}
    if grant.conditions:
        said += _(", only if: %(conditions)s") % {"conditions": grant.conditions}
    return said


def _guard(guard: Safeguard, at: datetime) -> str:
    if guard.failed_at:
        said = _("known to fail")
    elif is_verified(guard, at):
        said = _("verified")
    elif guard.required:
        said = _("has to be verified before it starts")
    else:
        said = _("not verified yet")
    return " ".join(filter(None, [guard.in_words, guard.description, f"({said})"]))


def _identity(case: ExceptionCase) -> str:
    """Its name, and the handle that pages lead with."""
    found = case.identity
    if found is None or found.name == found.slug:
        return str(found or "")
    return f"{found.name} ({found.slug})"


def _approved(case: ExceptionCase) -> str:
    """The approved term, where it is another than was asked."""
    days = (case.approved_term_seconds or 0) // 86400
    if not days or days == case.term_days or case.state in {State.DRAFT, State.REQUESTED}:
        return ""
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def link(case: ExceptionCase, place: str = "case") -> str:
    """The page of the case, where whoever is signed in reads and decides; or another page of it, by name."""
    return f"{settings.BASE_URL}{reverse(place, args=[case.reference])}"


def link_as_told(case: ExceptionCase, digest: str, reader: User) -> str:
    """The same of a request, so that the page says to this reader whether it is as the mail told it."""
    if case.state != State.REQUESTED:
        return link(case)
    return f"{link(case)}?mail={mark(digest, case.safeguards.all(), reader)}"


def mark(digest: str, safeguards: Iterable[Safeguard], reader: User) -> str:
    """What a link carries of what a mail told its reader: all that is asked, and which safeguards are verified.

    Nobody else can make it, so that the page vouches for no mail but ours.
    """
    verified = sorted(guard.pk for guard in safeguards if guard.verified_at and not guard.failed_at)
    return salted_hmac("workflows.mails.told", f"{reader.pseudonym} {digest} {verified}").hexdigest()[:20]


def day(instant: datetime | None) -> str:
    """`24 Nov`, for subjects."""
    return date_format(localtime(instant), "j M") if instant else "–"


def minute(instant: datetime | None) -> str:
    """`24 Nov 09:30 CET`, for subjects with a deadline: the day alone reads as if all of it were left."""
    return date_format(localtime(instant), "j M H:i T") if instant else "–"


def exact(instant: datetime | None) -> str:
    """`Tuesday 24 November 2026, 09:30 CET`."""
    return date_format(localtime(instant), "l j F Y, H:i T") if instant else "–"


def term(case: ExceptionCase) -> str:
    """The asked term in words."""
    if case.term_days:
        return ngettext("%(n)d day", "%(n)d days", case.term_days) % {"n": case.term_days}
    if case.end_on:
        end = date_format(case.end_on, "l j F Y")
        return _("until the end of %(day)s (%(zone)s)") % {"day": end, "zone": case.end_zone}
    return "–"


def quoted(text: str) -> str:
    """A person's own words, in quotation marks; "" stays empty."""
    return f"“{text}”" if text else ""


def one_line(text: str) -> str:
    """Text for a header: no line breaks or control characters, so that nobody writes headers of their own."""
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())
