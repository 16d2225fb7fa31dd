"""Which rules ask whom: matches a request to the approval rules, and unites what they ask into one route."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.utils.translation import gettext_lazy as _

from accounts.errors import NotPossible
from catalog.models import Control, Tier
from exceptions_app import limits
from exceptions_app.models import Assurance, ExceptionCase, Source
from exceptions_app.routing import RoutePlan, StepPlan
from workflows.facts import Facts, facts_of
from workflows.models import ApprovalRule, RuleStep

TIME_TO_DECIDE = {
    Tier.CRITICAL: timedelta(days=2),
    Tier.HIGH: timedelta(days=3),
    Tier.MODERATE: timedelta(days=5),
    Tier.LOW: timedelta(days=7),
}
"""How long the approvers of a step have, by risk tier, where no rule says otherwise."""
Asking: TypeAlias = "tuple[ApprovalRule, Sequence[RuleStep]]"
"""A rule and the steps it asks for; neither has to be stored."""
NO_RULE = _("Every exception is decided by the control's approver group")


def router_at(at: datetime) -> Callable[[ExceptionCase], RoutePlan]:
    """The router of the rules as they hold at `at` (UTC), for a case that is stored."""
    return lambda case: route_of(limits.Draft.stored(case), at)


def route_of(draft: limits.Draft, at: datetime) -> RoutePlan:
    """The route this draft would take at `at` (UTC). Raises NotPossible while no control is named."""
    if draft.case.control is None:
        raise NotPossible(_("Name the control first: the rules ask by it."))
    facts = facts_of(draft, at)
    return RoutePlan(tuple(step.plan for step in asked_by(in_use(at), facts, draft.case.control)))


def in_use(at: datetime) -> list[Asking]:
    """The rules that hold at `at` (UTC), each with its steps; four queries."""
    rules = ApprovalRule.objects.in_use(at).prefetch_related("steps__group", "steps__person")
    return [(rule, list(rule.steps.all())) for rule in rules]


def asked_by(rules: Sequence[Asking], facts: Facts, control: Control) -> list[United]:
    """What these rules ask of such a request; the control's approver group where none of them does."""
    steps = {rule.slug: steps for rule, steps in rules}
    asking = [(rule.name, steps[rule.slug]) for rule in fitting([rule for rule, _steps in rules], facts)]
    if not any(steps for _rule, steps in asking):
        asking = [(str(NO_RULE), [_by_approver_group(control)])]
    return united(asking, facts.tier)


def _by_approver_group(control: Control) -> RuleStep:
    """What is asked where no rule says who: the row is not stored."""
    return RuleStep(order=1, name=control.approver_group.name, source=Source.CONTROL_GROUP, count=1, in_bulk=True)


def fitting(rules: Iterable[ApprovalRule], facts: Facts) -> list[ApprovalRule]:
    """The rules that hold for such a request, by name; the fallback rule where there is no other.

    That one asks the control's approver group while nobody has said otherwise, so somebody is always asked.
    """
    rules = sorted(rules, key=lambda rule: rule.name)
    found = [rule for rule in rules if not rule.is_fallback and fits(rule, facts)]
    return found or [rule for rule in rules if rule.is_fallback]


def fits(rule: ApprovalRule, facts: Facts) -> bool:
    """Whether everything the rule names is so."""
    lists = (
        (rule.kinds, {facts.kind}),
        (rule.environments, facts.environments),
        (rule.identity_kinds, {facts.identity_kind}),
        (rule.credential_forms, facts.credential_forms),
        ([*rule.controls, *rule.frameworks], {facts.control, *facts.frameworks}),
    )
    bounds = (
        (rule.tier_at_least, facts.tier),
        (rule.renewal_at_least, facts.renewal),
        (None if rule.longer_than_days is None else rule.longer_than_days + 1, facts.term_days),
    )
    return (
        all(not wanted or not told.isdisjoint(wanted) for wanted, told in lists)
        and all(least is None or value >= least for least, value in bounds)
        and (facts.has_vendor or not rule.with_vendor)
        and (facts.goes_beyond_reading or not rule.beyond_reading)
    )


@dataclass(frozen=True)
class United:
    """A step that one or more rules ask for, and its place among the others."""

    order: int
    plan: StepPlan


def united(asking: Sequence[tuple[str, Sequence[RuleStep]]], tier: Tier) -> list[United]:
    """The steps of these rules, each with its rule's name, as one list in the order they decide.

    A source that several ask is asked once, by the strictest of them: in its earliest place, by the largest number,
    within the shortest time that one of them names, signed in as the surest wants it, among many only where all allow
    it. Nothing of critical risk, and nothing that wants a fresh sign-in, is decided among many.
    """
    found: dict[tuple[str, int | None, int | None], list[tuple[str, RuleStep]]] = {}
    for rule, steps in asking:
        for step in steps:
            found.setdefault((step.source, step.group_id, step.person_id), []).append((rule, step))
    return sorted((_strictest(some, tier) for some in found.values()), key=lambda step: step.order)


def _strictest(some: Sequence[tuple[str, RuleStep]], tier: Tier) -> United:
    """What all of these, who ask the same source, ask for together; the name is the first one's."""
    steps, first = [step for _rule, step in some], some[0][1]
    times = [step.decide_within for step in steps if step.decide_within is not None]
    assurance = max((Assurance(step.assurance) for step in steps), key=lambda one: one.rank)
    at_once = tier < Tier.CRITICAL and assurance == Assurance.SESSION
    plan = StepPlan(
        name=first.name,
        group=first.group,
        count=max(step.count for step in steps),
        reasons=tuple(dict.fromkeys(rule for rule, _step in some)),
        decide_within=min(times, default=TIME_TO_DECIDE[tier]),
        source=Source(first.source),
        person=first.person,
        assurance=assurance,
        in_bulk=at_once and all(step.in_bulk for step in steps),
    )
    return United(min(step.order for step in steps), plan)
