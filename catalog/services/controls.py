"""Controls: create, change, retire, and load the starter set."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ApproverGroup, User
from catalog.models import Control, ControlItem, FrameworkItem
from catalog.services import entries
from catalog.services.entries import Verb
from catalog.starter import CONTROLS, StarterControl


class ControlDetails(TypedDict, total=False):
    """Caps are days; `answers_to` are references of framework items."""

    title: str
    statement: str
    owner: User | None
    approver_group: ApproverGroup
    severity: int
    answers_to: list[str]
    exceptions_allowed: bool
    term_cap_low: int
    term_cap_moderate: int
    term_cap_high: int
    term_cap_critical: int
    lifetime_cap_low: int
    lifetime_cap_moderate: int
    lifetime_cap_high: int
    lifetime_cap_critical: int


FACTS = ("code", *ControlDetails.__annotations__)


@transaction.atomic
def create_control(*, code: str, actor: User | None, at: datetime, **details: Unpack[ControlDetails]) -> Control:
    entries.demand_programme_manager(actor)
    _demand_other_group(actor, None, details)
    items = _settle(details)
    control = Control(code=code.strip().upper(), **recording.trimmed(details))
    control = entries.create(control, verb=Verb(kind="created", actor=actor, at=at), body=FACTS)
    return _mapped(control, items)


@transaction.atomic
def change_control(
    *,
    control: Control,
    version: int,
    actor: User | None,
    at: datetime,
    **details: Unpack[ControlDetails],
) -> Control:
    """The code stays: cases and events refer to it."""
    entries.demand_programme_manager(actor)
    _demand_other_group(actor, control, details)
    items = _settle(details)
    verb = Verb(kind="changed", actor=actor, at=at)
    return _mapped(entries.change(control, version=version, values=details, verb=verb), items)


@transaction.atomic
def retire_control(*, control: Control, version: int, actor: User | None, at: datetime) -> Control:
    """Take the control out of use: no new exception can be asked for."""
    verb = Verb(kind="retired", actor=actor, at=at)
    return entries.change(control, version=version, values={"is_active": False}, verb=verb)


@transaction.atomic
def reinstate_control(*, control: Control, version: int, actor: User | None, at: datetime) -> Control:
    verb = Verb(kind="reinstated", actor=actor, at=at)
    return entries.change(control, version=version, values={"is_active": True}, verb=verb)


@transaction.atomic
def load_starter(
    *, actor: User | None, at: datetime, group_for: Callable[[StarterControl], ApproverGroup]
) -> list[Control]:
    """Create the starter controls that are not there yet; returns those. An existing code is left as it stands.

    They answer to the items of those frameworks that are loaded.
    """
    named = {reference for starter in CONTROLS for reference in starter.answers_to}
    there = {item.reference for item in FrameworkItem.objects.all().referred(named)}
    known = set(Control.objects.values_list("code", flat=True))
    return [
        create_control(
            code=starter.code,
            actor=actor,
            at=at,
            title=starter.title,
            statement=starter.statement,
            severity=starter.severity,
            answers_to=[reference for reference in starter.answers_to if reference in there],
            exceptions_allowed=starter.exceptions_allowed,
            approver_group=group_for(starter),
            **starter.caps,
        )
        for starter in CONTROLS
        if starter.code not in known
    ]


def _settle(details: ControlDetails) -> list[FrameworkItem] | None:
    """The items named, their references put in order; None where the details say nothing of them."""
    if "answers_to" not in details:
        return None
    references = details["answers_to"]
    items = FrameworkItem.objects.all().referred(references)
    if missing := sorted({*references} - {item.reference for item in items}):
        message = _("No framework has these items: %(missing)s.") % {"missing": ", ".join(missing)}
        raise NotPossible(message, fields={"answers_to": [message]})
    details["answers_to"] = [item.reference for item in items]
    return items


def _mapped(control: Control, items: list[FrameworkItem] | None) -> Control:
    """The rows that queries go by follow what the control says."""
    if items is not None:
        control.mappings.exclude(item__in=items).delete()
        ControlItem.objects.bulk_create(
            [ControlItem(control=control, item=item) for item in items], ignore_conflicts=True
        )
    return control


def _demand_other_group(actor: User | None, control: Control | None, details: ControlDetails) -> None:
    """Nobody gives a control to a group they decide in: it would make them its approver (promise 4)."""
    group = details.get("approver_group")
    if actor is None or group is None or (control is not None and control.approver_group_id == group.pk):
        return
    if group.memberships.filter(member=actor).exists():
        raise NotAllowed(_("You belong to this group, so somebody else gives it the control."))
