"""How sets of controls, identities and systems are named."""

from functools import reduce
from operator import or_
from typing import ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User

Row = TypeVar("Row", bound=models.Model)


class CatalogQuerySet(models.QuerySet[Row]):
    searched: ClassVar[tuple[str, ...]] = ("name", "slug")

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Everyone who is signed in reads the catalog: a baseline nobody may see binds nobody."""
        return self if user.is_active else self.none()

    def in_use(self) -> Self:
        return self.filter(is_active=True)

    def search(self, text: str) -> Self:
        """The rows that contain the text in a searched field; all when it is blank."""
        if not (text := text.strip()):
            return self
        conditions = (models.Q(**{f"{field}__icontains": text}) for field in self.searched)
        return self.filter(reduce(or_, conditions))
