"""Measures the queue's page, whole view, with 50 and 5,000 open requests: `python -m benchmarks queue`.

The approver has come to them in every way: a third is asked afresh, a third was decided in part, a sixth asks somebody
for whom they stand in, and a sixth has come to them as the lead of a group whose time is short.

The bar: at most 12 queries a page, and p95 with 5,000 at most 1.5 × that with 50 in the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Absence, ApproverGroup, GroupMembership, User
from benchmarks import table
from benchmarks.archive import ASKED, DAY, Archive, insert
from benchmarks.pages import queries, seconds, signed_in, use
from catalog.models import Tier
from exceptions_app.models import Decision, ExceptionCase, Route, Source, State, Step, Verdict

SIZES = (50, 5_000)
ROUNDS, RUNS, WARM_UP = 8, 9, 2
MOST_QUERIES, MOST_GROWTH = 12, 1.5
PAGES = {
    "first page": "",
    "for whom I stand in": "show=delegated",
    "as lead or fallback": "show=behind",
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


class Waiting(Archive):
    """Requests that wait for its approver, each of whom is one of the ways above by its number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        now = timezone.now()
        self.security = self.controls[0].approver_group
        self.colleague, self.absent = insert(
            User(email=f"{name.lower()}@example.com", name=name) for name in ("Cleo", "Dan")
        )
        self.led, self.left = insert(
            ApproverGroup(name=name, slug=slug, lead=lead)
            for name, slug, lead in (("Network", "network", self.approver), ("Payroll", "payroll", None))
        )
        joined = ((self.security, self.colleague), (self.led, self.colleague), (self.left, self.absent))
        insert(GroupMembership(group=group, member=member, added_at=now) for group, member in joined)
        named = {"reason": "Leave", "asked_at": now - DAY, "accepted_at": now - DAY}
        until_at = now + 30 * DAY
        insert([Absence(person=self.absent, delegate=self.approver, from_at=now - DAY, until_at=until_at, **named)])

    def steps_of(self, route: Route, case: ExceptionCase) -> Iterable[Step]:
        number = _number(case)
        common = {"route": route, "source": Source.GROUP}
        match number % 6:
            case 1:
                yield Step(**common, order=1, name="Network", group=self.led)
                yield Step(**common, order=2, name="Approvers", group=self.security)
            case 2:
                yield Step(**common, order=1, name="Approvers", group=self.security, count=2)
            case 3:
                yield Step(**common, order=1, name="Payroll", group=self.left)
            case 4:
                yield Step(**common, order=1, name="Network", group=self.led)
            case _:
                yield from super().steps_of(route, case)

    def _write(self, cases: Sequence[ExceptionCase]) -> None:
        super()._write(cases)
        begun = [case.pk for case in cases if _number(case) % 6 in {1, 2}]
        steps = Step.objects.filter(route__case__in=begun, order=1)
        said = {
            "verdict": Verdict.APPROVE,
            "statement": "A stolen key works for 30 days.",
            "digest": ASKED["digest"],
            "capacity": "Approver",
        }
        insert(Decision(step=step, person=self.colleague, decided_at=timezone.now(), **said) for step in steps)


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
    archive, databases, written = Waiting(), dict[int, str](), 0
    client = signed_in(archive.approver)
    archive.grow(0)
    for size in SIZES:
        archive.add([_case(archive, number) for number in range(written, size)])
        archive.grow(0)
        written = size
        connection.creation.clone_test_db(suffix=str(size), verbosity=0)
        databases[size] = str(connection.creation.get_test_db_clone_settings(str(size))["NAME"])
    return client, databases


def _case(archive: Waiting, number: int) -> ExceptionCase:
    """A request that waits for the approver's group, submitted within the last two days."""
    now = timezone.now()
    asked_at = now - timedelta(minutes=number % 2880 + 1)
    case = archive.asked(number, asked_at)
    case.__dict__["state"] = State.REQUESTED
    case.control = archive.controls[0]
    case.risk_tier = Tier.values[number % 4]
    case.submitted_at = case.step_began_at = asked_at
    case.decide_by_at, case.latest_end_at = now + timedelta(days=14), now + timedelta(days=400)
    days = -1 if number % 6 == 4 else 10
    case.lead_from_at, case.fallback_from_at = now + days * DAY, now + 12 * DAY
    return case


def _number(case: ExceptionCase) -> int:
    return int(case.reference.rpartition("-")[2])


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
