"""Systems: create, change, retire."""

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from accounts import recording
from accounts.models import User
from catalog.models import System
from catalog.services import entries
from catalog.services.entries import Verb


class SystemDetails(TypedDict, total=False):
    name: str
    environment: str
    criticality: int
    owner: User | None
    tags: list[str]
    description: str


FACTS = ("slug", *SystemDetails.__annotations__)


@transaction.atomic
def create_system(*, actor: User | None, at: datetime, slug: str = "", **details: Unpack[SystemDetails]) -> System:
    """The handle comes from the name unless it is given."""
    details["name"] = details.get("name", "").strip()
    system = System(slug=slug.strip() or entries.handle(details["name"]), **recording.trimmed(details))
    return _tagged(entries.create(system, verb=Verb(kind="created", actor=actor, at=at), body=FACTS))


@transaction.atomic
def change_system(
    *, system: System, version: int, actor: User | None, at: datetime, **details: Unpack[SystemDetails]
) -> System:
    """The handle stays: addresses and events refer to it."""
    verb = Verb(kind="changed", actor=actor, at=at)
    return _tagged(entries.change(system, version=version, values=details, verb=verb))


@transaction.atomic
def retire_system(*, system: System, version: int, actor: User | None, at: datetime) -> System:
    """Take it out of use: it can no longer be chosen."""
    verb = Verb(kind="retired", actor=actor, at=at)
    return entries.change(system, version=version, values={"is_active": False}, verb=verb)


@transaction.atomic
def reinstate_system(*, system: System, version: int, actor: User | None, at: datetime) -> System:
    verb = Verb(kind="reinstated", actor=actor, at=at)
    return entries.change(system, version=version, values={"is_active": True}, verb=verb)


def _tagged(system: System) -> System:
    entries.follow(system.tagged.all(), "tag", system.tags, system=system)
    return system
