"""One change of governed rows: rows, their history and their events, written in bulk and all together (promise 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from accounts.models import User
from audit import services as ledger
from audit.actors import CLOCK, Actor
from exceptions_app import door, following
from exceptions_app.copying import copy_rows
from exceptions_app.models import Decision, ExceptionCase, Step
from exceptions_app.models.governed import Governed, keys

BATCH = 2000
KINDS = 20
"""So many kinds of change get an UPDATE each; more are written row by row in batches."""


@dataclass
class Happening:
    """An event still to be recorded: what happened to which case, and the plain facts of it."""

    case: ExceptionCase
    kind: str
    body: Mapping[str, Any]


@dataclass
class Change:
    """Collects what one verb does to one or many cases and writes it once. `actor` None is a machine: the clock."""

    at: datetime
    actor: User | None
    machine: Actor = CLOCK
    _rows: dict[type[Governed], dict[str, list[Governed]]] = field(default_factory=dict)
    _happenings: list[Happening] = field(default_factory=list)

    def add(self, *rows: Governed) -> None:
        """Insert these rows."""
        for row in rows:
            self._of(type(row))["+"].append(row)

    def touch(self, *rows: Governed) -> None:
        """Store what changed on these rows."""
        for row in rows:
            self._of(type(row))["~"].append(row)

    def remove(self, *rows: Governed) -> None:
        """Delete these rows of a draft; their history stays."""
        for row in rows:
            self._of(type(row))["-"].append(row)

    def event(self, case: ExceptionCase, kind: str, **body: Any) -> None:
        """Record that this happened to the case."""
        self._happenings.append(Happening(case, kind, body))

    def write(self) -> None:
        """Write rows, history and events in one transaction, parents first. Raises what the database refuses."""
        with transaction.atomic(), door.opened():
            kind = self._happenings[0].kind if self._happenings else ""
            reworded = self._reworded()
            histories = self._write_rows(kind)
            following.follow_words(row.pk if isinstance(row, ExceptionCase) else _case_key(row) for row in reworded)
            following.follow_groups(row for row in self._of(Step)["+"] if isinstance(row, Step))
            self._record(histories)
        self._rows, self._happenings = {}, []

    def _reworded(self) -> list[Governed]:
        """Rows that change what their case is found by, told before they are written."""
        found = [row for groups in self._rows.values() for row in (*groups["+"], *groups["-"]) if following.speaks(row)]
        touched = [row for groups in self._rows.values() for row in groups["~"]]
        return found + [row for row in touched if following.changes_words(row)]

    def _of(self, model: type[Governed]) -> dict[str, list[Governed]]:
        return self._rows.setdefault(model, {"+": [], "~": [], "-": []})

    def _write_rows(self, reason: str) -> dict[int, list[models.Model]]:
        histories: dict[int, list[models.Model]] = defaultdict(list)
        for model, groups in self._rows.items():
            self._insert(model, groups["+"])
            changed = [row for row in {id(row): row for row in groups["~"]}.values() if row.changed()]
            self._update(model, changed)
            for sign, rows in (("+", groups["+"]), ("~", changed), ("-", groups["-"])):
                for row, version in zip(rows, self._history(model, rows, sign, reason), strict=True):
                    histories[_case_key(row)].append(version)
            if groups["-"]:
                gone = model._default_manager.filter(pk__in=keys(groups["-"]))
                gone._raw_delete(gone.db)  # without the signal that would write a second history row, at another time
        return histories

    def _insert(self, model: type[Governed], rows: list[Governed]) -> None:
        for row in rows:
            _refresh_keys(row)
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        for row in rows:
            row.remember()

    def _update(self, model: type[Governed], rows: list[Governed]) -> None:
        """Write all that changed on a row in one statement: a check constraint holds between two statements as well.

        Rows that become alike share one; where there are many kinds of change, batches name each row's values.
        """
        alike: dict[tuple[str, ...], dict[tuple[Any, ...], list[Governed]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            names = tuple(row.changed())
            alike[names][tuple(_hashable(getattr(row, column)) for column in _columns(model, names))].append(row)
        for names, kinds in alike.items():
            if len(kinds) > KINDS:
                every = [row for group in kinds.values() for row in group]
                model._default_manager.bulk_update(every, names, batch_size=BATCH // 4)
                continue
            for group in kinds.values():
                self._update_alike(model, names, group)
        for row in rows:
            row.remember()

    def _update_alike(self, model: type[Governed], names: Sequence[str], rows: list[Governed]) -> None:
        values = {column: getattr(rows[0], column) for column in _columns(model, names)}
        for start in range(0, len(rows), BATCH):
            model._default_manager.filter(pk__in=keys(rows[start : start + BATCH])).update(**values)

    def _history(self, model: type[Governed], rows: list[Governed], sign: str, reason: str) -> list[models.Model]:
        manager: Any = vars(model)["history"].__get__(None, model)
        versions = [
            manager.model(
                history_date=self.at,
                history_user=self.actor,
                history_change_reason=reason,
                history_type=sign,
                **{f.attname: _kept(getattr(row, f.attname)) for f in manager.model.tracked_fields},
            )
            for row in rows
        ]
        if sign == "-":
            manager.model.objects.bulk_create(versions, batch_size=BATCH)
            return versions
        for start in range(0, len(versions), BATCH):
            copy_rows(model, versions[start : start + BATCH])
        return versions

    def _record(self, histories: dict[int, list[models.Model]]) -> None:
        actor = self.actor.actor if self.actor else self.machine
        entries = []
        for happening in self._happenings:
            versions = histories.pop(happening.case.pk, [])
            entries.append(
                ledger.Entry(
                    stream=happening.case.stream,
                    kind=happening.kind,
                    actor=actor,
                    at=self.at,
                    body=happening.body,
                    history=tuple(versions),
                )
            )
        if histories:
            raise RuntimeError("A governed row was written without an event.")
        ledger.record_many(entries)


def _case_key(row: Governed) -> int:
    if isinstance(row, ExceptionCase):
        return row.pk
    key = getattr(row, "case_id", None)
    return int(key) if key else _case_key_of_step(row)


def _case_key_of_step(row: Governed) -> int:
    step = row.step if isinstance(row, Decision) else row
    if not isinstance(step, Step):
        raise TypeError(f"{type(row).__name__} belongs to no case.")
    return step.route.case_id


def _refresh_keys(row: Governed) -> None:
    """Take over the keys of parents that were inserted a moment ago."""
    for f in row._meta.concrete_fields:
        if isinstance(f, models.ForeignKey) and f.is_cached(row):
            parent = f.get_cached_value(row)
            if parent is not None:
                setattr(row, f.attname, parent.pk)


def _columns(model: type[Governed], names: Sequence[str]) -> list[str]:
    """Attributes that hold the fields' own values: of a parent its key."""
    return [f.attname for f in model._meta.concrete_fields if f.name in names]


def _kept(value: Any) -> Any:
    """A value as history keeps it: a file by its name."""
    return str(value) if isinstance(value, FieldFile) else value


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict) else value


def people(rows: Iterable[User | None]) -> list[str]:
    """Pseudonyms of the people, for an event's body."""
    return [str(row.pseudonym) for row in rows if row is not None]
