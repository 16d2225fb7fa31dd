"""What an import would do, before anything is written: each entry held against the draft that came of it before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from exceptions_app.models import ExceptionCase, State
from waivers import drafting
from waivers.formats import Findings, Problem, Waiver
from waivers.models import LONGEST_FILE_NAME, Source

SOURCES_AT_ONCE = 200


class Fate(Enum):
    """What becomes of an entry."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    MOVED = "moved"  # only its line differs, or it is back after it was gone
    LEFT = "left"  # somebody has claimed the draft: it stays, and what differs is told to who may see it


@dataclass(frozen=True)
class Item:
    """One entry, the source it is known by, and what differs from the draft somebody has claimed.

    An entry that is LEFT has no source where the draft does not exist for who imports.
    """

    waiver: Waiver
    fate: Fate
    source: Source | None = None
    differs: tuple[str, ...] = ()


@dataclass
class FilePlan:
    """What would come of one file. `vanished` are the entries it no longer holds.

    `unmarked` counts those of them whose drafts were claimed and do not exist for who imports: they stay as they are.
    """

    findings: Findings
    items: list[Item] = field(default_factory=list)
    vanished: list[Source] = field(default_factory=list)
    unread: list[Source] = field(default_factory=list)
    unmarked: int = 0

    def of(self, *fates: Fate) -> list[Item]:
        """The items of these fates."""
        return [item for item in self.items if item.fate in fates]

    @property
    def changes(self) -> bool:
        """Whether anything would be written."""
        return bool(self.vanished or self.of(Fate.NEW, Fate.UPDATED, Fate.MOVED))

    @property
    def notes(self) -> list[Problem]:
        """What is worth knowing of the file though nothing is wrong with it."""
        return [*self.findings.notes, *([Problem(0, _unmarked(self.unmarked))] if self.unmarked else [])]


@dataclass
class Missing:
    """What the exceptions of an import lack, counted."""

    all: int = 0
    no_end: int = 0
    past: int = 0
    no_reason: int = 0
    in_comment: int = 0

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        if not self.all:
            return _("No exceptions.")
        words = ngettext("%(n)d exception", "%(n)d exceptions", self.all) % {"n": self.all}
        silent = ngettext("%(n)d gives no reason", "%(n)d give no reason", self.no_reason) % {"n": self.no_reason}
        if self.in_comment:
            silent = _("%(silent)s (%(n)d of them in a comment)") % {"silent": silent, "n": self.in_comment}
        parts = [
            ngettext("%(n)d has no end", "%(n)d have no end", self.no_end) % {"n": self.no_end},
            ngettext("%(n)d is past it", "%(n)d are past it", self.past) % {"n": self.past},
            silent,
        ]
        return _("%(exceptions)s: %(parts)s, all need an owner, a control and an identity.") % {
            "exceptions": words,
            "parts": ", ".join(parts),
        }


@dataclass
class Plan:
    """What would come of all files."""

    files: list[FilePlan]
    skipped: list[str]
    missing: Missing

    @property
    def changes(self) -> bool:
        return any(plan.changes for plan in self.files)

    def rewrites(self, actor: User) -> Counter[User | None]:
        """How many unclaimed drafts would change that others than the actor brought in; None is the command line."""
        changed = (item.source for plan in self.files for item in plan.of(Fate.UPDATED) if item.source)
        importers = (source.first_read.run.by for source in changed)
        return Counter(person for person in importers if person != actor)

    @property
    def refused(self) -> list[FilePlan]:
        return [plan for plan in self.files if plan.findings.refused]

    def count(self, *fates: Fate) -> int:
        """How many entries have one of these fates."""
        return sum(len(plan.of(*fates)) for plan in self.files)

    @property
    def vanished(self) -> int:
        return sum(len(plan.vanished) for plan in self.files)

    @property
    def problems(self) -> int:
        return sum(len(plan.findings.problems) for plan in self.files)


def plan(findings: Sequence[Findings], *, actor: User | None, zone: ZoneInfo, at: datetime) -> Plan:
    """What importing these files at `at` would do. A constant number of queries for every 200 files.

    Of a claimed draft that does not exist for `actor` nothing is told and nothing changes; None is the command line.
    """
    first = {one.file: one for one in reversed(findings)}
    read = [_bounded(one, first[one.file]) for one in findings if one.format]
    known, seen = _sources([one.file for one in read], actor)
    files = [_plan_file(one, known[one.file], seen) for one in read]
    waivers = [waiver for one in read for waiver in one.waivers]
    return Plan(files, [one.file for one in findings if not one.format], count_missing(waivers, at, zone))


def count_missing(waivers: Sequence[Waiver], at: datetime, zone: ZoneInfo) -> Missing:
    """What these exceptions lack at `at`. A reason that stands in a comment alone counts as none, and is told apart."""
    silent = [waiver for waiver in waivers if not waiver.gives_reason]
    return Missing(
        all=len(waivers),
        no_end=sum(waiver.ends is None for waiver in waivers),
        past=sum(waiver.is_past(at, zone) for waiver in waivers),
        no_reason=len(silent),
        in_comment=sum(bool(waiver.reason) for waiver in silent),
    )


def _bounded(one: Findings, first: Findings) -> Findings:
    """The same findings, refused where their file's name cannot tell it from another."""
    if len(one.file) > LONGEST_FILE_NAME:
        return _refused(one, _("Its name is longer than %(n)d characters.") % {"n": LONGEST_FILE_NAME})
    return one if first is one else _refused(one, _("Another file of this import has the same name."))


def _refused(one: Findings, sentence: str) -> Findings:
    return Findings(one.file, one.format, problems=[Problem(0, sentence)], refused=True, sha256=one.sha256)


def _sources(files: Sequence[str], actor: User | None) -> tuple[dict[str, list[Source]], set[int]]:
    """What each file is known to hold, and the keys of those sources whose cases exist for the actor."""
    found: dict[str, list[Source]] = defaultdict(list)
    seen: set[int] = set()
    for start in range(0, len(files), SOURCES_AT_ONCE):
        rows = Source.objects.filter(file__in=files[start : start + SOURCES_AT_ONCE])
        for row in rows.select_related("case", "first_read__run__by").order_by("pk"):
            found[row.file].append(row)
        visible = rows if actor is None else rows.filter(case__in=ExceptionCase.objects.visible_to(actor))
        seen.update(visible.values_list("pk", flat=True))
    return found, seen


def _plan_file(findings: Findings, sources: Sequence[Source], seen: Container[int]) -> FilePlan:
    """What comes of a file. A refused one changes nothing; where entries could not be read, none counts as vanished."""
    made = FilePlan(findings)
    if findings.refused:
        return made
    by_key = {source.key: source for source in sources}
    for waiver in findings.waivers:
        made.items.append(_item(waiver, by_key.pop(waiver.key, None), seen))
    gone = [source for source in by_key.values() if source.gone_at is None]
    told = [source for source in gone if source.pk in seen]
    if findings.problems:
        made.unread = told
    else:
        made.vanished, made.unmarked = told, len(gone) - len(told)
    return made


def _item(waiver: Waiver, source: Source | None, seen: Container[int]) -> Item:
    if source is None:
        return Item(waiver, Fate.NEW)
    if source.pk not in seen:  # whether it differs would tell what it says to who guesses
        return Item(waiver, Fate.LEFT)
    if source.digest != drafting.digest(waiver):
        case = source.case
        if case.requester_id is None and case.state == State.DRAFT:
            return Item(waiver, Fate.UPDATED, source)
        return Item(waiver, Fate.LEFT, source, tuple(_differing(waiver, source)))
    if source.line != waiver.line or source.gone_at is not None:
        return Item(waiver, Fate.MOVED, source)
    return Item(waiver, Fate.UNCHANGED, source)


def _unmarked(count: int) -> str:
    return ngettext(
        "%(n)d entry that somebody else has claimed is no longer in the file. Its draft stays and is not marked.",
        "%(n)d entries that others have claimed are no longer in the file. Their drafts stay and are not marked.",
        count,
    ) % {"n": count}


def _differing(waiver: Waiver, source: Source) -> list[str]:
    """What the entry says now and said when it was taken over, one sentence for each fact."""
    before, now = source.facts, drafting.facts(waiver)
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return [
        _("%(name)s was “%(before)s”, is “%(now)s”")
        % {"name": name, "before": _told(before.get(name)), "now": _told(now.get(name))}
        for name in names
    ]


def _told(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text if len(text) <= 120 else text[:119] + "…"
