"""First-run data: an invented company and three years of its exceptions, for the local run and nowhere else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.errors import NotPossible
from audit import clock
from workflows.demo import play
from workflows.demo.cast import DOMAIN, NAME, PEOPLE, SIGN_IN


class Command(BaseCommand):
    help = "Fill an empty database with a small invented company. Does nothing where it already is."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL_RUN:
            raise CommandError("The demo is for the local run only (LOCAL_RUN=1); real cases never stand beside it.")
        migrations = MigrationExecutor(connection)
        if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
            raise CommandError("The database has no tables yet, or older ones: run “migrate” first.")
        if play.stands():
            self.stdout.write(f"{NAME} is here already; nothing was changed. Sign in as:")
        else:
            self._build()
        self._write_sign_ins()

    def _build(self) -> None:
        try:
            play.build(clock.now())
        except NotPossible as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{NAME} and its exceptions are here. No mail was sent. Sign in as:")

    def _write_sign_ins(self) -> None:
        for person in PEOPLE:
            address = f"{person.handle}@{DOMAIN}"
            self.stdout.write(f"  {address:<26} {person.name:<15} {person.does}")
        self.stdout.write(f"Everyone's password: {SIGN_IN}")
