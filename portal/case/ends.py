"""When a case ends, in plain words: the end that is fixed, or what is known of it before the start."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app import terms
from exceptions_app.models import ExceptionCase
from portal import words


def moment(instant: datetime) -> SafeString:
    """“4 December 2026, 17:00 CET” as `<time>`, in the reader's zone."""
    utc = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = date_format(localtime(instant), "j F Y, H:i T")
    return format_html('<time datetime="{}" title="{}">{}</time>', utc, words.exact(instant), text)


def until(case: ExceptionCase) -> SafeString | str:
    """The grants' end as the rest of a sentence; empty while none is asked for."""
    end_at = end_of(case)
    if end_at:
        return format_html(_(" until {end}"), end=moment(end_at))
    count = days_from_start(case)
    return format_html(_(" for {days} from its start"), days=words.days(count)) if count else ""


def between(case: ExceptionCase, at: datetime) -> SafeString | str:
    """The earliest and the latest end that its start leaves open; empty where the end is fixed, or not known at all."""
    latest_at = latest_end_of(case)
    if end_of(case) or not days_from_start(case) or latest_at is None:
        return ""
    early = date_format(localtime(_earliest_end(case, at)), "j F Y")
    return format_html(
        _("{early} if it starts at once, {end} if as late as it may"), early=early, end=moment(latest_at)
    )


def latest_end_of(case: ExceptionCase) -> datetime | None:
    """When it ends at the latest: once approved, by its approved term from the last instant it may start."""
    if case.activate_by_at is None or case.approved_term_seconds is None or case.latest_end_at is None:
        return case.latest_end_at
    return min(case.latest_end_at, case.activate_by_at + timedelta(seconds=case.approved_term_seconds))


def days_from_start(case: ExceptionCase) -> int:
    """For how many days it is approved or, before that, asked; 0 where an end date says it."""
    approved = timedelta(seconds=case.approved_term_seconds or 0)
    if case.approved_term_seconds and (case.term_days or _is_cut_short(case)):
        return approved.days
    return case.term_days or 0


def _is_cut_short(case: ExceptionCase) -> bool:
    """Whether its approvals leave it less time than until the end date that was asked for."""
    if not (case.approved_at and case.approved_term_seconds and case.end_on and case.end_zone):
        return False
    left = terms.end_of_day(case.end_on, case.end_zone) - terms.start(case, case.approved_at)
    return timedelta(seconds=case.approved_term_seconds) < left - timedelta(days=1)


def _earliest_end(case: ExceptionCase, at: datetime) -> datetime:
    """When it ends if it starts as soon as it can."""
    end_at = terms.start(case, at) + timedelta(days=days_from_start(case))
    latest_at = latest_end_of(case)
    return min(end_at, latest_at) if latest_at else end_at


def mended_late(case: ExceptionCase, at: datetime) -> str:
    """By how much its cause is mended only after its end, in a few words; "" where it is not, or nobody said."""
    end_at, latest_at = end_of(case), latest_end_of(case)
    if case.remediation_on is None or not (end_at or latest_at):
        return ""
    if late := _days_late(end_at or latest_at, case.remediation_on):
        said = ngettext("%(n)d day after it ends", "%(n)d days after it ends", late)
        return said % {"n": late}
    if not end_at and (late := _days_late(_earliest_end(case, at), case.remediation_on)):
        said = ngettext("%(n)d day after it ends if started now", "%(n)d days after it ends if started now", late)
        return said % {"n": late}
    return ""


def _days_late(end_at: datetime | None, day: date) -> int:
    return max((day - localtime(end_at).date()).days, 0) if end_at else 0


def end_of(case: ExceptionCase) -> datetime | None:
    """When it ends or ended; None while that depends on its start."""
    if case.expires_at:
        return min(case.expires_at, case.ended_at or case.expires_at)
    if case.end_on and case.end_zone and not _is_cut_short(case):
        return terms.end_of_day(case.end_on, case.end_zone)
    return None
