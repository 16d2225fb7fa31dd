"""Versions of rows that were just stored, copied inside the database: what it holds already need not travel again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

_COPY = """
    INSERT INTO {history} ({columns}, history_date, history_user_id, history_change_reason, history_type)
    SELECT {columns}, %s, %s, %s, %s FROM {table} WHERE {key} IN ({keys})
    RETURNING {key}, history_id"""
"""Names come from the models, keys from the database; what a person wrote never stands in the statement."""


def copy_rows(model: type[models.Model], versions: Sequence[Any]) -> None:
    """Insert these versions, all of one instant, person and reason, by copying the rows they describe; sets their keys.

    A version has the values its row has in the caller's hands, under the case's lock; `audit.verify` compares the two.
    """
    first, key = versions[0], model._meta.pk
    quote = connection.ops.quote_name
    statement = _COPY.format(
        history=quote(first._meta.db_table),
        table=quote(model._meta.db_table),
        columns=", ".join(quote(field.column) for field in type(first).tracked_fields),
        key=quote(str(key.column)),
        keys=", ".join(str(int(getattr(version, key.attname))) for version in versions),
    )
    at = connection.ops.adapt_datetimefield_value(first.history_date)  # as Django stores it, or SQLite misorders it
    about = [at, first.history_user_id, first.history_change_reason, first.history_type]
    with connection.cursor() as cursor:
        cursor.execute(statement, about)
        made = dict(cursor.fetchall())
    if len(made) != len(versions):
        raise RuntimeError("A version tells of one stored row, once.")
    for version in versions:
        version.history_id = made[getattr(version, key.attname)]
