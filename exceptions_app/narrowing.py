"""Approving less than was asked: what an approval takes back, and what all approvals together leave (promise 5).

Narrowing lives on decisions, so what was asked stays as it was; what is granted is the intersection of the approvals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.texts import says
from catalog.models import SafeguardKind
from exceptions_app import scope, terms
from exceptions_app.limits import Problem
from exceptions_app.models import Decision, ExceptionCase, Grant
from exceptions_app.scope import Scope


@dataclass(frozen=True)
class Condition:
    """A compensating control the approval is given on: verified before the start."""

    kind: str
    description: str


@dataclass(frozen=True)
class Narrowing:
    """What one approval takes back. `grants` holds what is left of a grant by its key; None withholds it whole.

    `term_days` counts from the start, `not_before_at` (UTC) is the earliest start. What is not named stays as asked.
    `asked` is what those grants were when it was given, as far as a decision kept it: a later ask has others.
    """

    term_days: int | None = None
    not_before_at: datetime | None = None
    grants: Mapping[int, Scope | None] = field(default_factory=dict)
    safeguards: Sequence[Condition] = ()
    asked: Mapping[int, Scope] = field(default_factory=dict, compare=False)

    def kept(self, grants: Sequence[Grant]) -> dict[str, Any]:
        """As a decision on these grants keeps it; empty where it takes nothing back.

        What earlier approvals left is part of it: it was given to that, not to more. `as_left` says that it is all.
        """
        said = {
            "term_days": self.term_days,
            "not_before_at": self.not_before_at.isoformat() if self.not_before_at else None,
            "grants": {str(g.pk): as_kept(g, self.grants[g.pk]) for g in grants if g.pk in self.grants},
            "safeguards": [{"kind": one.kind, "description": one.description} for one in self.safeguards],
        }
        return {name: value for name, value in said.items() if value}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Narrowing:
        """What a decision kept."""
        return cls(
            term_days=kept.get("term_days"),
            not_before_at=parse_datetime(kept["not_before_at"]) if "not_before_at" in kept else None,
            grants={int(key): _as_read(left) for key, left in kept.get("grants", {}).items()},
            safeguards=[Condition(**one) for one in kept.get("safeguards", ())],
            asked={int(key): scope_of(one["asked"]) for key, one in kept.get("grants", {}).items() if "asked" in one},
        )

    def without_echoes(
        self, case: ExceptionCase, grants: Sequence[Grant], at: datetime, *, left: Narrowing
    ) -> Narrowing:
        """The same without what only says again what is asked, or the days that earlier approvals `left`.

        Those stand, however few remain until an end date.
        """
        asked = {grant.pk: grant.asked for grant in grants}
        start_at = self.not_before_at
        return Narrowing(
            term_days=None if self.term_days in {terms.asked_days(case, at), left.term_days} else self.term_days,
            not_before_at=start_at if start_at is not None and start_at > terms.start(case, at) else None,
            grants={key: wanted for key, wanted in self.grants.items() if wanted != asked.get(key)},
            safeguards=self.safeguards,
        )


@dataclass(frozen=True)
class Granted:
    """What approvals leave. `term_days` and `not_before_at` are None where none of them says otherwise."""

    term_days: int | None
    not_before_at: datetime | None
    grants: Mapping[int, Scope | None]
    safeguards: Sequence[Condition] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether no grant is left."""
        return all(left is None for left in self.grants.values())

    def less_than(self, grants: Sequence[Grant]) -> Narrowing:
        """What is taken back of these grants, as one narrowing."""
        changed = {grant.pk: self.grants[grant.pk] for grant in grants if self.grants[grant.pk] != grant.asked}
        return Narrowing(self.term_days, self.not_before_at, changed, self.safeguards)


def granted(grants: Sequence[Grant], approvals: Iterable[Decision]) -> Granted:
    """The intersection of what was asked with what each of these approvals leaves of it."""
    return left_by(grants, [Narrowing.read(decision.narrowing) for decision in approvals])


def left_by(grants: Sequence[Grant], said: Sequence[Narrowing]) -> Granted:
    """What remains of what was asked once all of these are taken back."""
    days = [one.term_days for one in said if one.term_days is not None]
    starts = [one.not_before_at for one in said if one.not_before_at is not None]
    return Granted(
        term_days=min(days, default=None),
        not_before_at=max(starts, default=None),
        grants={grant.pk: _left(grant, said) for grant in grants},
        safeguards=list(dict.fromkeys(condition for one in said for condition in one.safeguards)),
    )


def problems(narrowing: Narrowing, case: ExceptionCase, grants: Sequence[Grant], at: datetime) -> Iterator[Problem]:
    """Where it would not narrow, or says nothing one could hold to; a grant's fields begin with `grants-<key>`."""
    asked = {grant.pk: grant for grant in grants}
    yield from _time(narrowing, case, at)
    for key, left in narrowing.grants.items():
        if key not in asked:
            yield Problem("grants", _("One of these grants is no longer asked for."))
        elif left is not None:
            yield from _scope(left, asked[key])
    if narrowing.grants and all(narrowing.grants.get(key, asked[key].asked) is None for key in asked):
        yield Problem("grants", _("Nothing would be left. Reject the request, or ask for changes."))
    for place, condition in enumerate(narrowing.safeguards):
        if condition.kind not in SafeguardKind.values:
            yield Problem(f"safeguards-{place}-kind", _("Choose what kind of safeguard this is."))
        if not says(condition.description):
            yield Problem(f"safeguards-{place}-description", _("Describe the safeguard so that it can be verified."))


def as_stored(left: Scope | None) -> dict[str, Any]:
    """A scope as plain values; a withheld one has no actions."""
    if left is None:
        return {"actions": [], "resource": "", "networks": []}
    return {"actions": list(left.actions), "resource": left.resource, "networks": list(left.networks)}


def as_kept(grant: Grant, left: Scope | None) -> dict[str, Any]:
    """What is left of a grant, beside what was asked and of which system: it can be read without the grant."""
    system = grant.system.slug if grant.system else None
    return {"system": system, "asked": as_stored(grant.asked)} | as_stored(left)


def _as_read(kept: Mapping[str, Any]) -> Scope | None:
    return scope_of(kept) if kept["actions"] else None


def scope_of(kept: Mapping[str, Any]) -> Scope:
    """The scope of plain values; see `as_stored`."""
    return Scope(tuple(kept["actions"]), kept["resource"], tuple(kept["networks"]))


def _left(grant: Grant, said: Sequence[Narrowing]) -> Scope | None:
    left: Scope | None = grant.asked
    for one in said:
        if grant.pk in one.grants:
            wanted = one.grants[grant.pk]
            left = scope.meet(left, wanted) if left is not None and wanted is not None else None
    return left


def _time(narrowing: Narrowing, case: ExceptionCase, at: datetime) -> Iterator[Problem]:
    days, start_at = narrowing.term_days, narrowing.not_before_at
    asked = terms.asked_days(case, at)
    if days is not None and days < 1:
        yield Problem("term_days", _("Approve it for a day at least, or reject it."))
    elif days is not None and asked is not None and days > asked:
        yield Problem("term_days", _("Asked are %(n)d days; an approval can only shorten that.") % {"n": asked})
    if start_at is not None and case.latest_end_at is not None and start_at >= case.latest_end_at:
        yield Problem("not_before_at", _("That is past its latest end, so it could never start."))


def _scope(left: Scope, grant: Grant) -> Iterator[Problem]:
    where = f"grants-{grant.pk}"
    if not left.actions or not set(left.actions) <= set(grant.actions):
        yield Problem(f"{where}-actions", _("Choose among the actions that are asked for."))
    wrong = scope.problem(left.resource)
    if wrong or not scope.covers(grant.resource, left.resource):
        yield Problem(f"{where}-resource", wrong or _("This reaches beyond %(asked)s.") % {"asked": grant.resource})
    if unread := [block for block in left.networks if not _is_network(block)]:
        yield Problem(f"{where}-networks", _("%(what)s is no network.") % {"what": ", ".join(unread)})
    elif not Scope(left.actions, grant.resource, left.networks).is_within(
        Scope(left.actions, grant.resource, tuple(grant.networks))
    ):
        yield Problem(f"{where}-networks", _("This reaches beyond the networks that are asked for."))


def _is_network(block: str) -> bool:
    try:
        ip_network(block)
    except ValueError:
        return False
    return True
