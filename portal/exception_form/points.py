"""What `limits` finds, led to the field it is about: what is missing yet, and what would be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from exceptions_app import limits
from portal.exception_form.forms import SECTIONS
from portal.exception_form.sheet import Sheet, counted


@dataclass(frozen=True)
class Point:
    """A problem with the anchor and the name of its field."""

    field: str
    href: str
    name: str
    text: str


def by_section(points: Sequence[Point]) -> list[tuple[str, list[Point]]]:
    """The points of each section that has any, in the order of the page."""
    found = [
        (str(title), [point for name in names for point in points if point.field.partition("-")[0] == name])
        for _anchor, title, names in SECTIONS
    ]
    return [(title, within) for title, within in found if within]


def is_empty(field: str, draft: limits.Draft) -> bool:
    """Whether a problem is about something not written yet, rather than something that would be refused."""
    owner: Any = draft.case
    if field in {"grants", "safeguards"}:
        return True
    prefix, _dash, rest = field.partition("-")
    if prefix in {"grants", "safeguards"}:
        number, _dash, field = rest.partition("-")
        owner = getattr(draft, prefix)[int(number)]
    if field == "term_days" and owner.end_on:
        return False
    return not getattr(owner, field, None)


def point_of(problem: limits.Problem, sheet: Sheet) -> Point:
    return Point(problem.field, _anchor(problem.field, sheet), _name(problem.field, sheet), problem.sentence)


def _name(field: str, sheet: Sheet) -> str:
    """What the form calls the field: “Title”, “Grant 2: Resource”."""
    if field in {"grants", "safeguards"}:
        return _("at least one grant") if field == "grants" else _("at least one safeguard")
    prefix, _dash, rest = field.partition("-")
    if prefix in {"grants", "safeguards"}:
        number, _dash, name = rest.partition("-")
        words = _("grant %(n)d: %(field)s") if prefix == "grants" else _("safeguard %(n)d: %(field)s")
        label = getattr(sheet, prefix).empty_form.fields[name].label
        return words % {"n": int(number) + 1, "field": str(label).lower()}
    if field == "term_days":
        return _("a number of days or an end date")
    return str(sheet.ask.fields[field].label).lower() if field in sheet.ask.fields else ""


def _anchor(field: str, sheet: Sheet) -> str:
    prefix, _dash, rest = field.partition("-")
    if field in {"", "grants", "safeguards"}:
        return field or "main"
    if prefix in {"grants", "safeguards"}:
        number, _dash, name = rest.partition("-")
        rows = counted(getattr(sheet, prefix)) if sheet.is_bound else list(getattr(sheet, prefix))
        return f"id_{rows[int(number)].prefix}-{name}"
    if field in {"likelihood", "impact", "kind"}:
        return f"id_{field}_0"
    return f"id_{field}" if field in sheet.ask.fields else "main"
