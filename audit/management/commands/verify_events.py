"""Verifies the event ledger from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from audit.verify import verify


class Command(BaseCommand):
    help = str(_("Verify the event ledger; exit 1 and name the first difference if it is not what was recorded."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stream", action="append", metavar="NAME", help="verify this stream only; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify(options["stream"])
        if report.first is not None:
            raise CommandError(f"{report.first}\nDifferences: {len(report.differences)}. Events read: {report.events}.")
        self.stdout.write(f"{report.events} events in {report.streams} streams are what was recorded.")
