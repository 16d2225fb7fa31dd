"""Many keys at once: several kinds of them in one query, and thousands as one value.

A placeholder for each costs more to write than the database takes to find them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler


def gathered(*several: tuple[str, QuerySet[Any], str]) -> dict[str, set[int]]:
    """Keys of several kinds in one query: each by its name, the rows, and the column the key stands in."""
    first, *others = [
        rows.order_by().annotate(of=Value(what), key=F(column)).values_list("of", "key")
        for what, rows, column in several
    ]
    found = defaultdict[str, set[int]](set)
    for what, key in first.union(*others, all=True):
        found[what].add(key)
    return found


def among(keys: Collection[int]) -> Q:
    """Rows with these primary keys; none of them, no rows and no question."""
    return Q(Among(F("pk"), keys)) if keys else Q(pk__in=())


class Among(Lookup[bool]):
    """Whether a column is one of these whole numbers."""

    lookup_name = "among"
    prepare_rhs = False
    rhs: Collection[int]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        key, params = self.process_lhs(compiler, connection)
        return f"{key} IN (SELECT value FROM json_each(%s))", (*params, json.dumps([*self.rhs]))  # noqa: S608 - a column

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[object]]:
        key, params = self.process_lhs(compiler, connection)
        return f"{key} = ANY(%s::bigint[])", [*params, [*self.rhs]]
