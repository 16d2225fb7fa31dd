from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

_M = TypeVar("_M", bound=models.Model)

def get_history_manager_for_model(model: type[models.Model]) -> models.Manager[Any]: ...
def bulk_create_with_history(
    objs: Iterable[_M],
    model: type[_M],
    batch_size: int | None = ...,
    ignore_conflicts: bool = ...,
    default_user: Any = ...,
    default_change_reason: str | None = ...,
    default_date: datetime | None = ...,
    custom_historical_attrs: dict[str, Any] | None = ...,
) -> list[_M]: ...
def bulk_update_with_history(
    objs: Iterable[_M],
    model: type[_M],
    fields: Sequence[str],
    batch_size: int | None = ...,
    default_user: Any = ...,
    default_change_reason: str | None = ...,
    default_date: datetime | None = ...,
    manager: models.Manager[_M] | None = ...,
    custom_historical_attrs: dict[str, Any] | None = ...,
) -> int: ...
