"""Puts the starter approval rules into force; what is there already is left as it stands."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import NotPossible
from audit import clock
from workflows import rulebook


class Command(BaseCommand):
    help = "Put seven approval rules into force: by risk, credential, AI agents, vendors and renewals."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ciso", required=True, help="the handle of the group with the last word")
        parser.add_argument("--vendors", required=True, help="the handle of the group for third-party risk")

    def handle(self, *args: Any, **options: Any) -> None:
        rules = rulebook.starter_rules(security=options["ciso"], vendors=options["vendors"])
        try:
            loaded = rulebook.load(rules, at=clock.now())
        except NotPossible as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{len(loaded)} rules are in force now."))
