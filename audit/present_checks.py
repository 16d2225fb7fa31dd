"""Holds each table's present rows against their last version in history: what stands is what was last recorded."""

from collections.abc import Iterator

from django.db import connection, models
from django.utils.translation import gettext as _

from audit.findings import Difference

_LAST = """
    SELECT version.* FROM {history} version
    JOIN (SELECT {key} AS of_row, max(history_id) AS newest FROM {history} GROUP BY {key}) newest
      ON newest.newest = version.history_id"""
_CHANGED = """
    SELECT CAST(present.{key} AS text) FROM {table} present LEFT JOIN ({last}) last ON last.{key} = present.{key}
    WHERE last.history_id IS NULL OR last.history_type = '-' OR {differs}
    ORDER BY present.{key} LIMIT %s"""
_GONE = """
    SELECT CAST(last.{key} AS text) FROM ({last}) last
    WHERE last.history_type <> '-' AND NOT EXISTS (SELECT 1 FROM {table} present WHERE present.{key} = last.{key})
    ORDER BY last.{key} LIMIT %s"""


def faults(history: type[models.Model], most: int) -> Iterator[Difference]:
    """Rows that are not as their last version says, and rows that are gone without a version saying so.

    `history` is a model of simple-history; `most` bounds each kind. Answers nothing for any other model.
    """
    present = getattr(history, "instance_type", None)
    if present is None:
        return
    label = present._meta.label_lower
    for key in _keys(_CHANGED, history, present, most):
        yield Difference(label, 0, _("row {key} is not what was last recorded of it.").format(key=key))
    for key in _keys(_GONE, history, present, most):
        yield Difference(label, 0, _("row {key} is gone, and nothing recorded that.").format(key=key))


def _keys(query: str, history: type[models.Model], present: type[models.Model], most: int) -> list[str]:
    names = {"history": history._meta.db_table, "table": present._meta.db_table, "key": present._meta.pk.column}
    columns = [field.column for field in getattr(history, "tracked_fields", ()) if field.column != names["key"]]
    unlike = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    differs = " OR ".join(f'present."{column}" {unlike} last."{column}"' for column in columns) or "FALSE"
    with connection.cursor() as cursor:
        cursor.execute(query.format(last=_LAST.format(**names), differs=differs, **names), [most])
        return [key for (key,) in cursor.fetchall()]
