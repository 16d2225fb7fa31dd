"""Reads an OSCAL catalog, JSON or XML, into a framework: codes, titles and texts."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import clock
from catalog import oscal, services
from catalog.models import Framework

LARGEST = 64 * 1024 * 1024


class Command(BaseCommand):
    help = "Read an OSCAL catalog (JSON or XML). Nothing is removed; reading the same file twice changes nothing."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--framework", help="the handle of its framework, where its title does not say")

    def handle(self, *args: Any, **options: Any) -> None:
        content = _content(options["file"])
        try:
            catalog = oscal.read(content)
        except oscal.Unreadable as error:
            raise CommandError(f"{options['file']}: {error}") from error
        framework = _framework(options["framework"]) if options["framework"] else None
        digest = hashlib.sha256(content).hexdigest()
        at = clock.now()
        outcome = services.import_catalog(catalog=catalog, file_digest=digest, framework=framework, actor=None, at=at)
        self.stdout.write(self.style.SUCCESS(_told(outcome)))


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise CommandError(f"{file} is larger than {LARGEST // 1024**2} MB.")
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error


def _framework(slug: str) -> Framework:
    framework = Framework.objects.filter(slug=slug).first()
    if framework is None:
        known = ", ".join(Framework.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no framework with the handle {slug}. There are: {known}.")
    return framework


def _told(outcome: services.Outcome) -> str:
    words = [f"{outcome.framework.name}: {len(outcome.added)} items added, {len(outcome.changed)} changed"]
    if outcome.withdrawn:
        words.append(f"{len(outcome.withdrawn)} of the new ones are withdrawn or not of this edition")
    return "; ".join(words) + "."
