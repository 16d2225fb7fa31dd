"""The history tables of governed models."""

from typing import Any, Self

from django.db import models
from simple_history import models as simple_history
from simple_history.manager import HistoricalQuerySet, HistoryManager

_Manager = HistoryManager.from_queryset(HistoricalQuerySet)


class VersionManager(_Manager):
    """django-simple-history's manager. Theirs makes a class anew each time a row's history is reached for."""

    @classmethod
    def from_queryset(
        cls, queryset_class: type[models.QuerySet[Any, Any]], class_name: str | None = None
    ) -> type[Self]:
        return cls


class HistoricalRecords(simple_history.HistoricalRecords):
    """A table of every version a row ever had."""

    def __init__(self, **options: Any) -> None:
        super().__init__(history_manager=VersionManager, **options)
