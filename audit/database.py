"""Speaks SQL where Django's ORM has no word: its clock, its transaction id, and who refers to a history row."""

from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, Func, Model, Value

_REFERENCES = {
    "postgresql": """
        SELECT value->>'id' AS id FROM audit_event, jsonb_array_elements(
            CASE jsonb_typeof(history) WHEN 'array' THEN history ELSE '[]' END)
        WHERE value->>'model' = %s""",
    "sqlite": """
        SELECT json_extract(value, '$.id') AS id FROM audit_event, json_each(history)
        WHERE json_each.type = 'object' AND json_extract(value, '$.model') = %s""",
}


class DatabaseNow(Func):
    """The database's clock at this moment, not at the start of the transaction; SQLite gives milliseconds."""

    template = "clock_timestamp()"
    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        clock = Func(Value("%Y-%m-%d %H:%M:%f"), Value("now"), function="strftime")
        return clock.as_sql(compiler, connection, **context)


class TransactionId(Func):
    """PostgreSQL's 64-bit id of the transaction; SQLite has none."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = BigIntegerField(null=True)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="NULL", **context)


def badly_referenced(model: type[Model], most: int) -> list[tuple[str, int]]:
    """Rows of a history table that not exactly one event refers to, with the number that do; `most` of them."""
    table, key = model._meta.db_table, model._meta.pk.column
    query = f"""
        SELECT CAST({key} AS text), coalesce(times, 0)
        FROM {table} LEFT JOIN (
            SELECT id AS referenced, count(*) AS times FROM ({_REFERENCES[connection.vendor]}) refs GROUP BY id
        ) counted ON referenced = CAST({key} AS text)
        WHERE coalesce(times, 0) <> 1 ORDER BY {key} LIMIT %s"""  # noqa: S608 — names from the model, not from people
    with connection.cursor() as cursor:
        cursor.execute(query, [model._meta.label_lower, most])
        return list(cursor.fetchall())
