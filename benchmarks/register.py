"""Measures the register's page, whole view, at 1,000, 100,000 and 1,000,000 cases: `python -m benchmarks register`.

The bar: at most 15 queries, and p95 at the largest at most 1.5 × that at the smallest in the same run. Where the
smallest register does not fill the page the bar is not judged, and the table tells the growth from the size that does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks import table
from benchmarks.archive import Archive
from benchmarks.pages import get, queries, seconds, signed_in, use
from exceptions_app.queries.register import PAGE

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS, RUNS, WARM_UP, DEEP = 8, 9, 2, 8
MOST_QUERIES, MOST_GROWTH = 15, 1.5
PAGES = {
    "first page": "",
    "filtered": "state=closed",
    "filtered twice": "state=closed&tier=3",
    "in force": "view=force",
    "removal unconfirmed": "view=owed",
    "soonest end": "sort=ends",
    "by risk": "sort=-risk",
    "of a control": "control=NHI-BEN-08",
    "searched": "q=kestrel",
    "searched, in every case": "q=vault",
    "searched, in a quarter": "q=gateway",
    "searched, two words": "q=gateway+billing",
    "searched, three words": "q=gateway+billing+scanner",
    "searched, a control": "q=nhi-ben-08",
    "searched and filtered": "q=gateway&state=active",
    "deep page": "deep",
}


@dataclass(frozen=True)
class Measure:
    """One page for one person: p95 in milliseconds and rows by number of cases, and the most queries any took."""

    person: str
    page: str
    p95: dict[int, float]
    rows: dict[int, int]
    queries: int

    @property
    def growth(self) -> float:
        """p95 at the largest size as a multiple of that at the smallest."""
        return self.p95[max(self.p95)] / self.p95[min(self.p95)]

    @property
    def growth_alike(self) -> float:
        """The same against the smallest size whose page has as many rows."""
        largest = max(self.p95)
        alike = min(size for size, rows in self.rows.items() if rows >= self.rows[largest])
        return self.p95[largest] / self.p95[alike]

    @property
    def is_met(self) -> bool | None:
        """None where the smallest register does not fill the page, so that the bar says nothing."""
        if self.queries > MOST_QUERIES:
            return False
        return self.growth <= MOST_GROWTH if self.rows[min(self.rows)] >= self.rows[max(self.rows)] else None


def main() -> None:
    sizes = [f"{size:,} cases" for size in SIZES]
    table.begin("Register: p95 of the whole view, ms", [*sizes, "rows", "growth", "with as many rows", "queries"])
    for measure in measures():
        rows = "/".join(str(measure.rows[size]) for size in SIZES)
        growth = [f"{measure.growth:.2f}", f"{measure.growth_alike:.2f}"]
        figures = [*(f"{measure.p95[size]:.1f}" for size in SIZES), rows, *growth, str(measure.queries)]
        table.row(f"{measure.page}, {measure.person}", figures, met=measure.is_met)


def measures() -> Iterator[Measure]:
    """Every page for every person at every size. The sizes take turns, so that what else the machine does hits all."""
    clients, databases = _grown()
    base = connection.settings_dict["NAME"]
    try:
        for person, client in clients.items():
            for page in PAGES:
                yield _measured(person, page, client, databases)
    finally:
        use(base)
        for size in databases:
            connection.creation.destroy_test_db(verbosity=0, suffix=str(size))
            use(base)


def _grown() -> tuple[dict[str, Client], dict[int, str]]:
    """The people who look, signed in, and the name of a database for each size: copies made while the archive grew."""
    archive, databases = Archive(), dict[int, str]()
    people = {"auditor": archive.auditor, "requester": archive.requester, "approver": archive.approver}
    clients = {name: signed_in(user) for name, user in people.items()}
    for size in SIZES:
        archive.grow(size)
        connection.creation.clone_test_db(suffix=str(size), verbosity=0)
        databases[size] = str(connection.creation.get_test_db_clone_settings(str(size))["NAME"])
    return clients, databases


def _measured(person: str, page: str, client: Client, databases: dict[int, str]) -> Measure:
    spent: dict[int, list[float]] = {size: [] for size in databases}
    most, rows = 0, dict[int, int]()
    for _ in range(ROUNDS):
        for size, name in databases.items():
            use(name)
            query = _deep(client) if PAGES[page] == "deep" else PAGES[page]
            most, rows[size] = max(most, queries(client, _address(query))), _rows(client, query)
            spent[size] += [seconds(client, _address(query)) * 1000 for _ in range(WARM_UP + RUNS)][WARM_UP:]
    return Measure(person, page, {size: quantiles(times, n=20)[-1] for size, times in spent.items()}, rows, most)


def _rows(client: Client, query: str) -> int:
    return get(client, _address(query)).content.decode().count('<th scope="row"')


def _deep(client: Client) -> str:
    """The address a reader comes to after turning so many pages, or the last that is full."""
    query = ""
    for _ in range(DEEP):
        older = re.search(r'href="\?(after=[^"]+)"', get(client, _address(query)).content.decode())
        if not older or _rows(client, older[1]) < PAGE:
            break
        query = older[1]
    return query


def _address(query: str) -> str:
    return f"{reverse('register')}?{query}"
