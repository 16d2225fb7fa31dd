"""What an approval rule says: as a form, the command line or a proposal has it, and as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotPossible
from accounts.models import ApproverGroup, User
from exceptions_app.models import Assurance, Source
from workflows.models import ApprovalRule, RuleStep

CONDITIONS = (
    "kinds",
    "tier_at_least",
    "controls",
    "frameworks",
    "environments",
    "identity_kinds",
    "credential_forms",
    "with_vendor",
    "beyond_reading",
    "renewal_at_least",
    "longer_than_days",
)
COLUMNS = ("name", "is_on", "valid_from_at", *CONDITIONS)
ANYTHING = {column.name: column.get_default() for column in ApprovalRule._meta.fields if column.name in COLUMNS}
"""The values of a rule that holds for every request."""
HANDLE_LENGTH = 60


@dataclass(frozen=True)
class StepContent:
    """One step as it is asked for. `group` is a handle, `person` a pseudonym; hours None is by the risk."""

    order: int
    name: str
    source: str
    group: str = ""
    person: str = ""
    count: int = 1
    decide_within_hours: int | None = None
    assurance: str = Assurance.SESSION
    in_bulk: bool = False


@dataclass(frozen=True)
class RuleContent:
    """What a rule says: columns by name, and its steps. `valid_from_at` None is from when it is accepted."""

    values: Mapping[str, Any]
    steps: Sequence[StepContent] = field(default_factory=tuple)


def handle(name: str) -> str:
    """What a new rule of this name is found by."""
    return slugify(name)[:HANDLE_LENGTH]


def facts(content: RuleContent) -> dict[str, Any]:
    """The content as a proposal keeps it."""
    values = {name: content.values[name] for name in COLUMNS}
    named = values["valid_from_at"]
    values["valid_from_at"] = None if named is None else named.astimezone(UTC).isoformat()
    values["tier_at_least"] = None if values["tier_at_least"] is None else int(values["tier_at_least"])
    return values | {"steps": [asdict(step) for step in sorted(content.steps, key=lambda step: step.order)]}


def facts_of(rule: ApprovalRule) -> dict[str, Any]:
    """What a stored rule says, as a proposal keeps it."""
    steps = [
        StepContent(
            order=step.order,
            name=step.name,
            source=step.source,
            group=step.group.slug if step.group else "",
            person=str(step.person.pseudonym) if step.person else "",
            count=step.count,
            decide_within_hours=step.decide_within_hours,
            assurance=step.assurance,
            in_bulk=step.in_bulk,
        )
        for step in rule.steps.select_related("group", "person")
    ]
    return facts(RuleContent({name: getattr(rule, name) for name in COLUMNS}, steps))


def possible(rule: ApprovalRule | None, content: RuleContent, at: datetime) -> dict[str, Any]:
    """What the content says, as a proposal would keep it. Raises NotPossible for what a rule cannot say."""
    wanted = facts(content)
    slug = rule.slug if rule else handle(wanted["name"])
    demand_sayable(rule, slug, wanted, at)
    return wanted


def built(
    rule: ApprovalRule | None, slug: str, wanted: Mapping[str, Any], at: datetime
) -> tuple[ApprovalRule, list[RuleStep]]:
    """The rule as it is wanted, and its steps, unsaved. Raises NotPossible for groups and people who are not there."""
    made = ApprovalRule.objects.get(pk=rule.pk) if rule else ApprovalRule(slug=slug)
    for name in COLUMNS:
        setattr(made, name, wanted[name])
    named = wanted["valid_from_at"]
    made.valid_from_at = at if named is None else datetime.fromisoformat(named)
    groups = {group.slug: group for group in ApproverGroup.objects.all()}
    keys = [step["person"] for step in wanted["steps"] if step["person"]]
    people = {str(person.pseudonym): person for person in User.objects.active().filter(pseudonym__in=keys)}
    steps = [
        RuleStep(**step | {"rule": made, "group": groups.get(step["group"]), "person": people.get(step["person"])})
        for step in wanted["steps"]
    ]
    return made, steps


def demand_sayable(rule: ApprovalRule | None, slug: str, wanted: Mapping[str, Any], at: datetime) -> None:
    """Raises NotPossible for what a rule cannot say, its fields named as the form has them."""
    if not wanted["steps"]:
        message = _("Say whom the rule asks: at least one step.")
        raise NotPossible(message, fields={"steps": [message]})
    made, steps = built(rule, slug, wanted, at)
    if rule is not None and rule.is_on and rule.valid_from_at <= at < made.valid_from_at:
        message = _("This rule holds today, and would not until then. Make a new rule for what holds from later.")
        raise NotPossible(message, fields={"valid_from_at": [message]})
    recording.validate(made)
    for place, step in enumerate(steps):
        try:
            recording.validate_alone(step, but="id")
        except NotPossible as refusal:
            fields = {f"steps-{place}-{name}": texts for name, texts in refusal.fields.items()}
            raise NotPossible(str(refusal), fields=fields) from refusal
        if (step.group is None) == (step.source == Source.GROUP):
            message = _("Choose the group that is asked, and only where a group is.")
            raise NotPossible(message, fields={f"steps-{place}-group": [message]})
        if (step.person is None) == (step.source == Source.PERSON):
            message = _("Name an active person who is asked, and only where a person is.")
            raise NotPossible(message, fields={f"steps-{place}-person": [message]})
