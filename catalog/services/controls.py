"""Controls: create, change, retire, and load the starter set; what limits exceptions changes by two people."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotPossible
from accounts.models import ApproverGroup, User
from accounts.services.guards import demand_active
from catalog import teaching
from catalog.models import Control, ControlItem, FrameworkItem
from catalog.services import entries, proposals
from catalog.services.bulk import Planned
from catalog.services.entries import Verb
from catalog.starter import CONTROLS, StarterControl


class ControlDetails(TypedDict, total=False):
    """Caps and times between reviews are days; `answers_to` are references of framework items.

    `required_safeguards` maps kinds of safeguard to the tier from which on they are required.
    """

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
    review_days_low: int
    review_days_moderate: int
    review_days_high: int
    review_days_critical: int
    required_safeguards: dict[str, int]
    end_conditions: list[str]
    guidance: dict[str, str]
    prefills: dict[str, str]


NOTHING_MORE: Mapping[str, Any] = {}
FACTS = ("code", *ControlDetails.__annotations__)


@transaction.atomic
def create_control(
    *,
    code: str,
    actor: User | None,
    at: datetime,
    also: Mapping[str, Any] = NOTHING_MORE,
    **details: Unpack[ControlDetails],
) -> Control:
    """`also` goes into the event: the file a control comes from."""
    entries.demand_programme_manager(actor)
    _demand_other_group(actor, None, details)
    items = _settle(details)
    control = Control(code=code.strip().upper(), **recording.trimmed(details))
    control = entries.create(control, verb=Verb(kind="created", actor=actor, at=at, also=also), body=FACTS)
    return _mapped(control, items)


@transaction.atomic
def change_control(
    *,
    control: Control,
    version: int,
    actor: User | None,
    at: datetime,
    why: str = "",
    also: Mapping[str, Any] = NOTHING_MORE,
    **details: Unpack[ControlDetails],
) -> Control:
    """The code stays: cases and events refer to it.

    What limits exceptions (`proposals.GUARDED`) is proposed, for the reason in `why`, and changes when a second person
    accepts it; the rest changes at once, and its event holds `also`.
    """
    entries.demand_programme_manager(actor)
    _demand_other_group(actor, control, details)
    items = _settle(details)
    current = entries.locked(control, version)
    values = recording.trimmed(details)
    if actor is not None:
        proposals.propose(current, values, actor=actor, at=at, reason=why)
        values = {name: value for name, value in values.items() if name not in proposals.GUARDED}
    verb = Verb(kind="changed", actor=actor, at=at, also=also)
    return _mapped(entries.amend(current, values=values, verb=verb), items)


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
            **teaching.of(starter.code),
        )
        for starter in CONTROLS
        if starter.code not in known
    ]


def planned_control(
    control: Control, values: Mapping[str, Any], actor: User
) -> tuple[Planned[Control], dict[str, Any]]:
    """The control with these values, unsaved; and which of its changes would wait for a second person.

    Raises NotPossible and NotAllowed as creating and changing it would.
    """
    wanted, is_new, values = copy(control), control.pk is None, {**values}
    if "answers_to" in values:
        values["answers_to"] = [item.reference for item in _referred(values["answers_to"])]
    _demand_other_group(actor, None if is_new else control, values)
    if "owner" in values:
        before = None if is_new else control.owner
        entries.demand_other(actor, control, before=before, after=values["owner"])
        demand_active(values["owner"], "owner")
    changes = _named(wanted, values) if is_new else recording.amend(wanted, recording.trimmed(values))
    if changes:
        recording.validate(wanted)
    guarded = {} if is_new else {name: told for name, told in changes.items() if name in proposals.GUARDED}
    if guarded:
        proposals.waits(control, {name: told["after"] for name, told in guarded.items()})
    free = {name: told for name, told in changes.items() if name not in guarded}
    return Planned(wanted, 0 if is_new else control.version, free), guarded


def _named(control: Control, values: Mapping[str, Any]) -> recording.Changes:
    """Set the values on a control that has none yet."""
    values = recording.trimmed(values)
    for name, value in values.items():
        setattr(control, name, value)
    return {name: {"before": None, "after": recording.fact(value)} for name, value in values.items()}


def _settle(details: ControlDetails) -> list[FrameworkItem] | None:
    """The items named, their references put in order; None where the details say nothing of them."""
    if "answers_to" not in details:
        return None
    items = _referred(details["answers_to"])
    details["answers_to"] = [item.reference for item in items]
    return items


def _referred(references: Iterable[str]) -> list[FrameworkItem]:
    """The items of these references, in order. Raises NotPossible for one that no framework has."""
    wanted = set(references)
    items = FrameworkItem.objects.all().referred(wanted)
    if missing := sorted(wanted - {item.reference for item in items}):
        message = _("No framework has these items: %(missing)s.") % {"missing": ", ".join(missing)}
        raise NotPossible(message, fields={"answers_to": [message]})
    return items


def _mapped(control: Control, items: list[FrameworkItem] | None) -> Control:
    """The rows that queries go by follow what the control says."""
    if items is not None:
        control.mappings.exclude(item__in=items).delete()
        ControlItem.objects.bulk_create(
            [ControlItem(control=control, item=item) for item in items], ignore_conflicts=True
        )
    return control


def _demand_other_group(actor: User | None, control: Control | None, details: Mapping[str, Any]) -> None:
    group = details.get("approver_group")
    if actor is None or group is None or (control is not None and control.approver_group_id == group.pk):
        return
    proposals.demand_other_group(actor, group)
