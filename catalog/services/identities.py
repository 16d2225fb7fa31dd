"""Identities: create, change, retire; who is named as owner accepts first."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import Team, User
from accounts.services.guards import demand_active
from catalog.models import ExternalId, Identity, Vendor
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
    external_ids: list[str]
    vendor: Vendor | None
    last_rotated_on: date | None
    description: str


FURTHEST_EAST = timedelta(hours=14)
"""So far ahead of UTC does a day begin."""
FACTS = ("slug", *IdentityDetails.__annotations__)


@transaction.atomic
def create_identity(
    *, actor: User | None, at: datetime, slug: str = "", **details: Unpack[IdentityDetails]
) -> Identity:
    """The handle comes from the name unless it is given. An owner somebody else names is asked first."""
    details["name"] = details.get("name", "").strip()
    identity = Identity(slug=slug.strip() or entries.handle(details["name"]))
    for name, value in recording.trimmed(settled(identity, details, actor)).items():
        setattr(identity, name, value)
    demand_active(identity.owner_asked, "owner")
    _demand_free(identity, identity.external_ids)
    demand_past(identity.last_rotated_on, at)
    verb = Verb(kind="created", actor=actor, at=at)
    return _called(entries.create(identity, verb=verb, body=(*FACTS, "owner_asked")))


@transaction.atomic
def change_identity(
    *, identity: Identity, version: int, actor: User | None, at: datetime, **details: Unpack[IdentityDetails]
) -> Identity:
    """The handle stays: addresses and events refer to it. An owner somebody else names is asked first."""
    entries.demand_programme_manager(actor)
    current = entries.locked(identity, version)
    if "owner" in details:
        entries.demand_other(actor, current, before=current.owner, after=details["owner"])
    values = settled(current, details, actor)
    demand_active(values.get("owner_asked"), "owner")
    _demand_free(current, values.get("external_ids", []))
    demand_past(values.get("last_rotated_on"), at)
    return _called(entries.amend(current, values=values, verb=Verb(kind="changed", actor=actor, at=at)))


@transaction.atomic
def accept_identity(*, identity: Identity, actor: User, at: datetime) -> Identity:
    """Who was asked becomes the owner. Raises NotAllowed for everybody else."""
    current = _asked(identity, actor)
    values = {"owner": actor, "owner_asked": None}
    return entries.amend(current, values=values, verb=Verb(kind="owner_accepted", actor=actor, at=at))


def accept_identities(*, actor: User, at: datetime) -> int:
    """Accept every identity in use this person is asked to own, each by itself; answers how many."""
    asked = list(Identity.objects.filter(owner_asked=actor, is_active=True))
    for identity in asked:
        accept_identity(identity=identity, actor=actor, at=at)
    return len(asked)


@transaction.atomic
def decline_identity(*, identity: Identity, actor: User, at: datetime) -> Identity:
    """Who was asked says no; the owner stays who it was."""
    verb = Verb(kind="owner_declined", actor=actor, at=at)
    return entries.amend(_asked(identity, actor), values={"owner_asked": None}, verb=verb)


@transaction.atomic
def retire_identity(*, identity: Identity, version: int, actor: User | None, at: datetime) -> Identity:
    """Take it out of use: it can no longer be chosen."""
    verb = Verb(kind="retired", actor=actor, at=at)
    return entries.change(identity, version=version, values={"is_active": False}, verb=verb)


@transaction.atomic
def reinstate_identity(*, identity: Identity, version: int, actor: User | None, at: datetime) -> Identity:
    verb = Verb(kind="reinstated", actor=actor, at=at)
    return entries.change(identity, version=version, values={"is_active": True}, verb=verb)


def settled(identity: Identity, details: Mapping[str, Any], actor: User | None) -> dict[str, Any]:
    """The details as columns: who is named as owner is only asked, unless they named themselves or the system did."""
    values: dict[str, Any] = dict(details)
    owner = details.get("owner")
    if "owner" in details:
        values["owner_asked"] = None
    if details.get("vendor") is not None:
        values["vendor_name"] = ""  # what was once written is a row now
    if owner is not None and actor is not None and owner != actor:
        values["owner"] = identity.owner
        values["owner_asked"] = None if owner == identity.owner else owner
    return values


def demand_past(rotated_on: date | None, at: datetime) -> None:
    """Raises NotPossible for a rotation on a day that has begun nowhere on earth."""
    if rotated_on is not None and rotated_on > (at + FURTHEST_EAST).date():
        message = _("A credential cannot have been rotated on a day to come.")
        raise NotPossible(message, fields={"last_rotated_on": [message]})


def _asked(identity: Identity, actor: User) -> Identity:
    current = recording.locked(identity)
    if current.owner_asked != actor or not actor.is_active:
        raise NotAllowed(_("Only the person asked to own this identity answers."))
    return current


def _demand_free(identity: Identity, external_ids: object) -> None:
    """Raises NotPossible for an id by which another identity goes."""
    given = external_ids if isinstance(external_ids, list) else []
    wanted = [one for one in given if isinstance(one, str) and one.isprintable()]
    others = ExternalId.objects.exclude(identity=identity.pk).select_related("identity")
    if taken := others.filter(value__in=wanted).first():
        message = _("%(other)s goes by %(id)s already.") % {"other": taken.identity, "id": taken.value}
        raise NotPossible(message, fields={"external_ids": [message]})


def _called(identity: Identity) -> Identity:
    entries.follow(identity.called.all(), "value", identity.external_ids, identity=identity)
    return identity
