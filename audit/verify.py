"""Verifies the ledger: every chain, payload, erasure and history row, in one pass over one snapshot."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, pairwise

from django.db import connection
from django.utils.translation import gettext as _

from audit.event_checks import Row, chain_faults, erased_places, head_faults, payload_faults
from audit.findings import Difference, Report
from audit.history_checks import HistoryChecks
from audit.models import ERASURES, Erasure, Event, Stream

__all__ = ["Difference", "Report", "verify"]

CHUNK = 2_000  # events in memory at a time
MOST = 1_000  # differences after which the rest is left unread
_BEGIN = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "sqlite": "BEGIN DEFERRED"}


def verify(streams: Iterable[str] | None = None) -> Report:
    """Verify the named streams, or everything: then also streams without events and unvouched history rows.

    Stops after 1,000 differences. Within a caller's transaction it sees what that sees; else a snapshot of its own.
    """
    with _snapshot():
        return _Verification().run(None if streams is None else set(streams))


@contextmanager
def _snapshot() -> Iterator[None]:
    """Reads that agree with each other, and on SQLite without the writer's lock that atomic() would take."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


class _Verification:
    def __init__(self) -> None:
        self.events = self.streams = 0
        self.differences: list[Difference] = []
        self.before: Row | None = None
        self.erased = erased_places()
        self.history = HistoryChecks()

    def run(self, names: set[str] | None) -> Report:
        rows = _rows(names)
        try:
            while (chunk := list(islice(rows, CHUNK))) and len(self.differences) < MOST:
                self._check(chunk)
            self._close_stream()
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # what SQLite lets columns hold
            self._differ(self.before, _("the events after this one cannot be read ({error}).").format(error=error))
        if len(self.differences) < MOST:
            self.differences += self._missing(names) if names is not None else self._loose_ends()
        return Report(self.events, self.streams, self.differences)

    def _check(self, chunk: list[Row]) -> None:
        own = [self._own_faults(row, before) for before, row in pairwise([self.before, *chunk]) if row]
        of_history = self.history.faults([None if faults else row for row, faults in zip(chunk, own, strict=True)])
        for index, row in enumerate(chunk):
            if self.before is None or row.stream__name != self.before.stream__name:
                self._close_stream()
                self.streams += 1
            for what in own[index] or of_history.get(index, []):
                self._differ(row, what)
            self.before = row
        self.events += len(chunk)

    def _own_faults(self, row: Row, before: Row | None) -> list[str]:
        if before is not None and before.stream__name != row.stream__name:
            before = None
        return [*chain_faults(row, before), *payload_faults(row, self.erased.get(row.place))]

    def _close_stream(self) -> None:
        if self.before is not None:
            for what in head_faults(self.before):
                self._differ(self.before, what)
        self.before = None

    def _differ(self, row: Row | None, what: str) -> None:
        stream, sequence = row.place if row else (ERASURES, 0)
        self.differences.append(Difference(stream, sequence, what))

    def _missing(self, names: set[str]) -> Iterator[Difference]:
        known = Stream.objects.filter(name__in=names, events__isnull=False).values_list("name", flat=True)
        for name in sorted(names - set(known)):
            yield Difference(name, 0, _("the ledger has no such stream."))

    def _loose_ends(self) -> Iterator[Difference]:
        for name in Stream.objects.filter(events=None).order_by("pk").values_list("name", flat=True)[:MOST]:
            yield Difference(name, 0, _("the stream has no events."))
        yield from self.history.broken
        yield from self.history.loose_ends(MOST)


def _rows(names: set[str] | None) -> Iterator[Row]:
    events = Event.objects.order_by("stream_id", "sequence")
    if names is not None:
        explained = Erasure.objects.filter(event__stream__name__in=names).exists()
        events = events.filter(stream__name__in=names | {ERASURES} if explained else names)
    return map(Row._make, events.values_list(*Row._fields).iterator(chunk_size=CHUNK))
