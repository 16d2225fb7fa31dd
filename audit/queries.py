"""Reads the ledger for people: one stream's story, and pages of everything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.models import Event


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which events to show. A stream ending in / means all streams below it; a kind ending in . all kinds below it."""

    stream: str = ""
    kind: str = ""
    actor: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None  # what happened later is left out


@dataclass(frozen=True)
class Page:
    """Events, latest first; `next` is the id to pass as `after`, None on the last page."""

    events: list[Event]
    next: int | None


def story(stream: str, *, as_of: datetime | None = None) -> QuerySet[Event]:
    """A stream's events in their order, with their payloads; `as_of` leaves out what happened later."""
    events = Event.objects.filter(stream__name=stream).select_related("stream", "payload").order_by("sequence")
    return events if as_of is None else events.filter(at__lte=as_of)


def told(streams: Iterable[str], kinds: Iterable[str]) -> QuerySet[Event]:
    """The events of these kinds in any of these streams, in the order they were told, with their payloads."""
    events = Event.objects.filter(stream__name__in=list(streams), kind__in=list(kinds))
    return events.select_related("stream", "payload").order_by("pk")


def page(wanted: Filter, *, after: int | None = None, size: int = 50) -> Page:
    """A page by keyset, as quick deep down as at the top. Raises Event.DoesNotExist for an unknown `after`."""
    events = select(wanted)
    if after is not None:
        events = _behind(events, Event.objects.get(pk=after))
    found = list(events[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def select(wanted: Filter) -> QuerySet[Event]:
    """All events that the filter lets through, latest first, with their payloads."""
    conditions = [
        wanted.stream and _below("stream__name", wanted.stream, "/"),
        wanted.kind and _below("kind", wanted.kind, "."),
        wanted.actor and Q(actor_id=wanted.actor),
        wanted.since and Q(at__gte=wanted.since),
        wanted.until and Q(at__lt=wanted.until),
        wanted.as_of and Q(at__lte=wanted.as_of),
    ]
    events = Event.objects.filter(*(condition for condition in conditions if condition))
    return events.select_related("stream", "payload").order_by("-at", "-pk")


def kinds() -> Sequence[str]:
    """The kinds of events there are, for a list to choose from."""
    return list(Event.objects.order_by("kind").values_list("kind", flat=True).distinct())


def _behind(events: QuerySet[Event], last: Event) -> QuerySet[Event]:
    return events.filter(Q(at__lt=last.at) | Q(pk__lt=last.pk), at__lte=last.at)


def _below(column: str, name: str, mark: str) -> Q:
    return Q(**{f"{column}__startswith" if name.endswith(mark) else column: name})
