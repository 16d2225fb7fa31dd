"""Brings waivers that lie about in files in as drafts that nobody has claimed."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refusal
from accounts.models import User
from accounts.zones import is_zone
from audit import clock
from waivers import folders, services, tables
from waivers.formats import FORMATS, Findings
from waivers.planning import Fate, FilePlan, Plan, plan
from waivers.tables import TableMapping


class Command(BaseCommand):
    help = (
        "Read waivers (.snyk, osv-scanner, Trivy, nsprc, audit-ci, cargo, Grype, Kyverno, UDS, Azure) as unclaimed "
        "drafts. The same file twice changes nothing. Ends with 1 if a file or an entry could not be read."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder to walk")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="who imports; else the system does")
        parser.add_argument("--from", dest="place", default="", metavar="NAME", help="the repository they come from")
        parser.add_argument("--zone", default=settings.TIME_ZONE, help="time zone of the dates (default: %(default)s)")
        parser.add_argument("--format", default="", choices=sorted(FORMATS), help="read every file as this")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="columns of CSV and XLSX files, JSON or TOML")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        zone, actor, at = _zone(options["zone"]), _person(options["email"]), clock.now()
        try:
            mapping = _mapping(options["mapping"])
            place, format_name = options["place"], options["format"]
            found = list(folders.read(options["paths"], place=place, format_name=format_name, mapping=mapping))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        made = self._carry_out(found, actor, zone, at, dry=options["dry_run"])
        self._tell(made, dry=options["dry_run"])
        if made.problems:
            raise CommandError(f"{made.problems} problems: what they name was not imported.", returncode=1)

    def _carry_out(self, found: list[Findings], actor: User | None, zone: ZoneInfo, at: Any, *, dry: bool) -> Plan:
        if dry:
            return plan(found, actor=actor, zone=zone, at=at)
        try:
            made, _run = services.import_files(files=found, actor=actor, at=at, zone=zone)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        return made

    def _tell(self, made: Plan, *, dry: bool) -> None:
        for file in made.files:
            self._tell_file(file)
        if made.skipped:
            self.stdout.write(f"{len(made.skipped)} files are of no format that is known here.")
        counts = (
            f"{made.count(Fate.NEW)} new drafts, {made.count(Fate.UPDATED)} updated, "
            f"{made.count(Fate.UNCHANGED, Fate.MOVED)} unchanged, {made.count(Fate.LEFT)} claimed and left, "
            f"{made.vanished} gone from their file"
        )
        self.stdout.write(f"{len(made.files)} files: {counts}." + (" Nothing was written." if dry else ""))
        self.stdout.write(made.missing.sentence)

    def _tell_file(self, file: FilePlan) -> None:
        name = file.findings.file
        for problem in file.findings.problems:
            self.stderr.write(f"{name}:{problem.line}: {problem.sentence}".replace(":0:", ":"))
        for note in file.notes:
            self.stdout.write(f"{name}:{note.line}: {note.sentence}".replace(":0:", ":"))
        for item in file.of(Fate.LEFT):
            known = (
                f"{item.source.case} is claimed; {'; '.join(item.differs)}" if item.source else "Somebody claimed it"
            )
            self.stdout.write(f"{name}:{item.waiver.line}: {known}.")
        for source in file.vanished:
            self.stdout.write(f"{name}: {source.case} stood on line {source.line} and is gone.")
        for source in file.unread:
            self.stdout.write(f"{name}: {source.case} was not found among the entries that could be read.")


def _zone(name: str) -> ZoneInfo:
    if not is_zone(name):
        raise CommandError(f"{name} is not a time zone. Write one such as Europe/Stockholm or UTC.")
    return ZoneInfo(name)


def _mapping(file: Path | None) -> TableMapping | None:
    try:
        return tables.mapping(file.name, file.read_bytes()) if file else None
    except tables.BadMapping as error:
        raise CommandError(f"{file}: {error}") from error


def _person(email: str | None) -> User | None:
    if not email:
        return None
    person = User.objects.active().filter(email=email.strip().lower()).first()
    if person is None:
        raise CommandError(f"Nobody who is here signs in as {email}.")
    return person
