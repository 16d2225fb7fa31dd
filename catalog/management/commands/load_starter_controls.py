"""Loads the starter controls; what is there already is left as it stands."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import services as accounts
from accounts.models import ApproverGroup
from audit import clock
from catalog import services


class Command(BaseCommand):
    help = "Load frameworks and 25 starter controls. Without --group the fallback group decides."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", help="the handle of the group that decides on exceptions to them")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        group = _named(options["group"]) if options["group"] else _fallback(at)
        services.load_frameworks(actor=None, at=at)
        created = services.load_starter(actor=None, at=at, group_for=lambda _starter: group)
        self.stdout.write(self.style.SUCCESS(f"{len(created)} controls created."))


def _named(slug: str) -> ApproverGroup:
    group = ApproverGroup.objects.filter(slug=slug).first()
    if group is None:
        raise CommandError(f"There is no approver group with the handle {slug}.")
    return group


def _fallback(at: datetime) -> ApproverGroup:
    group = ApproverGroup.objects.fallback()
    if group is not None:
        return group
    group = accounts.create_group(name="Control approvers", actor=None, at=at)
    return accounts.set_fallback(group=group, actor=None, at=at)
