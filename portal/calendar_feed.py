"""The calendar a person's own program reads: the secret in its address is all that is asked for.

An unknown secret, a revoked one and one of a closed account are answered alike.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from accounts import services
from accounts.models import User
from accounts.queries import calendar_link
from audit import clock
from exceptions_app.queries.dates import Date, dates_of
from workflows.mails.words import one_line

OFTEN = timedelta(hours=6)


@cache_control(private=True, no_store=True)
@csrf_exempt
@require_safe
@sensitive_variables("secret")
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What lies ahead of whoever made this link, as iCalendar (RFC 5545)."""
    if (too_many := ratelimit.consume_or_429(request, action="calendar", limit_get=True)) is not None:
        return too_many
    at, link = clock.now(), calendar_link(secret)
    if link is None:
        return HttpResponse(f"{_('There is no calendar here.')}\n", status=404, content_type="text/plain")
    services.note_calendar_use(link=link, on=at.date())
    return HttpResponse(written(link.person, at), content_type="text/calendar; charset=utf-8")


def written(person: User, at: datetime) -> bytes:
    """The calendar of this person at `at`. It names what ends and nobody: whoever has the link reads it."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Stopgap//Stopgap//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", "Stopgap")
    calendar.add("REFRESH-INTERVAL", OFTEN, parameters={"VALUE": "DURATION"})  # RFC 7986, section 5.7
    for date in dates_of(person, at):
        calendar.add_component(_event(date))
    text: bytes = calendar.to_ical()
    return text


def _event(date: Date) -> Event:
    event, link = Event(), f"{settings.BASE_URL}{reverse('case', args=[date.reference])}"
    event.add("UID", f"{date.name}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("DTSTAMP", date.changed_at)
    event.add("LAST-MODIFIED", date.changed_at)
    event.add("SEQUENCE", date.changes)
    event.add("DTSTART", date.at)
    event.add("SUMMARY", one_line(f"{date.reference} {date.what.label}: {date.title}"))
    event.add("DESCRIPTION", link)
    event.add("URL", link)
    event.add("TRANSP", "TRANSPARENT")
    return event


urlpatterns = [path("calendar/<str:secret>.ics", calendar_feed, name="calendar_feed")]
