"""`manage.py rebuild_register`: make anew what cases are found by, after rows were restored past the services."""

from typing import Any

from django.core.management.base import BaseCommand

from exceptions_app import services


class Command(BaseCommand):
    help = "Makes anew what the register finds cases by: their words, and the groups asked about them."

    def handle(self, **options: Any) -> None:
        count = services.rebuild_finding()
        self.stdout.write(f"{count:,} cases are found by what they say today.")
