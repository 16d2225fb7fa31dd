"""What a change of the rules would have done to the requests of late: nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exceptions_app import limits
from exceptions_app.models import ExceptionCase
from workflows.facts import facts_of
from workflows.models import ApprovalRule, RuleStep
from workflows.routing import Asking, United, asked_by, in_use

LOOKED_BACK = timedelta(days=90)
MOST = 500
"""Cases looked at, the newest first: a second or two of work."""


@dataclass(frozen=True)
class Rehearsal:
    """Over how many cases, and how often each step would have come, gone, or needed more or fewer people."""

    cases: int
    is_cut: bool
    added: list[tuple[str, int]]
    removed: list[tuple[str, int]]
    larger: list[tuple[str, int]]
    smaller: list[tuple[str, int]]

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.removed or self.larger or self.smaller)


def rehearse(rule: ApprovalRule, steps: Sequence[RuleStep], *, at: datetime) -> Rehearsal:
    """The cases submitted in the LOOKED_BACK before `at` (UTC), routed by today's rules and with this one as given.

    They are taken as they stand now; a rule that is off, or not wanted yet, is left out.
    """
    now = in_use(at)
    then: list[Asking] = [one for one in now if one[0].slug != rule.slug]
    if rule.is_on:
        then.append((rule, steps))
    asked = ExceptionCase.objects.filter(routes__pinned_at__gt=at - LOOKED_BACK, routes__pinned_at__lte=at)
    rows = asked.select_related("control__approver_group", "identity__vendor").distinct().order_by("-pk")
    cases = list(rows.prefetch_related("grants__system", "safeguards")[: MOST + 1])
    added, removed, larger, smaller = (Counter[str]() for _ in range(4))
    for case in cases[:MOST]:
        if case.control is None:
            continue
        facts = facts_of(limits.Draft(case, list(case.grants.all()), list(case.safeguards.all())), at)
        before, after = (_by_source(asked_by(rules, facts, case.control)) for rules in (now, then))
        added.update(after[who].plan.name for who in after.keys() - before.keys())
        removed.update(before[who].plan.name for who in before.keys() - after.keys())
        for who in before.keys() & after.keys():
            more = after[who].plan.count - before[who].plan.count
            if more:
                (larger if more > 0 else smaller)[after[who].plan.name] += 1
    counts = (counter.most_common() for counter in (added, removed, larger, smaller))
    return Rehearsal(len(cases[:MOST]), len(cases) > MOST, *counts)


def _by_source(steps: Sequence[United]) -> dict[tuple[str, int | None, int | None], United]:
    return {
        (
            step.plan.source.value,
            step.plan.group.pk if step.plan.group else None,
            step.plan.person.pk if step.plan.person else None,
        ): step
        for step in steps
    }
