"""An approval rule changes by two people: one proposes what it says, another programme manager accepts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import proposing, recording
from accounts.errors import NotAllowed, NotPossible, Sentence
from accounts.models import ProposalState, User
from accounts.recording import Happening
from accounts.rules import may_run_catalog
from accounts.texts import says
from workflows.models import ApprovalRule, RuleProposal
from workflows.rule_contents import COLUMNS, CONDITIONS, RuleContent, built, demand_sayable, facts, facts_of, handle

OWN_POWER = _("This would make you an approver, so somebody else proposes and accepts it.")
CREATED = "rule.created"
CHANGED = "rule.changed"
NEW = "new"
"""Stands in the address of the form itself, so no rule is called so."""


@transaction.atomic
def propose_rule(
    *, rule: ApprovalRule | None, content: RuleContent, actor: User, at: datetime, reason: str
) -> RuleProposal | None:
    """Let a changed or new rule wait for a second person; None where nothing would change.

    Raises NotAllowed where it would make the actor an approver; NotPossible for what a rule cannot say, without a
    reason, and while another change of it waits.
    """
    _demand_manager(actor)
    wanted = facts(content)
    slug = rule.slug if rule else handle(wanted["name"])
    if rule is None and (slug in {"", NEW} or ApprovalRule.objects.filter(slug=slug).exists()):
        message = _("Give it a name that tells it apart, in Latin letters or digits.")
        raise NotPossible(message, fields={"name": [message]})
    present = facts_of(recording.locked(rule)) if rule else {}
    if _is_as_before(wanted["valid_from_at"], present.get("valid_from_at")):
        wanted["valid_from_at"] = present["valid_from_at"]
    demand_sayable(rule, slug, wanted, at)
    _demand_not_own(actor, present, wanted)
    changed = sorted(name for name, fact in wanted.items() if rule is None or present[name] != fact)
    if not changed:
        return None
    if RuleProposal.objects.filter(slug=slug, state=ProposalState.WAITING).exists():
        raise NotPossible(_("Another change of this rule waits for a second person. It is answered first."))
    if not says(reason):
        message = _("Say why: a second person decides on it.")
        raise NotPossible(message, fields={"why": [message]})
    row = RuleProposal(
        slug=slug,
        before={name: present.get(name) for name in changed},
        after={name: wanted[name] for name in changed},
        reason=reason.strip(),
        proposed_by=actor,
        proposed_at=at,
    )
    proposing.keep(row)
    return row


@transaction.atomic
def accept_rule(*, proposal: RuleProposal, actor: User, at: datetime) -> ApprovalRule:
    """The rule holds as proposed, from `at` (UTC) or the later instant it names, for requests submitted from then on.

    Raises NotAllowed for who proposed it and whom it would make an approver, NotPossible where the rule changed since.
    """
    rule, row = _locked(proposal, actor)
    proposing.demand_second(row, actor, mark=proposal.mark)
    present = facts_of(rule) if rule else {}
    proposing.demand_untouched(row, {name: present.get(name) for name in row.before}, LABELS)
    wanted = present | row.after
    demand_sayable(rule, row.slug, wanted, at)
    _demand_not_own(actor, present, wanted)
    gone = list(rule.steps.all()) if rule and "steps" in row.after else []
    made, steps = built(rule, row.slug, wanted, at)
    made.version += 1 if rule else 0
    happening = Happening(stream=row.stream, kind=CHANGED if rule else CREATED, by=actor, at=at)
    changes = {name: {"before": row.before[name], "after": fact} for name, fact in row.after.items()}
    rows = [made, *(steps if "steps" in row.after else ())]
    recording.keep_all(rows, happening=happening, body={"changes": changes} | proposing.by_whom(row), gone=gone)
    proposing.accepted(row, actor, at)
    return made


@transaction.atomic
def decline_rule(*, proposal: RuleProposal, actor: User, at: datetime, reason: str = "") -> RuleProposal:
    """The rule stays as it is; who proposed the change withdraws it in this way. Raises NotAllowed, NotPossible."""
    _rule, row = _locked(proposal, actor)
    proposing.decline(row, actor, at, reason)
    return row


def why_not_accept(proposal: RuleProposal, actor: User) -> Sentence | None:
    """Why this person may not accept the rule, as far as it is their own power; None where they may."""
    rule = ApprovalRule.objects.filter(slug=proposal.slug).first()
    present = facts_of(rule) if rule else {}
    return OWN_POWER if _is_own_power(actor, present, present | proposal.after) else None


def _is_as_before(wanted: str | None, present: str | None) -> bool:
    """Whether an instant that was there is left as it is; a form says it to the minute."""
    if present is None or wanted is None:
        return present is not None
    return abs(datetime.fromisoformat(wanted) - datetime.fromisoformat(present)) < timedelta(minutes=1)


def _demand_not_own(actor: User, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raises NotAllowed where the actor would be asked what they were not asked before (promise 4)."""
    if _is_own_power(actor, present, wanted):
        raise NotAllowed(OWN_POWER)


def _is_own_power(actor: User, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a step that names the actor or a group of theirs is new, or asked of other cases than before."""
    own = _own_steps(actor, wanted)
    if not own or not wanted["is_on"]:
        return False
    is_elsewhere = any(present.get(name) != wanted[name] for name in (*CONDITIONS, "is_on"))
    return is_elsewhere or bool(own - _own_steps(actor, present))


def _own_steps(actor: User, rule: Mapping[str, Any]) -> set[tuple[str, str]]:
    groups = {*actor.approver_groups.values_list("slug", flat=True), *actor.groups_led.values_list("slug", flat=True)}
    asked = {(step["group"], step["person"]) for step in rule.get("steps", ())}
    return {(group, person) for group, person in asked if group in groups or person == str(actor.pseudonym)}


def _locked(proposal: RuleProposal, actor: User) -> tuple[ApprovalRule | None, RuleProposal]:
    """Both rows, the rule first, if it is there; only a proposal that waits is answered."""
    _demand_manager(actor)
    rule = ApprovalRule.objects.select_for_update().filter(slug=proposal.slug).first()
    row = recording.locked(proposal)
    proposing.demand_waiting(row)
    return rule, row


def _demand_manager(actor: User) -> None:
    if not may_run_catalog(actor):
        raise NotAllowed(_("Only programme managers change approval rules."))


LABELS = {"steps": _("whom it asks")} | {
    column.name: column.verbose_name for column in ApprovalRule._meta.fields if column.name in COLUMNS
}
