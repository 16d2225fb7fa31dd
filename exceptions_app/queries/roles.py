"""What a person is to others' exceptions, as every page's navigation asks it: one query."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from exceptions_app.queries.orphans import concerned, oversees
from exceptions_app.queries.queue import askable


@dataclass(frozen=True)
class Roles:
    """Whether a step could ask this person, and whether what has no owner is theirs to read of."""

    may_be_asked: bool
    reads_orphans: bool


def roles_of(user: User) -> Roles:
    """What this person is, at this moment."""
    found = User.objects.filter(pk=user.pk).annotate(
        asked=Exists(askable().filter(pk=OuterRef("pk"))), concerned=Exists(concerned().filter(pk=OuterRef("pk")))
    )
    asked, concerns = found.values_list("asked", "concerned").get()
    return Roles(asked, oversees(user) or concerns)
