"""Writing into a form as it was sent: nothing that somebody wrote is overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict

from portal.exception_form.forms import MOST_SENT
from portal.http import number


def put(data: QueryDict, name: str, value: str) -> None:
    """Fill a field that is empty."""
    if value and not data.get(name, "").strip():
        data[name] = value


def free_row(data: QueryDict, prefix: str, meaning: Sequence[str]) -> int:
    """The first row in which nothing is written; a new one where there is none."""
    rows = count(data, prefix)
    for row in range(rows):
        is_empty = not any(data.get(f"{prefix}-{row}-{name}", "").strip() for name in meaning)
        if is_empty and not is_struck(data, prefix, row):
            return row
    data[f"{prefix}-TOTAL_FORMS"] = str(rows + 1)
    data.setdefault(f"{prefix}-INITIAL_FORMS", "0")
    return rows


def is_struck(data: QueryDict, prefix: str, row: int) -> bool:
    return bool(data.get(f"{prefix}-{row}-DELETE"))


def count(data: QueryDict, prefix: str) -> int:
    """How many rows the form has, of those that are looked at."""
    return min(number(data.get(f"{prefix}-TOTAL_FORMS") or "") or 0, MOST_SENT)
