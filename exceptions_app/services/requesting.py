"""Asking: a complete draft becomes a request with a pinned route; it may be amended or withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import ApproverGroup, User
from exceptions_app import ask, freshness, judges, limits, terms, triggers
from exceptions_app.models import Decision, ExceptionCase, Heartbeat, Route, Source, Step, Verdict, Watch
from exceptions_app.recording import Change, people
from exceptions_app.routing import RoutePlan, Router, StepPlan, by_every_owner
from exceptions_app.services.acting import acting, check_version, hold_identities, lock
from exceptions_app.services.content import DraftContent
from exceptions_app.services.drafts import as_written, note_editor, write_content


def submit(*, case: ExceptionCase, actor: User, at: datetime, router: Router) -> ExceptionCase:
    """Ask for the exception. `router` is called under the lock, so the route fits exactly what is asked.

    Raises NotPossible with every problem by field (`limits.problems`), NotAllowed for all but requester and owner.
    """
    with acting("submit", case=case, actor=actor, at=at) as (row, change):
        note_editor(row, change)
        asked, plan = _judge(row, at, router)
        row.submit(at=at, within=plan.steps[0].decide_within, latest_end_at=asked.latest_end_at)
        pin_route(row, change, plan)
        change.event(row, "case.submitted", **_asked_body(row, plan, asked))
    return row


def amend(
    *, case: ExceptionCase, actor: User, at: datetime, version: int, content: DraftContent, router: Router
) -> ExceptionCase:
    """Change a request that waits for its approvers. Earlier decisions are void, and the event says so (promise 5)."""
    with acting("amend", case=case, actor=actor, at=at) as (row, change):
        check_version(row, version)
        changed = write_content(row, change, content)
        refuse(limits.problems(as_written(row, content), at))  # before the row's constraints put it less kindly
        note_editor(row, change)
        voided = void_route(row, change, str(_("The request was changed.")))
        change.event(row, "case.amended", version=row.version, changed=changed, voided_decisions=voided)
        change.touch(row)
        change.write()
        ask_anew(row, change, router)
    return row


def withdraw(*, case: ExceptionCase, actor: User, at: datetime, reason: str = "") -> ExceptionCase:
    """Take the draft or request back. It stays in the history."""
    with acting("withdraw", case=case, actor=actor, at=at) as (row, change):
        from_state = row.state
        row.withdraw(at=at)
        change.event(row, "case.withdrawn", from_state=from_state, reason=reason.strip())
    return row


def pin_route(row: ExceptionCase, change: Change, plan: RoutePlan) -> None:
    """Pin steps and the exact document; the case's digest is what decisions must name. The caller holds the row."""
    row.on_change = triggers.kept(triggers.responses(row))  # what its kind does at a change may be another one day
    body = ask.document(row)
    row.digest = ask.digest_of(body)
    route = Route(
        case=row,
        round=row.routes.count() + 1,
        pinned_at=change.at,
        digest=row.digest,
        document=body,
        decide_within_seconds=int(plan.decide_within.total_seconds()),
    )
    change.add(route)
    change.add(*(_step(route, order, step, row) for order, step in enumerate(plan.steps, start=1)))
    _measure_anew(row, change)


def _measure_anew(row: ExceptionCase, change: Change) -> None:
    """What was verified holds as long as the risk it is asked at allows."""
    for safeguard in row.safeguards.filter(fresh_until_at__isnull=False):
        freshness.stamp(safeguard, freshness.tier_of(row))
        change.touch(safeguard)


def _step(route: Route, order: int, step: StepPlan, row: ExceptionCase) -> Step:
    return Step(
        route=route,
        order=order,
        name=step.name,
        source=step.source,
        group=_group_asked(step, row),
        person=step.person,
        count=step.count,
        reasons=list(step.reasons),
        decide_within_seconds=int(step.decide_within.total_seconds()),
        assurance=step.assurance,
        in_bulk=step.in_bulk,
    )


def _group_asked(step: StepPlan, row: ExceptionCase) -> ApproverGroup | None:
    return row.control.approver_group if step.source == Source.CONTROL_GROUP and row.control else step.group


def planned(row: ExceptionCase, router: Router) -> RoutePlan:
    """The route the rules give. Raises NotPossible where they name nobody."""
    plan = router(row)
    if not plan.steps:
        raise NotPossible(_("No rule says who decides this. Ask a programme manager to mend the rules."))
    return by_every_owner(plan, [grant.system for grant in row.grants.select_related("system")])


def void_route(row: ExceptionCase, change: Change, reason: str) -> int:
    """Void the standing route and its decisions; answers how many decisions that were."""
    for route in row.routes.filter(voided_at__isnull=True):
        route.voided_at, route.void_reason = change.at, reason
        change.touch(route)
    return void_decisions(standing_answers(row), change, reason)


def standing_answers(row: ExceptionCase) -> list[Decision]:
    """The answers that stand, whoever gave them. Stepping aside is none: it is never void."""
    answers = Decision.objects.standing(row).exclude(verdict=Verdict.RECUSE)
    return list(answers.select_related("step__route"))


def void_decisions(decisions: list[Decision], change: Change, reason: str) -> int:
    """Void these decisions; they stay in the record with the reason."""
    for decision in decisions:
        decision.voided_at, decision.void_reason = change.at, reason
    change.touch(*decisions)
    return len(decisions)


def pin_facts(row: ExceptionCase, change: Change, document: dict[str, Any] | None = None) -> None:
    """Have the request that waits decided on as it reads now: answers given to other facts no longer count.

    Does nothing where no fact changed. The route keeps the document that was pinned, the event the one that counts
    from now on (`document`, where the caller has made it). The caller holds the row.
    """
    document = document or ask.document(row)
    current = ask.digest_of(document)
    if row.digest == current:
        return
    outdated = [decision for decision in standing_answers(row) if decision.digest != current]
    if outdated:
        row.begin_step(at=change.at, within=judges.standing_steps(row)[0].decide_within)
    _keep_facts(row, change, document, outdated)
    change.touch(row)
    change.write()


def _keep_facts(row: ExceptionCase, change: Change, document: dict[str, Any], outdated: list[Decision]) -> None:
    count = void_decisions(outdated, change, str(_("The facts shown changed.")))
    row.digest = ask.digest_of(document)
    told = {"digest": row.digest, "document": document, "voided_decisions": count, "decide_by_at": row.decide_by_at}
    change.event(row, "case.facts_changed", **told)


def ask_anew(row: ExceptionCase, change: Change, router: Router, **why: str) -> None:
    """Route the request that waits anew, from its first step. The caller holds the row and has voided its route."""
    asked, plan = _judge(row, change.at, router)
    row.latest_end_at = asked.latest_end_at
    row.begin_step(at=change.at, within=plan.steps[0].decide_within)
    pin_route(row, change, plan)
    change.event(row, "case.resubmitted", **_asked_body(row, plan, asked), **why)


def refuse(found: list[limits.Problem]) -> None:
    """Raise NotPossible with every one of these problems, by field; nothing where there is none."""
    if not found:
        return
    fields: dict[str, list[str]] = {}
    for problem in found:
        fields.setdefault(problem.field, []).append(problem.sentence)
    raise NotPossible(" ".join(problem.sentence for problem in found), fields=fields)


def standing_approvals(row: ExceptionCase) -> list[Decision]:
    """The approvals that count for the standing route, oldest first."""
    return list(Decision.objects.standing(row).approvals().order_by("decided_at", "pk"))


def ungrant(row: ExceptionCase, change: Change) -> list[str]:
    """What approvals had left and were given on no longer holds: what is asked does. The caller holds the row.

    Nor does what checks its safeguards by itself: they may be worded anew. Answers the safeguards that go with it, in
    words, for the event.
    """
    Heartbeat.objects.filter(watch__safeguard__case=row).delete()
    Watch.objects.filter(safeguard__case=row).delete()
    for grant in row.grants.all():
        grant.granted = None
        change.touch(grant)
    conditions = list(row.safeguards.filter(decision__isnull=False).order_by("pk"))
    change.remove(*conditions)
    return [condition.description for condition in conditions]


def send_back(row: ExceptionCase, change: Change, reason: str) -> None:
    """Make a draft of the request again; its route and decisions are void. The caller holds the row."""
    void_route(row, change, str(_("Returned for changes.")))
    row.return_for_changes()
    row.on_change = triggers.kept(triggers.differing(row))  # its kind may be changed
    row.digest = ""
    row.version += 1
    change.event(row, "case.returned", reason=reason)


def reopen(row: ExceptionCase, change: Change, decisions: list[Decision], *, reason: str, sentence: str) -> None:
    """Ask the approved case's approvers again, on what it reads like now: these decisions no longer stand.

    The caller holds the row.
    """
    document = ask.document(row)
    others = [answer for answer in standing_answers(row) if answer not in decisions]
    outdated = [answer for answer in others if answer.digest != ask.digest_of(document)]
    first = min((decision.step for decision in [*decisions, *outdated]), key=lambda step: step.order)
    told = {"voided_decisions": void_decisions(decisions, change, sentence), "dropped_conditions": ungrant(row, change)}
    row.reopen(at=change.at, within=first.decide_within)
    change.event(row, "case.reopened", reason=reason, decide_by_at=row.decide_by_at, **told)
    if row.digest != ask.digest_of(document):
        _keep_facts(row, change, document, outdated)


def _judge(row: ExceptionCase, at: datetime, router: Router) -> tuple[terms.Asked, RoutePlan]:
    if row.renews is not None:
        row.renews = lock(row.renews.pk)  # two renewals of one case wait for each other here
    draft = limits.Draft.stored(row)
    refuse(limits.problems(draft, at))
    if row.control is None or row.identity is None or draft.tier is None:
        raise NotPossible(_("Name the control and the identity."))
    row.risk_tier = draft.tier
    row.renewal_number = terms.renewal_number(row, at)
    hold_identities([row])
    plan = planned(row, router)
    cap = row.control.term_cap(draft.tier)
    return terms.asked(row, at=at, decide_by_at=at + plan.decide_within, cap_days=cap), plan


def _asked_body(row: ExceptionCase, plan: RoutePlan, asked: terms.Asked) -> dict[str, object]:
    return {
        "reference": row.reference,
        "title": row.title,
        "control": row.control.code if row.control else None,
        "identity": row.identity.slug if row.identity else None,
        "owner": people([row.owner]),
        "backup_owner": people([row.backup_owner]),
        "risk_tier": row.risk_tier,
        "renewal_number": row.renewal_number,
        "term_seconds": int(asked.term / timedelta(seconds=1)),
        "latest_end_at": asked.latest_end_at.isoformat(),
        "decide_by_at": row.decide_by_at.isoformat() if row.decide_by_at else None,
        "digest": row.digest,
        "route": [_planned_body(step) for step in plan.steps],
    }


def _planned_body(step: StepPlan) -> dict[str, object]:
    return {
        "name": step.name,
        "source": step.source.value,
        "group": step.group.slug if step.group else None,
        "person": people([step.person]),
        "count": step.count,
        "reasons": list(step.reasons),
        "decide_within_seconds": int(step.decide_within.total_seconds()),
        "assurance": step.assurance.value,
    }
