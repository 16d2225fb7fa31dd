"""Base of every governed row: refuses each way of writing that would go round the door."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from exceptions_app import door

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class GovernedQuerySet(models.QuerySet[M_co]):
    """A queryset whose bulk writes pass only while the door is open."""

    def update(self, **changes: Any) -> int:
        door.check(f"Changing {self.model._meta.verbose_name_plural}")
        return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        door.check(f"Removing {self.model._meta.verbose_name_plural}")
        return super().delete()

    def bulk_create(self, *args: Any, **options: Any) -> list[M_co]:
        door.check(f"Adding {self.model._meta.verbose_name_plural}")
        return super().bulk_create(*args, **options)

    def _raw_delete(self, using: str | None) -> int:
        door.check(f"Removing {self.model._meta.verbose_name_plural}")
        return super()._raw_delete(using)


class Governed(models.Model):
    """A row that only a service may write. It remembers what was loaded, so a write names what changed."""

    history: ClassVar[Any]
    governed = GovernedQuerySet["Governed"].as_manager()

    class Meta:
        abstract = True
        base_manager_name = "governed"  # else Django's own would write past the door

    def save(self, *args: Any, **options: Any) -> None:
        door.check(f"Saving {self._meta.verbose_name}")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        door.check(f"Removing {self._meta.verbose_name}")
        return super().delete(*args, **options)

    def _save_table(self, *args: Any, **options: Any) -> bool:
        """What `save_base` ends in: fixtures are loaded through it, past `save`."""
        door.check(f"Saving {self._meta.verbose_name}")
        model: Any = super()
        return bool(model._save_table(*args, **options))

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        row = super().from_db(db, field_names, values, **options)
        row.remember()
        return row

    def remember(self) -> None:
        """Take the present values as the stored ones."""
        self._stored = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}

    def changed(self) -> list[str]:
        """Names of the concrete fields whose value differs from the stored one."""
        return [f.name for f in self._meta.concrete_fields if self._stored.get(f.attname) != getattr(self, f.attname)]

    def differs(self, columns: Iterable[str]) -> bool:
        """Whether one of these columns' values differs from the stored one."""
        return any(self._stored.get(column) != getattr(self, column) for column in columns)


def keys(rows: Iterable[models.Model]) -> list[int]:
    """Primary keys of the rows, in order."""
    return [row.pk for row in rows]
