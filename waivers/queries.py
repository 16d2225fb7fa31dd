"""Reads of imported drafts that nobody has claimed, and of the imports behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum

from exceptions_app.models import State
from waivers import formats, tables
from waivers.formats import Findings
from waivers.models import ImportRun, Source, Upload, UploadedFile
from waivers.planning import Missing
from waivers.tables import TableMapping

MISSING = {
    "end": Q(case__end_on__isnull=True, case__term_days__isnull=True),
    "reason": Q(gives_reason=False),
    "gone": Q(gone_at__isnull=False),
}


@dataclass(frozen=True)
class Filters:
    """What a person asked to see of the unclaimed. Empty means any."""

    search: str = ""
    file: str = ""
    format: str = ""
    missing: str = ""


def unclaimed(filters: Filters, at: datetime) -> QuerySet[Source]:
    """Sources of the drafts nobody has claimed, with their drafts, in the order of their files."""
    rows = Source.objects.filter(case__requester__isnull=True, case__state=State.DRAFT)
    if filters.search:
        rows = rows.filter(
            Q(case__title__icontains=filters.search)
            | Q(case__reference__iexact=filters.search)
            | Q(key__icontains=filters.search)
        )
    if filters.file:
        rows = rows.filter(file__icontains=filters.file)
    if filters.format:
        rows = rows.filter(format=filters.format)
    if filters.missing:
        rows = rows.filter(MISSING.get(filters.missing) or _past(at.date()))
    return rows.select_related("case").order_by("file", "line", "pk")


def named(references: Sequence[str]) -> QuerySet[Source]:
    """The unclaimed of these references."""
    rows = Source.objects.filter(case__requester__isnull=True, case__state=State.DRAFT)
    return rows.filter(case__reference__in=references).select_related("case").order_by("file", "line", "pk")


def missing(rows: QuerySet[Source], at: datetime) -> Missing:
    """What these drafts lack at `at`, in one query."""
    silent, told = Q(gives_reason=False), ~Q(case__justification="")
    counts = rows.order_by().aggregate(
        all=Count("pk"),
        no_end=Count("pk", filter=MISSING["end"]),
        past=Count("pk", filter=_past(at.date())),
        no_reason=Count("pk", filter=silent),
        in_comment=Count("pk", filter=silent & told),
    )
    return Missing(**counts)


def source_of(case_key: int) -> Source | None:
    """Where a case was imported from, with the run that first read it; None for what a person wrote."""
    return Source.objects.filter(case=case_key).select_related("first_read__run__by").first()


def runs() -> QuerySet[ImportRun]:
    """Imports, the latest first, with how many files each read and how many drafts came of it."""
    return (
        ImportRun.objects.select_related("by")
        .annotate(read=Count("files"), new=Sum("files__added"), changed=Sum("files__updated"))
        .order_by("-at", "-pk")
    )


def unasked(upload: Upload) -> UploadedFile | None:
    """The next table of an upload whose columns its sender has not explained yet."""
    files = upload.files.defer("content").order_by("name")
    return next((file for file in files if file.needs_columns), None)


def found_in(upload: Upload) -> list[Findings]:
    """What each file of an upload holds; ask `unasked` first. What has no columns after all is refused by name."""
    return [_found(file.name, bytes(file.content), file.mapping) for file in upload.files.order_by("name")]


def _found(name: str, content: bytes, mapping: dict[str, object]) -> Findings:
    if not tables.is_table(name):
        return formats.read(name, content)
    return tables.read(name, content, tables.from_words(mapping) if mapping else TableMapping({}))


def _past(day: date) -> Q:
    return Q(case__end_on__lt=day)
