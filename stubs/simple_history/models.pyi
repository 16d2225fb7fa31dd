from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models

class HistoricalChanges:
    history_id: int
    history_date: datetime
    history_change_reason: str | None
    history_type: str
    history_user: Any
    history_user_id: int | None
    instance: Any
    prev_record: Any
    next_record: Any
    def diff_against(
        self,
        old_history: Any,
        excluded_fields: Iterable[str] | None = ...,
        included_fields: Iterable[str] | None = ...,
        *,
        foreign_keys_are_objs: bool = ...,
    ) -> Any: ...

class HistoricalRecords:
    def __init__(
        self,
        verbose_name: str | None = ...,
        verbose_name_plural: str | None = ...,
        bases: tuple[type[models.Model], ...] = ...,
        user_related_name: str = ...,
        table_name: str | None = ...,
        inherit: bool = ...,
        excluded_fields: Sequence[str] | None = ...,
        history_id_field: models.Field[Any, Any] | None = ...,
        history_change_reason_field: models.Field[Any, Any] | None = ...,
        user_model: Any = ...,
        get_user: Callable[..., Any] = ...,
        cascade_delete_history: bool = ...,
        custom_model_name: str | Callable[[str], str] | None = ...,
        app: str | None = ...,
        history_user_id_field: models.Field[Any, Any] | None = ...,
        related_name: str | None = ...,
        use_base_model_db: bool = ...,
        user_db_constraint: bool = ...,
        no_db_index: str | Sequence[str] = ...,
        history_manager: type[models.Manager[Any]] = ...,
    ) -> None: ...
    # The history manager: rows of a model made at run time, so their type stops here.
    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> models.Manager[Any]: ...
