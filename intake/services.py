"""The verbs of an import: upload a table, say what its columns mean, look at what it would do, let it be done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotPossible, Refusal, Stale
from accounts.models import User
from audit import services as ledger
from catalog.models import Control, FrameworkItem
from catalog.services import bulk, change_control, create_control, entries
from catalog.services.items import save_items
from intake import cells, tables
from intake.cells import Reader
from intake.kinds import KINDS, Kind
from intake.models import ImportRun, State
from intake.planners import planner_of
from intake.planning import Plan, guessed
from intake.tables import NotATable

LEASE = timedelta(minutes=3)
"""So long a worker may be silent before another takes its import over."""
SAMPLES = 3
ABANDONED = timedelta(days=30)
STREAM = "catalog/imports"
NOTHING_FOUND: dict[str, Any] = {
    "lease_until": None,
    "problems": [],
    "problem_count": 0,
    "preview": [],
    "counts": {},
    "plan": "",
    "asks_day_order": "",
}


def upload(*, kind: str, upload: UploadedFile[Any], actor: User, at: datetime) -> ImportRun:
    """Keep the file and read its header. Raises NotPossible for what is no table."""
    entries.demand_programme_manager(actor)
    if upload.file is None or kind not in KINDS:
        raise NotPossible(_("Choose what the file holds, and a file."))
    try:
        header, lines = tables.header_and_lines(upload.file)
        samples = [[_shown(cell) for cell in line.cells] for line in islice(lines, SAMPLES)]
    except NotATable as refusal:
        raise NotPossible(str(refusal), fields={"file": [str(refusal)]}) from refusal
    upload.seek(0)
    run = ImportRun(
        kind=kind,
        name=(upload.name or "")[:200],
        sha256=_digest(upload),
        size=upload.size or 0,
        header=list(header),
        samples=samples,
        started_by=actor,
        created_at=at,
    )
    run.mapping = _remembered(run) or guessed(KINDS[kind], header)
    upload.seek(0)
    run.file.save(f"{run.sha256[:16]}", upload, save=False)
    run.save()
    return run


@transaction.atomic
def check(
    *, run: ImportRun, mapping: Mapping[str, str], actor: User, at: datetime, day_order: str = "", why: str = ""
) -> ImportRun:
    """Say what the columns mean, and let a worker look what the file would do.

    Raises NotAllowed for anybody but who uploaded it: what the file does is recorded, and proposed, as theirs.
    """
    row = _locked(run, actor, State.ASKING, State.REFUSED, State.CHECKED)
    _demand_theirs(row, actor)
    row.mapping = _demand_mapping(KINDS[row.kind], row.header, mapping)
    row.day_order = day_order if day_order in {cells.DAY_FIRST, cells.MONTH_FIRST} else ""
    row.why = why.strip()
    return _hand_over(row, State.CHECKING, at)


@transaction.atomic
def confirm(*, run: ImportRun, actor: User, at: datetime) -> ImportRun:
    """Let a worker save what was shown. Raises NotAllowed for anybody but who uploaded it."""
    row = _locked(run, actor, State.CHECKED)
    _demand_theirs(row, actor)
    if row.count("proposed") and not row.why:
        raise NotPossible(_("Say why the limits of controls change: a second person decides on it."))
    return _hand_over(row, State.SAVING, at)


@transaction.atomic
def drop(*, run: ImportRun, actor: User, at: datetime) -> ImportRun:
    """Discard the import and its file. Nothing was changed by it."""
    row = _locked(run, actor, State.ASKING, State.REFUSED, State.CHECKED)
    _finish(row, State.DROPPED, at)
    return row


def work(*, run: ImportRun, at: datetime) -> ImportRun:
    """Check or save, whichever is due; the caller claimed the run (`claim`). May be done again at any time."""
    plan = _planned(run, at)
    if isinstance(plan, NotATable):
        return _settle(run, State.REFUSED, problems=[_problem(plan)], problem_count=1)
    if plan.problem_count:
        return _refuse(run, plan)
    if run.state == State.SAVING and plan.digest == run.plan:
        try:
            return _save(run, plan, at)
        except (Stale, IntegrityError):  # somebody was faster: look again, and ask again
            return _settle(run, State.CHECKING, lease_until=at)
        except OperationalError:  # the database is away or busy: whoever claims the run next tries again
            raise
        except (Refusal, DatabaseError) as refusal:
            return _settle(run, State.REFUSED, problems=[_problem(refusal)], problem_count=1)
    return _settle(run, State.CHECKED, **_found(plan))


def claim(at: datetime) -> ImportRun | None:
    """An import nobody works on, or whose worker fell silent; it is the caller's for LEASE."""
    with transaction.atomic():
        due = ImportRun.objects.filter(state__in=[State.CHECKING, State.SAVING], lease_until__lte=at)
        run = due.select_for_update(skip_locked=True).order_by("lease_until", "pk").first()
        if run is not None:
            run.lease_until = at + LEASE
            run.save(update_fields=["lease_until"])
        return run


def drop_abandoned(at: datetime) -> None:
    """Discard what nobody went on with for ABANDONED: files of strangers are not kept."""
    waiting = [State.ASKING, State.REFUSED, State.CHECKED]
    for run in ImportRun.objects.filter(state__in=waiting, created_at__lt=at - ABANDONED):
        with transaction.atomic():
            row = ImportRun.objects.select_for_update().get(pk=run.pk)
            if row.state in waiting:
                _finish(row, State.DROPPED, at)


def _planned(run: ImportRun, at: datetime) -> Plan | NotATable:
    kind = KINDS[run.kind]

    def progress(done: int) -> None:
        ImportRun.objects.filter(pk=run.pk).update(lines_done=done, lease_until=Now() + LEASE)

    try:
        with run.file.open("rb") as file:
            run.lines = sum(1 for _line in tables.header_and_lines(file.file)[1])
            ImportRun.objects.filter(pk=run.pk).update(lines=run.lines, lines_done=0)
            header, lines = tables.header_and_lines(file.file)
            reader, planner = Reader(run.day_order), planner_of(kind)
            return planner(kind, header, run.mapping, reader, run.started_by, at, progress).plan(lines)
    except NotATable as refusal:
        return refusal


def _refuse(run: ImportRun, plan: Plan) -> ImportRun:
    if plan.ambiguous and not run.day_order:
        return _settle(run, State.ASKING, asks_day_order=plan.ambiguous[:200], **_wrong(plan))
    return _settle(run, State.REFUSED, **_wrong(plan))


@transaction.atomic
def _save(run: ImportRun, plan: Plan, at: datetime) -> ImportRun:
    """Everything, with the run's own end, in one transaction: a worker killed meanwhile leaves nothing."""
    row = ImportRun.objects.select_for_update().get(pk=run.pk)
    if row.state != State.SAVING:
        return row
    also, model = {"import": row.pk, "file": row.sha256}, KINDS[row.kind].model
    if model is Control:
        _save_controls(plan, row, at, also)
    elif model is FrameworkItem:
        save_items(plan.items, actor=row.started_by, at=at, file=row.sha256)
    else:
        bulk.save_all(plan.items, actor=row.started_by, at=at, also=also)
    body = {"file": row.sha256, "name": row.name, "kind": row.kind, **plan.counts}
    ledger.record(stream=STREAM, kind="import.saved", actor=row.started_by.actor, at=at, body=body)
    row.counts, row.lines, row.lines_done = plan.counts, run.lines, run.lines
    _finish(row, State.SAVED, at)
    return row


def _save_controls(plan: Plan, run: ImportRun, at: datetime, also: Mapping[str, Any]) -> None:
    """One by one, as a person would: what limits exceptions waits for a second one."""
    names = [name for name in run.mapping if name != "code"]
    for item in plan.items:
        wanted: Any = item.row
        values = {name: getattr(wanted, name) for name in names}
        if item.upon:
            current = Control.objects.get(pk=wanted.pk)
            actor, why = run.started_by, run.why
            change_control(control=current, version=item.upon, actor=actor, at=at, why=why, also=also, **values)
        else:
            create_control(code=wanted.code, actor=run.started_by, at=at, also=also, **values)


def _settle(run: ImportRun, state: State, **found: Any) -> ImportRun:
    """What a check found; nothing where the run was taken over and settled meanwhile."""
    mine = ImportRun.objects.filter(pk=run.pk, state=run.state)
    mine.update(state=state, lines=run.lines, lines_done=run.lines, **(NOTHING_FOUND | found))
    return ImportRun.objects.get(pk=run.pk)


def _found(plan: Plan) -> dict[str, Any]:
    return {"counts": plan.counts, "preview": plan.preview, "plan": plan.digest}


def _wrong(plan: Plan) -> dict[str, Any]:
    return {"problems": [asdict(one) for one in plan.problems], "problem_count": plan.problem_count}


def _problem(refusal: NotATable | Refusal | DatabaseError) -> dict[str, Any]:
    """What is wrong with the whole, or with a line that cannot be read."""
    match refusal:
        case NotATable():
            line, sentence = refusal.line or 0, refusal.sentence
        case Refusal():
            line, sentence = 0, str(refusal)
        case _:
            line, sentence = 0, _("The database refused a value of this file. Nothing was saved.")
    return {"line": line, "column": "", "sentence": sentence}


def _locked(run: ImportRun, actor: User, *states: State) -> ImportRun:
    entries.demand_programme_manager(actor)
    row = ImportRun.objects.select_for_update().get(pk=run.pk)
    if row.state not in states:
        raise NotPossible(_("This import has moved on meanwhile. Look at it again."))
    return row


def _demand_theirs(row: ImportRun, actor: User) -> None:
    """One person says what a file means and lets it be saved; the second decides on what they proposed."""
    if row.started_by_id != actor.pk:
        words = {"person": row.started_by}
        raise NotAllowed(_("%(person)s uploaded this file, so they go on with it. You may discard it.") % words)


def _hand_over(row: ImportRun, state: State, at: datetime) -> ImportRun:
    """To a worker: whoever claims it first."""
    row.state, row.lease_until, row.lines_done = state, at, 0
    row.save()
    return row


def _finish(row: ImportRun, state: State, at: datetime) -> None:
    """The file is of no more use: what it did is recorded row by row, with its digest."""
    row.state, row.finished_at, row.lease_until = state, at, None
    name, storage = row.file.name, row.file.storage
    row.file = ""
    row.samples = []
    row.save()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _remembered(run: ImportRun) -> dict[str, str]:
    """What the same columns meant the last time such a file came, whatever became of it."""
    before = ImportRun.objects.filter(kind=run.kind, header=run.header).order_by("-pk").first()
    return dict(before.mapping) if before else {}


def _demand_mapping(kind: Kind, header: list[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Raises NotPossible for a column of the file that means two things, and for a table without what names a row."""
    chosen = {column.name: mapping[column.name] for column in kind.columns if mapping.get(column.name) in header}
    twice = next((name for name in chosen.values() if list(chosen.values()).count(name) > 1), None)
    if twice is not None:
        raise NotPossible(_("The column “%(name)s” means one thing only.") % {"name": twice})
    if not {kind.key, "name"} & chosen.keys():
        raise NotPossible(_("Say which column names each row."))
    return chosen


def _digest(upload: UploadedFile[Any]) -> str:
    found = hashlib.sha256()
    for chunk in upload.chunks():
        found.update(chunk)
    return found.hexdigest()


def _shown(cell: tables.Cell) -> str:
    return str(cell)[:60]
