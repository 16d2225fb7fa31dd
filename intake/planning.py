"""What a table would do to the catalog, line by line: what is new, what changes, what is wrong. Nothing is saved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import NotPossible, Refusal
from accounts.models import User
from catalog.models import ExternalId, Identity
from catalog.services import bulk
from catalog.services.bulk import Planned
from catalog.services.entries import handle
from intake import cells
from intake.cells import Ambiguous, Reader, Unreadable
from intake.kinds import Kind
from intake.tables import Line

BATCH = 500
KEPT = 200
"""Problems and changes kept to be shown."""


@dataclass(frozen=True)
class Problem:
    """Why a line cannot be taken over; `column` is the file's own name for it, or ""."""

    line: int
    column: str
    sentence: str


@dataclass
class Plan:
    """Everything a table would do. A plan with problems is not carried out."""

    items: list[Planned[Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    ambiguous: str = ""
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "changed": 0, "same": 0, "proposed": 0})
    preview: list[dict[str, Any]] = field(default_factory=list)
    _digest: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """SHA-256 of what would be done: the same file upon the same catalog has the same."""
        return str(self._digest.hexdigest())

    def refuse(self, problem: Problem) -> None:
        self.problem_count += 1
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def take(self, line: int, key: str, item: Planned[Any], guarded: Mapping[str, Any]) -> None:
        """`guarded` are changes that will wait for a second person."""
        what = "added" if not item.upon else "changed" if item.changes else "same"
        self.counts[what] += 1
        self.counts["proposed"] += bool(guarded)
        if what == "same" and not guarded:
            return
        self.items.append(item)
        told = {"line": line, "key": key, "what": what, "changes": item.changes, "guarded": guarded}
        self._digest.update(json.dumps(told, sort_keys=True, default=str).encode())
        if len(self.preview) < KEPT:
            self.preview.append(json.loads(json.dumps(told, default=str)))


@dataclass
class Planner:
    """Plans one table for one person at one instant; `progress` hears how many lines are done."""

    kind: Kind
    header: Sequence[str]
    mapping: Mapping[str, str]
    reader: Reader
    actor: User
    at: datetime
    progress: Callable[[int], None]
    nameless: ClassVar[Promise] = gettext_lazy("The line names nothing: give it a handle, or a name in Latin letters.")

    def plan(self, lines: Iterable[Line]) -> Plan:
        """Raises what reading the file raises (`tables.NotATable`)."""
        self._places = {name: self.header.index(column) for name, column in self.mapping.items()}
        self._lines_of: dict[tuple[str, str], int] = {}
        plan, done, rest = Plan(), 0, iter(lines)
        while batch := list(islice(rest, BATCH)):
            self._plan_batch(plan, batch)
            done += len(batch)
            self.progress(done)
        return plan

    def _plan_batch(self, plan: Plan, batch: Sequence[Line]) -> None:
        read = [(line, values) for line in batch if (values := self._read(plan, line)) is not None]
        known = self._known_by_name([values for _line, values in read])
        keyed = [(line, values, self._key(values, known)) for line, values in read]
        present = self._present([key for _line, _values, key in keyed])
        taken = self._taken(values for _line, values in read)
        for line, values, key in keyed:
            self._plan_line(plan, line, values, key, present, taken)

    def _read(self, plan: Plan, line: Line) -> dict[str, Any] | None:
        """The values of a line's cells by field; None where a cell cannot be read."""
        values, before = {}, plan.problem_count
        for name, place in self._places.items():
            cell, column = line.cells[place], self.kind.column(name)
            if cell == "":
                continue
            try:
                values[name] = column.empty if cell == cells.NOTHING else column.parse(cell, self.reader)
            except Ambiguous as refusal:
                plan.ambiguous = plan.ambiguous or _("line %(line)d: %(cell)s") % {"line": line.number, "cell": cell}
                plan.refuse(Problem(line.number, self.header[place], str(refusal)))
            except Unreadable as refusal:
                plan.refuse(Problem(line.number, self.header[place], str(refusal)))
        return values if plan.problem_count == before else None

    def _key(self, values: dict[str, Any], known: Mapping[str, list[str]]) -> str:
        """The handle given, else that of the one row of this name, else the one the name suggests."""
        name = str(values.get("name", ""))
        ours = known.get(name, [])
        return str(values.get("slug") or (ours[0] if len(ours) == 1 else handle(name)))

    def _known_by_name(self, read: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
        """The handles of rows by their name, for those lines that give no handle."""
        names = [values["name"] for values in read if "name" in values and not values.get("slug")]
        found: dict[str, list[str]] = {}
        for name, slug in self.kind.rows().filter(name__in=names).values_list("name", "slug"):
            found.setdefault(name, []).append(slug)
        return found

    def _present(self, keys: Sequence[str]) -> dict[str, Any]:
        """Rows that are there, by key."""
        rows = self.kind.rows().filter(**{f"{self.kind.key}__in": keys})
        return {getattr(row, self.kind.key): row for row in rows}

    def _taken(self, read: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
        """Names that only one row may have, and which row has them: asked for the batch at once."""
        rows, found = list(read), {}
        for name in self.kind.unique:
            wanted = [values[name] for values in rows if name in values]
            for value, key in self.kind.rows().filter(**{f"{name}__in": wanted}).values_list(name, self.kind.key):
                found[name, value] = key
        if self.kind.model is Identity:
            wanted = [one for values in rows for one in values.get("external_ids", [])]
            for value, key in ExternalId.objects.filter(value__in=wanted).values_list("value", "identity__slug"):
                found["external_ids", value] = key
        return found

    def _plan_line(
        self,
        plan: Plan,
        line: Line,
        values: dict[str, Any],
        key: str,
        present: Mapping[str, Any],
        taken: Mapping[tuple[str, str], str],
    ) -> None:
        row = present.get(key)
        problem = (
            self._unnamed(key)
            or self._twice(line.number, key, values, taken)
            or self._mistaken(row, values)
            or self._lacking(row, values)
        )
        if problem:
            column = self.mapping.get(problem[0], "")
            plan.refuse(Problem(line.number, column, problem[1]))
            return
        try:
            item, guarded = self._planned(row, key, values)
        except Refusal as refusal:
            for name, sentence in _sentences(refusal):
                plan.refuse(Problem(line.number, self.mapping.get(name, ""), sentence))
        else:
            plan.take(line.number, key, item, guarded)

    def _planned(self, row: Any, key: str, values: Mapping[str, Any]) -> tuple[Planned[Any], Mapping[str, Any]]:
        """The row as it would be, and which of its changes wait for a second person. Raises a Refusal."""
        model: Any = self.kind.model
        values = {name: value for name, value in values.items() if name != "slug"}
        return bulk.planned(row or model(slug=key), values, self.actor, self.at), {}

    def _unnamed(self, key: str) -> tuple[str, str] | None:
        return None if key else (self.kind.key, str(self.nameless))

    def _twice(
        self, number: int, key: str, values: Mapping[str, Any], taken: Mapping[tuple[str, str], str]
    ) -> tuple[str, str] | None:
        """What only one row may have, had by another line or by another row."""
        claims = [(self.kind.key, key), *((name, values[name]) for name in self.kind.unique if name in values)]
        claims += [("external_ids", one) for one in values.get("external_ids", [])]
        for claim in claims:
            earlier = self._lines_of.setdefault(claim, number)
            if earlier != number:
                sentence = _("Line %(line)d says “%(value)s”, too. Only one may.")
                return claim[0], sentence % {"line": earlier, "value": claim[1]}
            holder = taken.get(claim, key)
            if holder != key:
                return claim[0], _("%(other)s has “%(value)s” already.") % {"other": holder, "value": claim[1]}
        return None

    def _mistaken(self, row: Any, values: Mapping[str, Any]) -> tuple[str, str] | None:
        """A handle that only the name suggests, and that an entry of another name has."""
        name = str(values.get("name", ""))
        if row is None or self.kind.key != "slug" or values.get("slug") or row.name.casefold() == name.casefold():
            return None
        sentence = _("The handle “%(handle)s” is taken by %(other)s. Give that handle to change it, or another one.")
        return "name", sentence % {"handle": row.slug, "other": row.name}

    def _lacking(self, row: Any, values: Mapping[str, Any]) -> tuple[str, str] | None:
        """What a new entry cannot be without."""
        if row is not None:
            return None
        lacking = next((name for name in self.kind.needed if not values.get(name)), None)
        if lacking is None:
            return None
        label = self.kind.column(lacking).label(self.kind.model)
        return lacking, _("This is new, so it needs “%(column)s”.") % {"column": label}


def guessed(kind: Kind, header: Sequence[str]) -> dict[str, str]:
    """Which of the file's columns each of ours most likely is, by its name."""
    found: dict[str, str] = {}
    plain = {_plain(name): name for name in reversed(header)}
    for column in kind.columns:
        for name in (column.name, column.label(kind.model), *column.also):
            if (theirs := plain.get(_plain(name))) and theirs not in found.values():
                found[column.name] = theirs
                break
    return found


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def _sentences(refusal: Refusal) -> list[tuple[str, str]]:
    fields = refusal.fields if isinstance(refusal, NotPossible) else {}
    return [(name, str(text)) for name, texts in fields.items() for text in texts] or [("", str(refusal))]
