"""History: every event of the ledger, filtered, as of a day, with verification on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotAllowed
from accounts.models import User
from audit import clock
from audit import queries as ledger
from audit.models import Event, Stream
from audit.verify import verify
from exceptions_app.models import ExceptionCase
from exceptions_app.queries.case import people_of
from portal.case import telling
from portal.exception_form.fields import PlainDay
from portal.http import PersonRequest, number, refusals_answered

KINDS = (
    ("", gettext_lazy("Everything")),
    ("case.", gettext_lazy("Exceptions")),
    ("safeguard.", gettext_lazy("Safeguards")),
    ("review.", gettext_lazy("Reviews opened")),
    ("removal.", gettext_lazy("Removals")),
    ("use.", gettext_lazy("Uses")),
    ("evidence.", gettext_lazy("Evidence")),
    ("backup.", gettext_lazy("Backup owners' answers")),
    ("comment.", gettext_lazy("Questions and comments")),
    ("ownership.", gettext_lazy("Ownership handed over")),
    ("reminder.", gettext_lazy("Reminders")),
    ("control.", gettext_lazy("Controls")),
    ("framework.", gettext_lazy("Frameworks")),
    ("identity.", gettext_lazy("Identities")),
    ("system.", gettext_lazy("Systems")),
    ("vendor.", gettext_lazy("Vendors")),
    ("import.", gettext_lazy("Catalog imports")),
    ("user.", gettext_lazy("People")),
    ("absence.", gettext_lazy("Absences")),
    ("delegation.", gettext_lazy("Delegates' answers")),
    ("digest.", gettext_lazy("Morning mails")),
    ("weekly.", gettext_lazy("Weekly mails")),
    ("group.", gettext_lazy("Groups")),
    ("rule.", gettext_lazy("Approval rules")),
    ("team.", gettext_lazy("Teams")),
    ("waivers.", gettext_lazy("Waiver imports")),
    ("payload.", gettext_lazy("Erasures")),
)
SHOWN_IN_FORCE = 50
AT_ONCE = 100_000
"""So many events are verified while the reader waits; more belong to the command verify_events."""


class HistoryForm(forms.Form):
    """What to show. Days are the reader's own; "as of" shows the ledger, and what was in force, at the end of a day."""

    stream = forms.CharField(label=gettext_lazy("Reference or stream"), required=False, max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=KINDS)
    actor = forms.EmailField(label=gettext_lazy("Done by (e-mail)"), required=False)
    since = PlainDay(label=gettext_lazy("From"), required=False)
    until = PlainDay(label=gettext_lazy("Until"), required=False)
    as_of = PlainDay(label=gettext_lazy("As of"), required=False)

    @property
    def as_of_at(self) -> datetime | None:
        """The last instant of the chosen day; call after `is_valid`."""
        day = self.cleaned_data.get("as_of")
        return _begin(day) + timedelta(days=1, microseconds=-1) if day else None

    def wanted(self) -> ledger.Filter:
        """The filter that was understood; an unknown person finds nothing. Call after `is_valid`."""
        asked = self.cleaned_data
        since, until, email = asked.get("since"), asked.get("until"), asked.get("actor")
        person = User.objects.filter(email=email.lower()).first() if email else None
        return ledger.Filter(
            stream=_stream(asked.get("stream", "").strip()),
            kind=asked.get("kind", "") if not email or person else "no-such-kind",
            actor=person.pseudonym if person else None,
            since=_begin(since) if since else None,
            until=_begin(until) + timedelta(days=1) if until else None,
            as_of=self.as_of_at,
        )


@dataclass(frozen=True)
class Line:
    """One event as a row."""

    entry: telling.Entry
    reference: str


@dataclass(frozen=True)
class InForce:
    """The first cases in force at an instant, by their end, and how many there were."""

    cases: list[ExceptionCase]
    count: int


@login_required
@require_safe
@refusals_answered
def history(request: PersonRequest) -> HttpResponse:
    """A page of the ledger, newest first. For auditors and programme managers."""
    _demand_reader(request)
    at, form = clock.now(), HistoryForm(request.GET)
    form.is_valid()
    after = request.GET.get("after", "")
    page = _page(form.wanted(), after)
    people = people_of(page.events)
    context = {
        "form": form,
        "lines": [Line(telling.entry(event, people), _reference(event)) for event in page.events],
        "older": _address(request, str(page.next)) if page.next else "",
        "newer": _address(request, "") if after else "",
        "clear": reverse("history") if any(form.cleaned_data.values()) else "",
        "as_of": form.as_of_at,
        "in_force": _in_force(request.user, form.as_of_at),
        "stream": _one_stream(form.wanted().stream),
        "at": at,
    }
    return render(request, "portal/history/page.html", context)


@login_required
@require_POST
@refusals_answered
def history_verification(request: PersonRequest) -> HttpResponse:
    """Verify one stream, or the whole ledger, and show what was found."""
    _demand_reader(request)
    stream = _stream(request.POST.get("stream", "").strip())
    context: dict[str, Any] = {"stream": stream, "at": clock.now()}
    if not stream and Event.objects.count() > AT_ONCE:
        context["too_many"] = AT_ONCE
    elif stream and not _is_expected(stream):
        context["is_unknown"] = True
    else:
        context["report"] = verify([stream] if stream else None)
    return render(request, "portal/history/verification.html", context)


def _demand_reader(request: PersonRequest) -> None:
    if not (request.user.is_auditor or request.user.is_programme_manager):
        raise NotAllowed(_("The whole history is for auditors and programme managers. Each exception shows its own."))


def _page(wanted: ledger.Filter, after: str) -> ledger.Page:
    try:
        return ledger.page(wanted, after=number(after))
    except Event.DoesNotExist:
        return ledger.page(wanted)


def _stream(text: str) -> str:
    """A reference means its case's stream; anything with a slash is a stream's name already."""
    return text if "/" in text or not text else f"exceptions/{text.upper()}"


def _one_stream(name: str) -> str:
    """The name, unless it means all streams below it: those are verified with the whole ledger."""
    return "" if name.endswith("/") else name


def _is_expected(stream: str) -> bool:
    """Whether there is such a stream or, if it is gone, a case whose stream it was."""
    reference = stream.removeprefix("exceptions/")
    return Stream.objects.filter(name=stream).exists() or ExceptionCase.objects.filter(reference=reference).exists()


def _reference(event: Event) -> str:
    folder, _slash, name = event.stream.name.partition("/")
    return name if folder == "exceptions" else ""


def _in_force(user: User, at: datetime | None) -> InForce | None:
    if at is None:
        return None
    cases = ExceptionCase.objects.visible_to(user).in_force(at)
    return InForce(list(cases.with_names().order_by("expires_at", "pk")[:SHOWN_IN_FORCE]), cases.count())


def _begin(day: Any) -> datetime:
    return make_aware(datetime.combine(day, time.min), get_current_timezone())


def _address(request: PersonRequest, after: str) -> str:
    asked = request.GET.copy()
    asked.pop("after", None)
    if after:
        asked["after"] = after
    return f"?{asked.urlencode()}"


urlpatterns = [
    path("history/", history, name="history"),
    path("history/verification/", history_verification, name="history_verification"),
]
