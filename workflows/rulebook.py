"""The approval rules of the house to begin with, and how they come to hold."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import recording
from accounts.errors import NotPossible
from accounts.recording import Happening
from catalog.models import CredentialForm, Environment, IdentityKind, Tier
from exceptions_app.models import Assurance, Source
from workflows.models import ApprovalRule
from workflows.rule_contents import ANYTHING, CONDITIONS, RuleContent, StepContent, built, facts, handle

BASE, OWNERS, SPECIALISTS, LAST = 2, 1, 3, 4
"""Places in a route: who owns what is set aside, the control's approvers, specialists, the last word."""


def starter_rules(*, security: str, vendors: str) -> tuple[RuleContent, ...]:
    """The rules to begin with. `security` and `vendors` are handles: of the CISO's group, and of third-party risk."""
    return (
        starter("Every exception", StepContent(BASE, "Approver group", Source.CONTROL_GROUP, in_bulk=True)),
        starter(
            "Critical risk",
            StepContent(OWNERS, "Control owner", Source.CONTROL_OWNER),
            StepContent(LAST, "CISO group", Source.GROUP, security, count=2, assurance=Assurance.FRESH),
            tier_at_least=Tier.CRITICAL,
        ),
        starter(
            "Long-lived secret in production",
            StepContent(SPECIALISTS, "System owner", Source.SYSTEM_OWNER),
            environments=[Environment.PRODUCTION.value],
            credential_forms=[CredentialForm.LONG_LIVED_SECRET.value],
        ),
        starter(
            "AI agent that does more than read",
            StepContent(BASE, "Approver group", Source.CONTROL_GROUP, count=2),
            identity_kinds=[IdentityKind.AI_AGENT.value],
            beyond_reading=True,
        ),
        starter(
            "Vendor involved", StepContent(SPECIALISTS, "Third-party risk", Source.GROUP, vendors), with_vendor=True
        ),
        starter(
            "First renewal", StepContent(SPECIALISTS, "Control owner's lead", Source.CONTROL_LEAD), renewal_at_least=1
        ),
        starter(
            "Second renewal and later", StepContent(LAST, "CISO group", Source.GROUP, security), renewal_at_least=2
        ),
    )


def starter(name: str, *steps: StepContent, **when: Any) -> RuleContent:
    """A rule in use from when it is loaded; `when` holds values of `ApprovalRule`'s own fields."""
    return RuleContent(deepcopy(ANYTHING) | when | {"name": name, "valid_from_at": None}, steps)


@transaction.atomic
def load(rules: Iterable[RuleContent], *, at: datetime) -> list[ApprovalRule]:
    """Put rules into force from `at` (UTC) on; those whose handle is there already are left as they are.

    The system's own act, from the command line: people change rules two by two. Raises NotPossible for a group that is
    not there.
    """
    found = set(ApprovalRule.objects.values_list("slug", flat=True))
    return [_load(rule, at) for rule in rules if handle(rule.values["name"]) not in found]


def _load(content: RuleContent, at: datetime) -> ApprovalRule:
    wanted = facts(content)
    rule, steps = built(None, handle(wanted["name"]), wanted, at)
    for step, asked in zip(steps, wanted["steps"], strict=True):
        if asked["group"] and step.group is None:
            raise NotPossible(_("There is no approver group with the handle %(slug)s.") % {"slug": asked["group"]})
    happening = Happening(stream=rule.stream, kind="rule.created", by=None, at=at)
    names = ("name", "is_on", "valid_from_at", *(name for name in CONDITIONS if wanted[name]))
    body = recording.facts(rule, names) | {"steps": wanted["steps"]}
    recording.keep_all([rule, *steps], happening=happening, body=body)
    return rule
