"""The approval rules of the house: the starter rules, and how a rule comes to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import recording
from accounts.errors import NotPossible
from accounts.models import ApproverGroup
from accounts.recording import Happening
from catalog.models import CredentialForm, Environment, IdentityKind, Tier
from exceptions_app.models import Assurance, Source
from workflows.models import ApprovalRule, RuleStep

BASE, OWNERS, SPECIALISTS, LAST = 2, 1, 3, 4
"""Places in a route: who owns what is set aside, the control's approvers, specialists, the last word."""
SLUG_LENGTH = 60


@dataclass(frozen=True)
class Asked:
    """A step of a starter rule. `group` is a handle."""

    order: int
    name: str
    source: Source
    group: str = ""
    count: int = 1
    assurance: Assurance = Assurance.SESSION
    in_bulk: bool = False


@dataclass(frozen=True)
class Starter:
    """A rule to begin with; `when` holds values of `ApprovalRule`'s own fields."""

    name: str
    steps: tuple[Asked, ...]
    when: Mapping[str, Any] = field(default_factory=dict)


def starter_rules(*, security: str, vendors: str) -> tuple[Starter, ...]:
    """The rules to begin with. `security` and `vendors` are handles: of the CISO's group, and of third-party risk."""
    last = Asked(LAST, "CISO group", Source.GROUP, security)
    return (
        Starter("Every exception", (Asked(BASE, "Approver group", Source.CONTROL_GROUP, in_bulk=True),)),
        Starter(
            "Critical risk",
            (
                Asked(OWNERS, "Control owner", Source.CONTROL_OWNER),
                Asked(LAST, "CISO group", Source.GROUP, security, count=2, assurance=Assurance.FRESH),
            ),
            {"tier_at_least": Tier.CRITICAL},
        ),
        Starter(
            "Long-lived secret in production",
            (Asked(SPECIALISTS, "System owner", Source.SYSTEM_OWNER),),
            {
                "environments": [Environment.PRODUCTION.value],
                "credential_forms": [CredentialForm.LONG_LIVED_SECRET.value],
            },
        ),
        Starter(
            "AI agent that does more than read",
            (Asked(BASE, "Approver group", Source.CONTROL_GROUP, count=2),),
            {"identity_kinds": [IdentityKind.AI_AGENT.value], "beyond_reading": True},
        ),
        Starter(
            "Vendor involved", (Asked(SPECIALISTS, "Third-party risk", Source.GROUP, vendors),), {"with_vendor": True}
        ),
        Starter(
            "First renewal",
            (Asked(SPECIALISTS, "Control owner's lead", Source.CONTROL_LEAD),),
            {"renewal_at_least": 1},
        ),
        Starter("Second renewal and later", (last,), {"renewal_at_least": 2}),
    )


@transaction.atomic
def load(rules: Iterable[Starter], *, at: datetime) -> list[ApprovalRule]:
    """Put rules into force from `at` (UTC) on; those whose handle is there already are left as they are.

    The system's own act, from the command line: people change rules two by two. Raises NotPossible for a group that is
    not there.
    """
    found = set(ApprovalRule.objects.values_list("slug", flat=True))
    return [_load(rule, at) for rule in rules if _slug(rule) not in found]


def _load(starter: Starter, at: datetime) -> ApprovalRule:
    rule = ApprovalRule(name=starter.name, slug=_slug(starter), valid_from_at=at, **starter.when)
    steps = [_step(rule, asked) for asked in starter.steps]
    happening = Happening(stream=rule.stream, kind="rule.created", by=None, at=at)
    recording.keep_all([rule, *steps], happening=happening, body=_body(rule, starter.steps))
    return rule


def _step(rule: ApprovalRule, asked: Asked) -> RuleStep:
    group = ApproverGroup.objects.filter(slug=asked.group).first() if asked.group else None
    if asked.group and group is None:
        raise NotPossible(_("There is no approver group with the handle %(slug)s.") % {"slug": asked.group})
    return RuleStep(rule=rule, **asdict(asked) | {"group": group})


def _body(rule: ApprovalRule, steps: Sequence[Asked]) -> dict[str, Any]:
    names = ("name", "is_on", "valid_from_at", *(name for name in CONDITIONS if getattr(rule, name)))
    return recording.facts(rule, names) | {"steps": [asdict(step) for step in steps]}


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


def _slug(starter: Starter) -> str:
    return slugify(starter.name)[:SLUG_LENGTH]
