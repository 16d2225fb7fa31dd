"""A company with as many cases as asked, its rows written in bulk: a million in some minutes. Only for measuring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from random import Random
from typing import Any, TypeVar

from django.db import connection, models

from accounts.models import ApproverGroup, GroupMembership, User
from catalog.models import Control, CredentialForm, Environment, Identity, IdentityKind, System, Tier
from exceptions_app import door, following
from exceptions_app.models import (
    AskedGroup,
    Editor,
    EndReason,
    ExceptionCase,
    Grant,
    Period,
    RemovalState,
    Route,
    Safeguard,
    SafeguardKind,
    Source,
    State,
    Step,
)

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TERM = 60 * DAY
WAITING = 10 * DAY
CONFIRMING = 30 * DAY
YEARS = 3 * 365
BATCH = 2_000
CONTROLS, GROUPS, SYSTEMS = 25, 8, 20
CASES_A_PERSON, CASES_AN_IDENTITY = 40, 8
FEW, RARE = 12, 60
"""So many cases belong to the requester who has few; so many have the rare word in their title."""
YOUNG = {
    State.DRAFT: 10,
    State.REQUESTED: 45,
    State.APPROVED: 15,
    State.ACTIVE: 20,
    State.REJECTED: 5,
    State.WITHDRAWN: 5,
}
RUNNING = {
    State.ACTIVE: 70,
    State.EXPIRING: 12,
    State.SUSPENDED: 3,
    State.REVOKED: 5,
    State.REJECTED: 5,
    State.WITHDRAWN: 5,
}
OLD = {State.CLOSED: 83, State.REVOKED: 4, State.REJECTED: 8, State.WITHDRAWN: 5}
"""Shares of the states among cases filed up to 10 days ago, up to a term ago, and before that."""
BEEN_IN_FORCE = {State.ACTIVE, State.EXPIRING, State.SUSPENDED, State.CLOSED, State.REVOKED}
WORDS = "legacy erp vault key rotation static token vendor patch import nightly gateway label scanner billing"
"""What titles are made of; "kestrel" is in as few, to be searched for, whatever the number of cases."""

Row = TypeVar("Row", bound=models.Model)


@dataclass
class Archive:
    """The company so far. `grow` adds cases and, in proportion, people and identities."""

    luck: Random = field(default_factory=lambda: Random(2))  # noqa: S311
    cases: int = 0
    people: list[User] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    systems: list[System] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.auditor = User.objects.create_user("audrey@example.com", name="Audrey", is_auditor=True)
        self.requester = User.objects.create_user("alice@example.com", name="Alice")
        self.approver = User.objects.create_user("bob@example.com", name="Bob")
        groups = insert(ApproverGroup(name=f"Group {n}", slug=f"group-{n}") for n in range(GROUPS))
        GroupMembership.objects.create(group=groups[0], member=self.approver, added_at=AT)
        self.controls = insert(_control(n, groups) for n in range(CONTROLS))
        self.systems = insert(_system(n) for n in range(SYSTEMS))

    def grow(self, cases: int) -> None:
        """Add cases until there are so many, then let the planner see them."""
        self.people += insert(_person(n) for n in range(len(self.people), 20 + cases // CASES_A_PERSON))
        first = len(self.identities)
        self.identities += insert(self._identity(n) for n in range(first, 10 + cases // CASES_AN_IDENTITY))
        for number in range(self.cases, cases, BATCH):
            self.add([self._case(n) for n in range(number, min(number + BATCH, cases))])
        self.cases = cases
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def add(self, cases: Sequence[ExceptionCase]) -> None:
        """Write these cases with all that belongs to them."""
        with door.opened():
            self._write(cases)

    def asked(self, number: int, at: datetime) -> ExceptionCase:
        """A case of that number asked at `at` (UTC), still without a state of its own."""
        requester = self.requester if number < FEW else self.luck.choice(self.people)
        return ExceptionCase(
            reference=f"EXC-2026-{number:06}",
            title=self._title(number),
            control=self.luck.choice(self.controls),
            identity=self.luck.choice(self.identities),
            requester=requester,
            owner=requester,
            risk_tier=self.luck.choice(Tier.values),
            created_at=at,
            updated_at=at,
            **ASKED,
        )

    def steps_of(self, route: Route, case: ExceptionCase) -> Iterable[Step]:
        """Whom the route of the case asks: the control's group."""
        group = case.control.approver_group if case.control else None
        yield Step(route=route, order=1, name="Approvers", source=Source.CONTROL_GROUP, group=group)

    def _identity(self, number: int) -> Identity:
        return Identity(
            name=f"svc-{number:05}",
            slug=f"svc-{number:05}",
            kind=IdentityKind.SERVICE_ACCOUNT,
            owner=self.luck.choice(self.people),
            environment=Environment.PRODUCTION,
            credential_form=CredentialForm.LONG_LIVED_SECRET,
        )

    def _case(self, number: int) -> ExceptionCase:
        created = AT - timedelta(days=self.luck.uniform(0.1, YEARS))
        shares = YOUNG if AT - created < WAITING else RUNNING if AT - created < TERM else OLD
        state = self.luck.choices([*shares], [*shares.values()])[0]
        case = self.asked(number, created)
        case.__dict__["state"] = state  # the state field refuses all but transitions
        _lived(case, state, created)
        return case

    def _title(self, number: int) -> str:
        words = self.luck.sample(WORDS.split(), 4)
        return " ".join([*words, "kestrel"] if number < RARE else words)

    def _write(self, cases: Sequence[ExceptionCase]) -> None:
        insert(cases)
        insert(Editor(case=case, person=case.requester, first_at=case.created_at) for case in cases if case.requester)
        grants = insert(Grant(case=case, system=self.luck.choice(self.systems), **_removal(case)) for case in cases)
        safeguards = insert(
            Safeguard(case=case, kind=SafeguardKind.NETWORK, description="Only the ERP's subnet is let in.")
            for case in cases
        )
        insert(
            following.wording(case, [grant], [safeguard])
            for case, grant, safeguard in zip(cases, grants, safeguards, strict=True)
        )
        insert(
            Period(case=case, from_at=case.activated_at, until_at=case.expires_at)
            for case in cases
            if case.activated_at is not None and case.expires_at is not None
        )
        asked = [case for case in cases if case.state != State.DRAFT]
        routes = insert(
            Route(case=case, round=1, pinned_at=case.created_at, digest="0" * 64, document={}, decide_within_seconds=1)
            for case in asked
        )
        steps = insert(step for route, case in zip(routes, asked, strict=True) for step in self.steps_of(route, case))
        insert(AskedGroup(case_id=step.route.case_id, group=step.group) for step in steps if step.group is not None)


ASKED: dict[str, Any] = {
    "blocked": "The vault refuses keys older than a day, so the nightly sync fails.",
    "normal_path": "The connector cannot fetch short-lived tokens yet.",
    "justification": "Invoices stop if the sync stops.",
    "if_conditions_change": "Rotate the key at once and stop the sync.",
    "exit_plan": "Connector 5.2 brings workload identity.",
    "remediation_on": (AT + 60 * DAY).date(),
    "credential_form": CredentialForm.LONG_LIVED_SECRET,
    "likelihood": 2,
    "impact": 3,
    "term_days": TERM.days,
    "digest": "0" * 64,
}


def _lived(case: ExceptionCase, state: str, created: datetime) -> None:
    """Give the case the instants its state needs."""
    if state != State.DRAFT:
        case.submitted_at, case.decide_by_at, case.latest_end_at = created, created + 14 * DAY, AT + 400 * DAY
    if state in BEEN_IN_FORCE or state == State.APPROVED:
        case.approved_at, case.approved_term_seconds = created, int(TERM.total_seconds())
        case.activate_by_at = created + TERM
    if state in BEEN_IN_FORCE:
        case.activated_at, case.expires_at, case.relied_until_at = created, created + TERM, created + TERM
        case.warn_at = case.expires_at - TERM / 5
    if state in {State.CLOSED, State.REVOKED, State.REJECTED, State.WITHDRAWN}:
        case.ended_at = min(case.expires_at or created + DAY, AT)
    if state == State.CLOSED:
        case.end_reason = EndReason.EXPIRED


def _removal(case: ExceptionCase) -> dict[str, Any]:
    opened: dict[str, Any] = {"actions": ["read"], "resource": "kv/prod/erp/*"}
    if case.ended_at is None or case.activated_at is None or case.ended_at < AT - CONFIRMING or case.pk % 4:
        return opened
    return opened | {"removal_state": RemovalState.OWED, "removal_owed_at": case.ended_at}


def _person(number: int) -> User:
    return User(email=f"person{number}@example.com", name=f"Person {number}")


def _control(number: int, groups: Sequence[ApproverGroup]) -> Control:
    return Control(
        code=f"NHI-BEN-{number:02}",
        title="Secrets are rotated",
        statement="A secret lives for a day at most.",
        severity=Tier.MODERATE,
        approver_group=groups[number % len(groups)],
    )


def _system(number: int) -> System:
    return System(
        name=f"System {number}", slug=f"system-{number}", environment=Environment.PRODUCTION, criticality=Tier.MODERATE
    )


def insert(rows: Iterable[Row]) -> list[Row]:
    """Copy the rows into their table, with keys that follow the last one there."""
    made = list(rows)
    if not made:
        return made
    meta = made[0]._meta
    with connection.cursor() as cursor:
        if isinstance(meta.pk, models.AutoField) or meta.auto_field:
            _number(cursor, made)
        columns = [(field.attname, _saver(field)) for field in meta.concrete_fields]
        names = ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
        with cursor.copy(f'COPY "{meta.db_table}" ({names}) FROM STDIN') as copy:
            for row in made:
                values = vars(row)
                copy.write_row([save(values[name]) for name, save in columns])
    return made


def _saver(field: Any) -> Callable[[Any], Any]:
    """What becomes of a value on its way: the driver knows all kinds but JSON and words of a list."""
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_save(value, connection)
    return lambda value: value.value if isinstance(value, Enum) else value


def _number(cursor: Any, rows: Sequence[models.Model]) -> None:
    table = rows[0]._meta.db_table
    cursor.execute(
        "SELECT nextval(sequence::regclass) FROM pg_get_serial_sequence(%s, 'id') AS sequence"
        " CROSS JOIN generate_series(1, %s)",
        [table, len(rows)],
    )
    for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = key
