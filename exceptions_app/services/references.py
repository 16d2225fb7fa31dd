"""Numbers of cases: EXC-<year>-<number>, given out once."""

from __future__ import annotations

from datetime import datetime

from exceptions_app.models import ReferenceCounter


def next_references(at: datetime, count: int = 1) -> list[str]:
    """So many references, four digits at least. Numbers may have gaps and are never used twice."""
    ReferenceCounter.objects.get_or_create(year=at.year)
    counter = ReferenceCounter.objects.select_for_update().get(year=at.year)
    first = counter.last + 1
    counter.last += count
    counter.save()
    return [f"EXC-{at.year}-{number:04d}" for number in range(first, first + count)]
