"""Erases what the ledger's events say by or about a person who has left; the chains stay valid."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from audit import clock
from audit import services as ledger
from audit.actors import SYSTEM


class Command(BaseCommand):
    help = (
        "Erase the payloads of all events that a person caused or that name them, and record it. There is no way back: "
        "their reasons and statements go. The account must be closed, and its row and the history of cases stay."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address of the closed account")
        parser.add_argument(
            "--reason", required=True, help="why, such as the number of the request; kept in the ledger"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"There is no account with the address {options['email']}.")
        if person.is_active:
            raise CommandError(
                f"{person} still has an account. Close it first: whoever works here is still accountable."
            )
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Give a reason: an erasure that nobody can explain looks like tampering.")
        erased = ledger.erase(person=person.pseudonym, actor=SYSTEM, at=clock.now(), reason=reason)
        self.stdout.write(self.style.SUCCESS(f"{erased} payloads erased."))
