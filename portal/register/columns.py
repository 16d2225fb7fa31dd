"""What the register can tell of a case, a column each: on the page, and as a value in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exceptions_app.models import ExceptionCase
from exceptions_app.queries import register as queries

Value: TypeAlias = "str | int | datetime | date | bool | None"


@dataclass(frozen=True)
class Line:
    """A case in a list, with what stands beside it there.

    `falls_at` is from when it is out of force before its end, unless somebody does what waits.
    """

    case: ExceptionCase
    at: datetime
    in_force: bool
    systems: Sequence[str] = ()
    safeguards: tuple[int, int] = (0, 0)
    falls_at: datetime | None = None


@dataclass(frozen=True)
class Column:
    """`value` is what a file gets; `sort` the order the heading asks for; `needs` what has to be looked up first,
    `joins` parents of the case that are read with it.
    """

    label: Promise
    value: Callable[[Line], Value]
    sort: str = ""
    needs: frozenset[str] = field(default_factory=frozenset)
    joins: tuple[str, ...] = ()


def _attribute(path: str) -> Callable[[Line], Value]:
    def value(line: Line) -> Value:
        found: Any = line.case
        for name in path.split("."):
            found = getattr(found, name, None)
        return found if found is None or isinstance(found, int | datetime | date) else str(found)

    return value


def _label(path: str) -> Callable[[Line], Value]:
    """The word of a choice, of the case or of its identity."""

    def value(line: Line) -> Value:
        owner, _dot, name = path.rpartition(".")
        row = getattr(line.case, owner) if owner else line.case
        return str(getattr(row, f"get_{name}_display")() or "") if row is not None else ""

    return value


COLUMNS: dict[str, Column] = {
    "state": Column(_("State"), lambda line: line.case.standing_at(line.at)[0]),
    "end_reason": Column(_("End reason"), lambda line: line.case.standing_at(line.at)[1]),
    "risk": Column(_("Risk"), _label("risk_tier"), sort="risk"),
    "control": Column(_("Control"), _attribute("control.code")),
    "identity": Column(_("Identity"), _attribute("identity.name")),
    "identity_kind": Column(_("Kind of identity"), _label("identity.kind")),
    "environment": Column(_("Environment"), _label("identity.environment")),
    "credential": Column(_("Credential"), _label("credential_form")),
    "team": Column(_("Team"), _attribute("identity.team"), joins=("identity__team",)),
    "vendor": Column(_("Vendor"), _attribute("identity.vendor_shown"), joins=("identity__vendor",)),
    "systems": Column(_("Systems"), lambda line: ", ".join(line.systems), needs=frozenset({"systems"})),
    "safeguards": Column(
        _("Safeguards verified"),
        lambda line: f"{line.safeguards[0]} of {line.safeguards[1]}",
        needs=frozenset({"safeguards"}),
    ),
    "owner": Column(_("Owner"), _attribute("owner")),
    "backup_owner": Column(_("Backup owner"), _attribute("backup_owner"), joins=("backup_owner",)),
    "requester": Column(_("Requester"), _attribute("requester")),
    "kind": Column(_("Kind"), _label("kind")),
    "renewal": Column(_("Renewal"), _attribute("renewal_number")),
    "ticket": Column(_("Ticket"), _attribute("ticket_ref")),
    "filed": Column(_("Filed"), _attribute("created_at"), sort="filed"),
    "activated": Column(_("In force from"), _attribute("activated_at")),
    "ends": Column(_("Ends"), _attribute("expires_at"), sort="ends"),
    "ended": Column(_("Ended"), _attribute("ended_at")),
    "in_force": Column(_("In force"), lambda line: "yes" if line.in_force else "no", needs=frozenset({"falls"})),
}
"""By name, in the order they are offered. Reference and title come before all of them."""
USUAL = ("state", "risk", "owner", "ends", "in_force")
IN_FILES = (
    *("state", "end_reason", "in_force", "risk", "control", "identity", "requester", "owner", "renewal"),
    *("activated", "ends", "ended"),
)
"""What the page shows, and what a file holds, where nobody chose."""


def joins(names: Iterable[str]) -> list[str]:
    """Parents of the case that these columns read."""
    return [join for name in names for join in COLUMNS[name].joins]


def lines(cases: Sequence[ExceptionCase], names: Iterable[str], at: datetime) -> list[Line]:
    """The cases with all that these columns need; at most five queries, however many cases."""
    needs = frozenset[str]().union(*(COLUMNS[name].needs for name in names))
    in_force = queries.in_force_of(cases, at)
    systems = queries.systems_of(cases) if "systems" in needs else {}
    safeguards = queries.safeguards_of(cases, at) if "safeguards" in needs else {}
    relied_on = [case for case in cases if case.pk in in_force]
    falls = queries.falls_of(relied_on, at) if "falls" in needs else {}
    return [
        Line(
            case,
            at,
            case.pk in in_force,
            systems.get(case.pk, ()),
            safeguards.get(case.pk, (0, 0)),
            falls.get(case.pk),
        )
        for case in cases
    ]
