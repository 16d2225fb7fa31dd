"""Time, numbers and lists in the words a person would use; time rounded down, so that nobody is promised too much.

What lacks next to nothing counts as whole: five days given to decide are still five when the page is read a moment
later, and the same five as in the form and in the mail.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.texts import first_of

MINUTE, HOUR, DAY = 60, 3600, 86_400
MONTH = 30 * DAY
YEAR = 365 * DAY
YEARS_FROM = 2 * YEAR
FEW_HOURS = 6
MONTHS_FROM = 100 * DAY  # terms are agreed in days, so days are spoken of for long


def relative(instant: datetime, at: datetime) -> str:
    """`in 3 days`, `2 hours ago`, `just now`."""
    seconds = (instant - at).total_seconds()
    if abs(seconds) < MINUTE:
        return _("just now")
    words = duration(abs(seconds))
    return _("in %(duration)s") % {"duration": words} if seconds > 0 else _("%(duration)s ago") % {"duration": words}


def joined(items: Sequence[str]) -> str:
    """“read”, “read and list”, “read, list and write”."""
    return _together(items, _("%(first)s and %(last)s"))


def either(items: Sequence[str]) -> str:
    """“read”, “read or list”, “read, list or write”."""
    return _together(items, _("%(first)s or %(last)s"))


def named(people: Sequence[object], *, most: int = 3, listed: Callable[[Sequence[str]], str] = joined) -> str:
    """“Bob, Carol and 2 others”."""
    return listed(first_of(people, most))


def _together(items: Sequence[str], last_two: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return last_two % {"first": ", ".join(items[:-1]), "last": items[-1]}


def duration(length: timedelta | float) -> str:
    """The largest unit that fits, with months beside years; a number is seconds."""
    seconds = _rounded(int(length.total_seconds() if isinstance(length, timedelta) else length))
    if seconds < HOUR:
        minutes = seconds // MINUTE
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < DAY:
        hours = seconds // HOUR
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if seconds < MONTHS_FROM:
        return days(seconds // DAY)
    if seconds < YEARS_FROM:
        return _months(seconds // MONTH)
    years, rest = divmod(seconds, YEAR)
    told = ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
    months = min(rest // MONTH, 11)
    return _("%(years)s and %(months)s") % {"years": told, "months": _months(months)} if months else told


def left(length: timedelta) -> str:
    """A duration, with the minutes while only hours are left: who reads “1 hour” may have nearly two."""
    hours, minutes = divmod(int(length.total_seconds()) // MINUTE, 60)
    if minutes and 0 < hours < FEW_HOURS:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return duration(length)


def _months(count: int) -> str:
    return ngettext("%(n)d month", "%(n)d months", count) % {"n": count}


def _rounded(seconds: int) -> int:
    """Up to the next whole day if less than an hour lacks, to the next whole hour if less than a minute does."""
    lacking = DAY - seconds % DAY
    if seconds > DAY and lacking < HOUR:
        return seconds + lacking
    lacking = HOUR - seconds % HOUR
    return seconds + lacking if seconds > HOUR and lacking < MINUTE else seconds


def days(count: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", count) % {"n": count}


def exact(instant: datetime) -> str:
    """Weekday, date, minute and zone, in the reader's time zone."""
    return date_format(localtime(instant), "l j F Y, H:i T")


def grouped(number: int) -> str:
    """`240,000`."""
    return f"{number:,}"


def roughly(number: int) -> str:
    """To two figures, as an estimate is told: 238,412 is `240,000`."""
    return grouped(round(number, 2 - len(str(number))))
