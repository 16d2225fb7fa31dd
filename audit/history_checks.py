"""Holds history rows against the digests that events keep of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from audit import chain, present_checks
from audit.database import badly_referenced
from audit.event_checks import Row
from audit.findings import Difference
from audit.history import Format, format_digest, format_of
from audit.models import HistoryFormat

FORMATS = "ledger/history-formats"  # not a stream: where differences of the registry itself are named


class HistoryChecks:
    """Reads history rows in bulk, a chunk of events at a time, and remembers which formats were used."""

    def __init__(self) -> None:
        self.formats: dict[str, Format] = {}
        self.broken: list[Difference] = []
        self.used: set[str] = set()
        for stored in HistoryFormat.objects.order_by("digest"):
            self._load(stored)

    def faults(self, rows: Sequence[Row | None]) -> dict[int, list[str]]:
        """Faults by the event's index in the chunk; None is an event whose word is not to be trusted."""
        faults: dict[int, list[str]] = defaultdict(list)
        wanted: dict[str, list[tuple[int, bytes, dict[str, str]]]] = defaultdict(list)
        for index, row in enumerate(rows):
            if row is not None and row.history:
                salt = _history_salt(row)
                for reference in row.history:
                    wanted[reference["format"]].append((index, salt, reference))
        for digest, references in wanted.items():
            self._compare(digest, references, faults)
        return faults

    def loose_ends(self, most: int) -> Iterator[Difference]:
        """After all streams: formats nobody used, unvouched history rows, and present rows unlike their history."""
        for digest in self.formats.keys() - self.used:
            yield Difference(FORMATS, 0, _("no event uses format {digest}.").format(digest=digest))
        for model in {form.label: form.model for form in self.formats.values()}.values():
            for key, times in badly_referenced(model, most):
                what = _("{times} events vouch for row {key}; it should be one.").format(times=times, key=key)
                yield Difference(model._meta.label_lower, 0, what)
            yield from present_checks.faults(model, most)

    def _load(self, stored: HistoryFormat) -> None:
        if format_digest(stored.model, stored.fields) != stored.digest:
            self._break(stored, _("it is not the one recorded"))
            return
        try:
            self.formats[stored.digest] = format_of(apps.get_model(stored.model), stored.fields)
        except LookupError as error:  # a model or a column that the code no longer has
            self._break(stored, str(error))

    def _break(self, stored: HistoryFormat, why: str) -> None:
        what = _("format {digest} cannot be used: {why}.").format(digest=stored.digest, why=why)
        self.broken.append(Difference(FORMATS, 0, what))

    def _compare(
        self, digest: str, references: list[tuple[int, bytes, dict[str, str]]], faults: dict[int, list[str]]
    ) -> None:
        self.used.add(digest)
        form = self.formats.get(digest)
        stored = _read(form, [reference["id"] for _index, _salt, reference in references]) if form else {}
        for index, salt, reference in references:
            named = {"model": reference["model"], "id": reference["id"]}
            if form is None or form.label != reference["model"]:
                faults[index].append(_("the format of history row {model} {id} is not on record.").format(**named))
            elif reference["id"] not in stored:
                faults[index].append(_("history row {model} {id} is missing.").format(**named))
            elif form.row_digest(salt, stored[reference["id"]]) != reference["digest"]:
                faults[index].append(_("history row {model} {id} is not what was recorded.").format(**named))


def _read(form: Format, keys: list[str]) -> dict[str, tuple[Any, ...]]:
    rows = form.model._base_manager.filter(pk__in=keys).values_list("pk", *form.fields)
    return {str(key): values for key, *values in rows}


def _history_salt(row: Row) -> bytes:
    """Kept by the erasure where the payload is gone."""
    salt = row.erasure__history_salt if row.payload__salt is None else chain.history_salt(row.payload__salt)
    try:
        return bytes.fromhex(salt or "")
    except ValueError:  # not what was recorded, so no row will match
        return b""
