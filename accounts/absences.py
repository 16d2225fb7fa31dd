"""Who is away at an instant, and who stands in; never who stands in for the one who stands in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accounts.models import Absence, User
from accounts.models.absences import AbsenceQuerySet


def delegates(people: Collection[int], at: datetime) -> dict[int, int]:
    """Keys of those of these people who are away at `at` (UTC), and of who stands in for each; one query."""
    if not people:
        return {}
    rows = Absence.objects.running(at).filter(person__in=people)
    return dict(rows.values_list("person", "delegate"))


def standing_in(at: datetime) -> dict[int, User]:
    """Who stands in at `at` (UTC) and can decide, by the key of the one who is away; one query."""
    rows = Absence.objects.running(at).filter(delegate__is_active=True, delegate__is_auditor=False)
    return {row.person_id: row.delegate for row in rows.select_related("delegate")}


def standing_in_for(people: Collection[int], at: datetime) -> set[int]:
    """Keys of everyone who stands in for one of these people at `at` (UTC); one query."""
    return set(delegates(people, at).values())


def stood_for(user: User, at: datetime | None) -> list[int]:
    """Key of this person, and of those for whom they stand in at `at` (UTC) and who could decide; one query at most."""
    if at is None:
        return [user.pk]
    return [user.pk, *principals(user, at).values_list("person", flat=True)]


def principals(user: User, at: datetime) -> AbsenceQuerySet:
    """The absences in which this person stands in at `at` (UTC) for somebody who could decide."""
    return Absence.objects.running(at).filter(delegate=user, person__is_active=True, person__is_auditor=False)


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
