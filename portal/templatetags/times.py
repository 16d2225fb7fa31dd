"""Instants and spans of time, in words, with the exact instant beside them."""

from datetime import UTC, date, datetime, timedelta

from django import template
from django.template import Context
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from portal import words

register = template.Library()

FORMATS = {"date": "j M Y", "exact": "j M Y, H:i T", "minute": "H:i T"}


@register.simple_tag(takes_context=True)
def when(context: Context, instant: date | None, style: str = "relative") -> SafeString | str:
    """Instant as `<time>`: relative (needs `at` in the context), date, exact or minute. A plain date is a date."""
    if instant is None:
        return "–"
    if not isinstance(instant, datetime):
        return format_html('<time datetime="{}">{}</time>', instant.isoformat(), date_format(instant, FORMATS["date"]))
    if style == "relative":
        return _time(instant, words.relative(instant, context["at"]), "data-relative")
    return _time(instant, date_format(localtime(instant), FORMATS[style]), "")


@register.filter
def duration(length: timedelta | float | None) -> str:
    """Length in its largest unit; a number is seconds."""
    return "–" if length is None else words.duration(length)


@register.filter
def days(count: int | None) -> str:
    return "–" if count is None else words.days(count)


def _time(instant: datetime, text: str, attribute: str) -> SafeString:
    utc = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format_html('<time datetime="{}" title="{}" {}>{}</time>', utc, words.exact(instant), attribute, text)
