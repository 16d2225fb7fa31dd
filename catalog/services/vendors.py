"""Vendors: create, change, retire."""

from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction

from accounts import recording
from accounts.models import User
from catalog.models import Vendor
from catalog.services import entries
from catalog.services.entries import Verb


class VendorDetails(TypedDict, total=False):
    name: str
    onboarding_ref: str
    onboarding_url: str
    review_on: date | None
    contact_name: str
    contact_email: str
    description: str


FACTS = ("slug", *VendorDetails.__annotations__)


@transaction.atomic
def create_vendor(*, actor: User | None, at: datetime, slug: str = "", **details: Unpack[VendorDetails]) -> Vendor:
    """The handle comes from the name unless it is given."""
    details["name"] = details.get("name", "").strip()
    vendor = Vendor(slug=slug.strip() or entries.handle(details["name"]), **recording.trimmed(details))
    return entries.create(vendor, verb=Verb(kind="created", actor=actor, at=at), body=FACTS)


@transaction.atomic
def change_vendor(
    *, vendor: Vendor, version: int, actor: User | None, at: datetime, **details: Unpack[VendorDetails]
) -> Vendor:
    """The handle stays: addresses and events refer to it."""
    verb = Verb(kind="changed", actor=actor, at=at)
    return entries.change(vendor, version=version, values=details, verb=verb)


@transaction.atomic
def retire_vendor(*, vendor: Vendor, version: int, actor: User | None, at: datetime) -> Vendor:
    """Take it out of use: it can no longer be chosen."""
    verb = Verb(kind="retired", actor=actor, at=at)
    return entries.change(vendor, version=version, values={"is_active": False}, verb=verb)


@transaction.atomic
def reinstate_vendor(*, vendor: Vendor, version: int, actor: User | None, at: datetime) -> Vendor:
    verb = Verb(kind="reinstated", actor=actor, at=at)
    return entries.change(vendor, version=version, values={"is_active": True}, verb=verb)
