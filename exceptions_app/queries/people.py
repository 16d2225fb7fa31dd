"""What a person answers for, to be handed over before they leave."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from catalog.models import Control, Identity, System
from exceptions_app.models import LIVE, ExceptionCase


@dataclass(frozen=True)
class Burden:
    """How many live exceptions and entries in use a person owns."""

    cases: int
    identities: int
    systems: int
    controls: int

    @property
    def is_empty(self) -> bool:
        return not (self.cases or self.has_entries)

    @property
    def has_entries(self) -> bool:
        """Whether anything of the catalog is theirs; it changes hands on its own page, unlike an exception in force."""
        return bool(self.identities or self.systems or self.controls)


def burden(person: User) -> Burden:
    """Four queries."""
    return Burden(
        cases=ExceptionCase.objects.filter(owner=person, state__in=LIVE).count(),
        identities=Identity.objects.in_use().filter(owner=person).count(),
        systems=System.objects.in_use().filter(owner=person).count(),
        controls=Control.objects.in_use().filter(owner=person).count(),
    )
