"""The verbs of waivers: bring files in as drafts nobody has claimed, keep and drop what was sent for a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts import recording
from accounts.errors import NotPossible
from accounts.models import User
from accounts.recording import Happening
from accounts.rules import demand_changes_things
from exceptions_app import services
from exceptions_app.models import ExceptionCase
from exceptions_app.services import DraftImport
from waivers import drafting, tables
from waivers.formats import Findings
from waivers.models import ENTRY_ONCE, ImportedFile, ImportRun, Source, Upload, UploadedFile
from waivers.planning import Fate, FilePlan, Item, Plan, plan
from waivers.tables import TableMapping

STREAM = "waivers/imports"
KIND = "waivers.imported"
BATCH = 500
KEPT = timedelta(days=1)
_MOVES = ["line", "gone_at", "last_read"]
_TAKES = [*_MOVES, "digest", "facts", "gives_reason", "format"]


def import_files(
    *, files: Sequence[Findings], actor: User | None, at: datetime, zone: ZoneInfo
) -> tuple[Plan, ImportRun | None]:
    """Bring what was read in: new entries become drafts, unclaimed drafts follow their entry, the rest is told.

    All or nothing. Where nothing differs nothing is written, and there is no run. `actor` None is the command line:
    for it alone every draft exists, so that what others claimed is told, and marked where its entry is gone.
    Raises NotAllowed for auditors, NotPossible if the same file is being imported at this moment.
    """
    if actor is not None:
        demand_changes_things(actor)
    try:
        with transaction.atomic():
            made = plan(files, actor=actor, zone=zone, at=at)
            if not made.changes:
                return made, None
            run = ImportRun.objects.create(by=actor, at=at, zone=str(zone))
            for file in {file.findings.file: file for file in reversed(made.files)}.values():
                _take(file, run, actor, at, zone)
            return made, run
    except IntegrityError as error:
        if not _is_of_another_import(error):
            raise
        raise NotPossible(
            _("Somebody is importing the same file at this moment. Look at what they did, then try again.")
        ) from error


@transaction.atomic
def keep_upload(*, files: Iterable[tuple[str, bytes]], place: str, zone: ZoneInfo, actor: User, at: datetime) -> Upload:
    """Keep what somebody sent until they have seen what would come of it; drops what is older than a day."""
    demand_changes_things(actor)
    Upload.objects.filter(at__lt=at - KEPT).delete()
    upload = Upload.objects.create(by=actor, at=at, place=place, zone=str(zone))
    UploadedFile.objects.bulk_create([_kept(upload, name, content) for name, content in files])
    return upload


def say_columns(*, file: UploadedFile, how: TableMapping, actor: User) -> None:
    """Say what the columns of a sent table mean; every table of the upload with the same header means the same."""
    demand_changes_things(actor)
    UploadedFile.objects.filter(upload=file.upload_id, header=file.header).update(mapping=how.words)


def drop_upload(*, upload: Upload) -> None:
    """Forget what was sent: it was imported, or its sender thought better of it."""
    upload.delete()


def _is_of_another_import(error: IntegrityError) -> bool:
    """Whether an entry's row was there already: PostgreSQL names the constraint, SQLite the columns."""
    told = getattr(error.__cause__, "diag", None)
    if told is not None:
        return bool(told.constraint_name == ENTRY_ONCE)
    return "waivers_source.file, waivers_source.key" in str(error)


def _kept(upload: Upload, name: str, content: bytes) -> UploadedFile:
    header = tables.header_of(content) if tables.is_table(name) else ()
    return UploadedFile(upload=upload, name=name, content=content, header=list(header))


def _take(file: FilePlan, run: ImportRun, actor: User | None, at: datetime, zone: ZoneInfo) -> None:
    findings = file.findings
    imported = ImportedFile.objects.create(
        run=run,
        file=findings.file,
        format=findings.format,
        sha256=findings.sha256,
        size=findings.size,
        refused=findings.refused,
        problems=[[problem.line, problem.sentence] for problem in findings.problems],
        notes=[[note.line, note.sentence] for note in file.notes],
        header=list(findings.header),
        mapping=findings.mapping,
        added=len(file.of(Fate.NEW)),
        updated=len(file.of(Fate.UPDATED)),
        unchanged=len(file.of(Fate.UNCHANGED, Fate.MOVED)),
        left=len(file.of(Fate.LEFT)),
        vanished=len(file.vanished),
    )
    if not file.changes:
        return
    before = _last_version()
    _add(file.of(Fate.NEW), imported, actor, at, zone)
    _update(file.of(Fate.UPDATED), imported, actor, at, zone)
    _write(_moved(file.of(Fate.MOVED), imported), _MOVES, actor, at)
    _write(_gone(file.vanished, at), ["gone_at"], actor, at)
    versions = list(Source.history.filter(history_id__gt=before, file=findings.file).order_by("history_id"))
    happening = Happening(stream=STREAM, kind=KIND, by=actor, at=at)
    recording.tell(happening, _told(imported), history=versions)


def _add(items: Sequence[Item], imported: ImportedFile, actor: User | None, at: datetime, zone: ZoneInfo) -> None:
    drafts = [_draft(item, zone) for item in items]
    cases = services.import_drafts(drafts=drafts, actor=actor, at=at) if drafts else []
    rows = []
    for item, case in zip(items, cases, strict=True):
        row = Source(case=case, file=imported.file, key=item.waiver.key, first_read=imported)
        rows.append(_said(row, item, imported))
    if rows:
        bulk_create_with_history(
            rows, Source, batch_size=BATCH, default_user=actor, default_change_reason=KIND, default_date=at
        )


def _update(items: Sequence[Item], imported: ImportedFile, actor: User | None, at: datetime, zone: ZoneInfo) -> None:
    by_case = {item.source.case_id: item for item in items if item.source}
    drafts: Mapping[int, DraftImport] = {key: _draft(item, zone) for key, item in by_case.items()}
    if not drafts:
        return
    services.reimport_drafts(drafts=drafts, actor=actor, at=at)
    taken = set(ExceptionCase.objects.unclaimed().filter(pk__in=by_case).values_list("pk", flat=True))
    rows = [_said(item.source, item, imported) for key, item in by_case.items() if item.source and key in taken]
    _write(rows, _TAKES, actor, at)


def _draft(item: Item, zone: ZoneInfo) -> DraftImport:
    return DraftImport(drafting.content(item.waiver, zone), drafting.source(item.waiver))


def _said(row: Source, item: Item, imported: ImportedFile) -> Source:
    waiver = item.waiver
    row.format, row.line, row.digest = waiver.format, waiver.line, drafting.digest(waiver)
    row.facts, row.gives_reason = drafting.facts(waiver), waiver.gives_reason
    row.gone_at, row.last_read = None, imported
    return row


def _moved(items: Sequence[Item], imported: ImportedFile) -> list[Source]:
    rows = []
    for item in items:
        if item.source:
            item.source.line, item.source.gone_at, item.source.last_read = item.waiver.line, None, imported
            rows.append(item.source)
    return rows


def _gone(rows: Sequence[Source], at: datetime) -> list[Source]:
    for row in rows:
        row.gone_at = at
    return list(rows)


def _write(rows: list[Source], fields: list[str], actor: User | None, at: datetime) -> None:
    if rows:
        bulk_update_with_history(
            rows, Source, fields, batch_size=BATCH, default_user=actor, default_change_reason=KIND, default_date=at
        )


def _last_version() -> int:
    latest = Source.history.aggregate(last=models.Max("history_id"))["last"]
    return int(latest or 0)


def _told(imported: ImportedFile) -> dict[str, object]:
    read_by = {"mapping": imported.mapping} if imported.mapping else {}
    return {
        **read_by,
        "run": imported.run_id,
        "file": imported.file,
        "format": imported.format,
        "sha256": imported.sha256,
        "added": imported.added,
        "changed": imported.updated,
        "left": imported.left,
        "vanished": imported.vanished,
        "problems": len(imported.problems),
    }
