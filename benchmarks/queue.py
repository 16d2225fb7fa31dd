"""Measures the queue's page, whole view, with 50 and 5,000 open requests: `python -m benchmarks queue`.

The bar: at most 12 queries a page, and p95 with 5,000 at most 1.5 × that with 50 in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks import table
from benchmarks.archive import Archive
from benchmarks.pages import queries, seconds, signed_in, use
from catalog.models import Tier
from exceptions_app.models import ExceptionCase, State

SIZES = (50, 5_000)
ROUNDS, RUNS, WARM_UP = 8, 9, 2
MOST_QUERIES, MOST_GROWTH = 12, 1.5
PAGES = {
    "first page": "",
    "critical risk": "risk=4",
    "searched": "q=kestrel",
    "nobody else is at it": "show=free",
    "one open beside the list": "open=EXC-2026-000000",
}


@dataclass(frozen=True)
class Measure:
    """One page: p95 in milliseconds by number of open requests, and the most queries it took."""

    page: str
    p95: dict[int, float]
    queries: int

    @property
    def growth(self) -> float:
        return self.p95[max(self.p95)] / self.p95[min(self.p95)]

    @property
    def is_met(self) -> bool:
        return self.queries <= MOST_QUERIES and self.growth <= MOST_GROWTH


def main() -> None:
    table.begin("Queue: p95 of the whole view, ms", [*(f"{size:,} open" for size in SIZES), "growth", "queries"])
    for measure in measures():
        figures = [*(f"{measure.p95[size]:.1f}" for size in SIZES), f"{measure.growth:.2f}", str(measure.queries)]
        table.row(measure.page, figures, met=measure.is_met)


def measures() -> Iterator[Measure]:
    """Every page at every size. The sizes take turns, so that what else the machine does hits all."""
    client, databases = _grown()
    base = connection.settings_dict["NAME"]
    try:
        for page in PAGES:
            yield _measured(page, client, databases)
    finally:
        use(base)
        for size in databases:
            connection.creation.destroy_test_db(verbosity=0, suffix=str(size))
            use(base)


def _grown() -> tuple[Client, dict[int, str]]:
    """The approver of all of them, signed in, and the name of a database for each size; `grow` has it analysed."""
    archive, databases, written = Archive(), dict[int, str](), 0
    client = signed_in(archive.approver)
    archive.grow(0)
    for size in SIZES:
        archive.add([_case(archive, number) for number in range(written, size)])
        archive.grow(0)
        written = size
        connection.creation.clone_test_db(suffix=str(size), verbosity=0)
        databases[size] = str(connection.creation.get_test_db_clone_settings(str(size))["NAME"])
    return client, databases


def _case(archive: Archive, number: int) -> ExceptionCase:
    """A request that waits for the approver's group, submitted within the last two days."""
    now = timezone.now()
    asked_at = now - timedelta(minutes=number % 2880 + 1)
    case = archive.asked(number, asked_at)
    case.__dict__["state"] = State.REQUESTED
    case.control = archive.controls[0]
    case.risk_tier = Tier.values[number % 4]
    case.submitted_at = case.step_began_at = asked_at
    case.decide_by_at, case.latest_end_at = now + timedelta(days=14), now + timedelta(days=400)
    case.lead_from_at, case.fallback_from_at = now + timedelta(days=10), now + timedelta(days=12)
    return case


def _measured(page: str, client: Client, databases: dict[int, str]) -> Measure:
    address = f"{reverse('queue')}?{PAGES[page]}"
    spent: dict[int, list[float]] = {size: [] for size in databases}
    most = 0
    for _ in range(ROUNDS):
        for size, name in databases.items():
            use(name)
            most = max(most, queries(client, address))
            spent[size] += [seconds(client, address) * 1000 for _ in range(WARM_UP + RUNS)][WARM_UP:]
    return Measure(page, {size: quantiles(times, n=20)[-1] for size, times in spent.items()}, most)
