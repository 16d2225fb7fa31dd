"""The approval rules of the demo: one in force, one that waits for a second person."""

from __future__ import annotations

from datetime import datetime

from exceptions_app.models import Source
from workflows import rule_changes
from workflows.demo.scene import Scene
from workflows.models import RuleProposal
from workflows.rule_contents import StepContent
from workflows.rulebook import starter

FIRST = "every-exception"


def propose_first(scene: Scene, who: str, at: datetime) -> object:
    """Every exception is decided by its control's approver group, by a rule that says so."""
    step = StepContent(2, "Approver group", Source.CONTROL_GROUP.value, in_bulk=True)
    return _propose(scene, who, at, "Every exception", step, why="So that a route names the rule that asked for it.")


def accept_first(scene: Scene, who: str, at: datetime) -> object:
    proposal = RuleProposal.objects.get(slug=FIRST)
    return rule_changes.accept_rule(proposal=proposal, actor=scene.people[who], at=at)


def propose_second(scene: Scene, who: str, at: datetime) -> object:
    """Long ones shall be decided by the security office, too; it waits."""
    office = scene.groups["fallback"].slug
    step = StepContent(4, "Security office", Source.GROUP.value, group=office)
    why = "Half of what ran longer than two months was forgotten by then."
    return _propose(scene, who, at, "Longer than two months", step, why=why, longer_than_days=60)


def _propose(scene: Scene, who: str, at: datetime, name: str, step: StepContent, *, why: str, **when: int) -> object:
    content = starter(name, step, **when)
    return rule_changes.propose_rule(rule=None, content=content, actor=scene.people[who], at=at, reason=why)
