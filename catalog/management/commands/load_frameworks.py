"""Loads the frameworks of the product; those that are there already stay as they stand."""

from typing import Any

from django.core.management.base import BaseCommand

from audit import clock
from catalog import services


class Command(BaseCommand):
    help = "Load the frameworks that come with the product: codes and titles; texts come with import_oscal_catalog."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = services.load_frameworks(actor=None, at=clock.now())
        for outcome in outcomes:
            added, changed = len(outcome.added), len(outcome.changed)
            self.stdout.write(f"{outcome.framework.name}: {added} items added, {changed} changed.")
        if not outcomes:
            self.stdout.write("Every framework is as it was.")
