"""Identities: create, change, retire."""

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from accounts import recording
from accounts.models import Team, User
from catalog.models import Identity
from catalog.services import entries
from catalog.services.entries import Verb


class IdentityDetails(TypedDict, total=False):
    name: str
    kind: str
    owner: User | None
    backup_owner: User | None
    team: Team | None
    environment: str
    credential_form: str
    vendor_name: str
    description: str


FACTS = ("slug", *IdentityDetails.__annotations__)


@transaction.atomic
def create_identity(
    *, actor: User | None, at: datetime, slug: str = "", **details: Unpack[IdentityDetails]
) -> Identity:
    """The handle comes from the name unless it is given."""
    details["name"] = details.get("name", "").strip()
    identity = Identity(slug=slug.strip() or entries.handle(details["name"]), **recording.trimmed(details))
    return entries.create(identity, verb=Verb(kind="created", actor=actor, at=at), body=FACTS)


@transaction.atomic
def change_identity(
    *, identity: Identity, version: int, actor: User | None, at: datetime, **details: Unpack[IdentityDetails]
) -> Identity:
    """The handle stays: addresses and events refer to it."""
    verb = Verb(kind="changed", actor=actor, at=at)
    return entries.change(identity, version=version, values=details, verb=verb)


@transaction.atomic
def retire_identity(*, identity: Identity, version: int, actor: User | None, at: datetime) -> Identity:
    """Take it out of use: it can no longer be chosen."""
    verb = Verb(kind="retired", actor=actor, at=at)
    return entries.change(identity, version=version, values={"is_active": False}, verb=verb)


@transaction.atomic
def reinstate_identity(*, identity: Identity, version: int, actor: User | None, at: datetime) -> Identity:
    verb = Verb(kind="reinstated", actor=actor, at=at)
    return entries.change(identity, version=version, values={"is_active": True}, verb=verb)
