"""Opens an account from the command line: the way to the first programme manager."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.errors import NotPossible
from accounts.services.people import Details
from audit import clock


class Command(BaseCommand):
    help = (
        "Open an account. The password is asked for, or taken from DJANGO_SUPERUSER_PASSWORD with --noinput; "
        "without one the person sets it by the reset mail."
    )
    requires_migrations_checks = True
    roles: Details = {}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default=os.environ.get("DJANGO_SUPERUSER_EMAIL"))
        parser.add_argument("--name", default=os.environ.get("DJANGO_SUPERUSER_NAME"))
        parser.add_argument("--programme-manager", action="store_true")
        parser.add_argument("--auditor", action="store_true")
        parser.add_argument("--noinput", "--no-input", action="store_false", dest="interactive")

    def handle(self, *args: Any, **options: Any) -> None:
        interactive = options["interactive"] and sys.stdin.isatty()
        details: Details = {
            "email": options["email"] or _asked(interactive, "E-mail: ", "--email"),
            "name": options["name"] or _asked(interactive, "Name: ", "--name"),
            "is_programme_manager": options["programme_manager"],
            "is_auditor": options["auditor"],
            **self.roles,
        }
        try:
            user = services.create_user(actor=None, at=clock.now(), password=_password(interactive), **details)
        except NotPossible as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{user.email} can sign in."))


def _asked(interactive: bool, question: str, option: str) -> str:
    if not interactive:
        raise CommandError(f"Give {option}.")
    return input(question)


def _password(interactive: bool) -> str | None:
    password = getpass.getpass("Password: ") if interactive else os.environ.get("DJANGO_SUPERUSER_PASSWORD")
    if interactive and password != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ.")
    try:
        if password:
            validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password or None
