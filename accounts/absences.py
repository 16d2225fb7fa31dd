"""Who is away at an instant, and who stands in; never who stands in for the one who stands in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accounts.models import Absence, User


def delegates(people: Collection[int], at: datetime) -> dict[int, int]:
    """Keys of those of these people who are away at `at` (UTC), and of who stands in for each; one query."""
    if not people:
        return {}
    rows = Absence.objects.running(at).filter(person__in=people)
    return dict(rows.values_list("person", "delegate"))


def standing_in_for(people: Collection[int], at: datetime) -> set[int]:
    """Keys of everyone who stands in for one of these people at `at` (UTC); one query."""
    return set(delegates(people, at).values())


def away(people: Collection[int], at: datetime) -> dict[int, Absence]:
    """The running absences of these people at `at` (UTC), by person; one query."""
    rows = Absence.objects.running(at).filter(person__in=people).select_related("person", "delegate")
    return {row.person_id: row for row in rows}


def asked_of(user: User, at: datetime) -> list[Absence]:
    """Absences in which this person is named and has not answered, the soonest first; one query."""
    rows = Absence.objects.standing(at).filter(delegate=user, accepted_at__isnull=True)
    return list(rows.select_related("person").order_by("from_at", "pk"))


def of(user: User) -> list[Absence]:
    """All of this person's absences, the latest first; one query."""
    return list(user.absences.select_related("delegate"))


def for_others(user: User, at: datetime) -> list[Absence]:
    """Whom this person stands in for, now or soon; one query."""
    rows = Absence.objects.standing(at).filter(delegate=user, accepted_at__isnull=False)
    return list(rows.select_related("person").order_by("from_at", "pk"))
