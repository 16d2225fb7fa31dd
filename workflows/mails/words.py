"""Instants, terms and quotations as mails write them, in the time zone that is active."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app.models import ExceptionCase


def day(instant: datetime | None) -> str:
    """`24 Nov`, for subjects."""
    return date_format(localtime(instant), "j M") if instant else "–"


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
