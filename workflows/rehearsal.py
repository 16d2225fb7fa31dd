"""What a change of the rules would have done to the requests of late: nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exceptions_app import limits
from exceptions_app.models import Assurance, ExceptionCase
from exceptions_app.routing import StepPlan
from workflows.facts import facts_of
from workflows.models import ApprovalRule, RuleStep
from workflows.routing import Asking, United, asked_by, in_use

HOUR = timedelta(hours=1)
LOOKED_BACK = timedelta(days=90)
MOST = 500
"""Cases looked at, the newest first: a second or two of work."""
Route: TypeAlias = "dict[tuple[str, int | None, int | None], StepPlan]"
"""Whom a case is asked of, by source, in the order they decide."""
DEMANDS: tuple[tuple[Callable[[StepPlan], bool], Promise, Promise], ...] = (
    (
        lambda plan: plan.assurance == Assurance.MFA,
        gettext_lazy("wanted a second factor"),
        gettext_lazy("wanted no second factor"),
    ),
    (
        lambda plan: plan.assurance != Assurance.SESSION,
        gettext_lazy("wanted a fresh sign-in"),
        gettext_lazy("wanted no fresh sign-in"),
    ),
    (
        lambda plan: plan.in_bulk,
        gettext_lazy("allowed decisions among many"),
        gettext_lazy("allowed only decisions one by one"),
    ),
)
"""What a step demands or not, and the words where it would have come to, or have ceased to."""


@dataclass(frozen=True)
class Rehearsal:
    """Over how many cases; and in how many each step would have come, gone, or been asked otherwise.

    `altered` holds a step's name and what follows “would have”.
    """

    cases: int
    is_cut: bool
    added: list[tuple[str, int]]
    removed: list[tuple[str, int]]
    altered: list[tuple[str, str, int]]

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.removed or self.altered)


def rehearse(rule: ApprovalRule, steps: Sequence[RuleStep], *, at: datetime) -> Rehearsal:
    """The cases submitted in the LOOKED_BACK before `at` (UTC), routed by today's rules and with this one as given.

    They are taken as they stand now; a rule that is off, or not wanted yet, is left out.
    """
    now = in_use(at)
    then: list[Asking] = [one for one in now if one[0].slug != rule.slug]
    if rule.is_on:
        then.append((rule, steps))
    cases = _submitted_of_late(at)
    added, removed, altered = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for case in cases[:MOST]:
        if case.control is None:
            continue
        facts = facts_of(limits.Draft(case, list(case.grants.all()), list(case.safeguards.all())), at)
        before, after = (_by_source(asked_by(rules, facts, case.control)) for rules in (now, then))
        added.update(dict.fromkeys(after[who].name for who in after if who not in before).keys())
        removed.update(dict.fromkeys(before[who].name for who in before if who not in after).keys())
        altered.update(dict.fromkeys(_altered(before, after)).keys())
    told = [(name, what, n) for (name, what), n in altered.most_common()]
    return Rehearsal(len(cases[:MOST]), len(cases) > MOST, added.most_common(), removed.most_common(), told)


def _submitted_of_late(at: datetime) -> list[ExceptionCase]:
    """One more than MOST, where there are."""
    asked = ExceptionCase.objects.filter(routes__pinned_at__gt=at - LOOKED_BACK, routes__pinned_at__lte=at)
    rows = asked.select_related("control__approver_group", "identity__vendor").distinct().order_by("-pk")
    return list(rows.prefetch_related("grants__system", "safeguards")[: MOST + 1])


def _by_source(steps: Sequence[United]) -> Route:
    return {
        (
            step.plan.source.value,
            step.plan.group.pk if step.plan.group else None,
            step.plan.person.pk if step.plan.person else None,
        ): step.plan
        for step in steps
    }


def _altered(before: Route, after: Route) -> Iterator[tuple[str, str]]:
    """The name of each step that is in both, with each thing that would have been otherwise."""
    was, would_be = [who for who in before if who in after], [who for who in after if who in before]
    for place, who in enumerate(would_be):
        moved = place - was.index(who)
        if moved:
            yield after[who].name, _("come earlier") if moved < 0 else _("come later")
        for what in _asked_otherwise(before[who], after[who]):
            yield after[who].name, what


def _asked_otherwise(was: StepPlan, would_be: StepPlan) -> Iterator[str]:
    if would_be.count != was.count:
        needed = ngettext(
            "needed %(n)d person instead of %(was)d", "needed %(n)d people instead of %(was)d", would_be.count
        )
        yield needed % {"n": would_be.count, "was": was.count}
    if would_be.decide_within != was.decide_within:
        hours = would_be.decide_within // HOUR
        had = ngettext(
            "had %(n)d hour to decide instead of %(was)d", "had %(n)d hours to decide instead of %(was)d", hours
        )
        yield had % {"n": hours, "was": was.decide_within // HOUR}
    for demands, more, less in DEMANDS:
        if demands(would_be) != demands(was):
            yield str(more if demands(would_be) else less)
