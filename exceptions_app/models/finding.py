"""What a case is found by: its words, and the groups ever asked about it. Both follow from other rows, like an index.

`exceptions_app.following` keeps them, in the transaction that writes those rows, and can make them anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import ApproverGroup
from exceptions_app.models.cases import ExceptionCase

Compiled: TypeAlias = tuple[str, tuple[str | int, ...]]
BEGUN = 2
"""A word of so many letters or more is also found by how it begins; a single letter begins too much."""


class Wording(models.Model):
    """Every word of a case's ask and of the names it gives, once each, in small letters, one space between two."""

    case = models.OneToOneField(ExceptionCase, on_delete=models.PROTECT, primary_key=True, related_name="wording")
    words = models.TextField()

    class Meta:
        verbose_name = "wording"

    def __str__(self) -> str:
        return self.words


class AskedGroup(models.Model):
    """A group that stood on any route of the case, whether or not that route still stands."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="asked_groups")
    group = models.ForeignKey(ApproverGroup, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "case"], name="asked_group_once_a_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.group_id}"


class Holds(Lookup[bool]):
    """Whether `Wording.words` has all these words (letters and digits in small, as `following.words_of` gives them).

    PostgreSQL answers by the index `wording_words`, SQLite by reading the words, which are all it reads.
    """

    lookup_name = "holds"
    prepare_rhs = False
    rhs: Sequence[str]

    def __init__(self, lhs: F, rhs: Sequence[str], *, begun: bool = True) -> None:
        """With `begun`, words that begin so will do."""
        super().__init__(lhs, rhs)
        self.begun = begun

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Compiled:
        words, params = self.process_lhs(compiler, connection)
        like = " AND ".join(f"(' ' || {words} || ' ') LIKE %s" for _ in self.rhs)
        ends = [f"% {word}%" if self._may_begin(word) else f"% {word} %" for word in self.rhs]
        return like, tuple(value for end in ends for value in (*params, end))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Compiled:
        words, params = self.process_lhs(compiler, connection)
        asked = " & ".join(f"'{word}':*" if self._may_begin(word) else f"'{word}'" for word in self.rhs)
        return f"array_to_tsvector(string_to_array({words}, ' ')) @@ %s::tsquery", (*params, asked)

    def _may_begin(self, word: str) -> bool:
        return self.begun and len(word) >= BEGUN
