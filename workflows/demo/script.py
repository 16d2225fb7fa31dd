"""The words stories are written in: what is asked, and who does what when, told in days before now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from exceptions_app import ask, judges, rules, services, terms
from exceptions_app.models import ExceptionCase, RemovalState, State, Trigger
from exceptions_app.services.ending import REMOVALS
from workflows import services as workflows
from workflows.demo.scene import Ask, Scene

HOME = ZoneInfo("Europe/Stockholm")
_SATURDAY = 5

AGAIN = services.DraftContent(
    {
        "what_changed": "Another occasion; the use and its safeguards are the same.",
        "exit_progress": "The last one was closed out as planned. What replaces it for good is still being built.",
        "why_still": "Until that is there, this occasion has no other way.",
    }
)

When = Callable[[datetime], datetime]
Doing = Callable[[Scene, str, datetime], object]


@dataclass(frozen=True)
class Act:
    """One thing a person does to the case of a story; `when` turns now into the instant it was done."""

    when: When
    do: Doing


@dataclass(frozen=True)
class Story:
    """One case from its first draft on. `asks` opens the draft; only a duplicate needs no ask of its own."""

    key: str
    asks: str
    opened: When
    ask: Ask | None = None
    acts: tuple[Act, ...] = ()
    renews: str = ""
    duplicates: str = ""
    owner: str = ""
    backup: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def ago(days: int, clock: str) -> When:
    """That many days before now at a time of day in Stockholm; a weekend moves to the Friday before it."""

    def when(now: datetime) -> datetime:
        day = (now.astimezone(HOME) - timedelta(days=days)).date()
        day -= timedelta(days=max(day.weekday() - _SATURDAY + 1, 0))
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=HOME).astimezone(UTC)

    return when


def hours_ago(hours: float) -> When:
    """That many hours before now, whatever the time of day."""
    return lambda now: now - timedelta(hours=hours)


def submit(when: When) -> Act:
    """The requester asks; of what was asked for before, they say that this is another occasion."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case, actor = scene.case(key), _requester(scene, key)
        if terms.renewal_number(case, at) and not case.why_still:
            case = services.save_draft(case=case, actor=actor, at=at, version=case.version, content=AGAIN)
        return workflows.submit(case=case, actor=actor, at=at)

    return Act(when, do)


def amend(when: When, **fields: Any) -> Act:
    """The requester changes the request."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        content = services.DraftContent(fields)
        actor = _requester(scene, key)
        return workflows.amend(case=case, actor=actor, at=at, version=case.version, content=content)

    return Act(when, do)


def approve(when: When, who: str, statement: str, capacity: str) -> Act:
    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        seen = ask.digest(case)
        actor = scene.people[who]
        return services.approve(case=case, actor=actor, at=at, digest=seen, statement=statement, capacity=capacity)

    return Act(when, do)


def reject(when: When, who: str, reason: str) -> Act:
    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        return services.reject(case=case, actor=scene.people[who], at=at, digest=ask.digest(case), reason=reason)

    return Act(when, do)


def ask_for_changes(when: When, who: str, reason: str) -> Act:
    def do(scene: Scene, key: str, at: datetime) -> object:
        case, actor = scene.case(key), scene.people[who]
        return services.ask_for_changes(case=case, actor=actor, at=at, digest=ask.digest(case), reason=reason)

    return Act(when, do)


def decide(when: When, statement: str) -> Act:
    """Whoever may fills the open steps, one after another."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        while (case := scene.case(key)).state == State.REQUESTED:
            actor = _seated(scene, case, at)
            seen, capacity = ask.digest(case), "Approver of the control's group"
            services.approve(case=case, actor=actor, at=at, digest=seen, statement=statement, capacity=capacity)
        return case

    return Act(when, do)


def decline(when: When, reason: str) -> Act:
    """Whoever may rejects it."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        actor = _seated(scene, case, at)
        return services.reject(case=case, actor=actor, at=at, digest=ask.digest(case), reason=reason)

    return Act(when, do)


def attest_all(when: When, statement: str) -> Act:
    """Whoever may verifies every safeguard."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        actor = able(scene, "verify", case, at)
        for safeguard in case.safeguards.order_by("pk"):
            services.verify_safeguard(safeguard=safeguard, actor=actor, at=at, statement=statement)
        return case

    return Act(when, do)


def close_out(when: When, note: str) -> Act:
    """Whoever may confirms that all it opened is gone."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        how = REMOVALS[case.credential_form][0]
        for grant in case.grants.filter(removal_state=RemovalState.OWED).order_by("pk"):
            actor = able(scene, "confirm_removal", case, at)
            services.confirm_removal(grant=grant, actor=actor, at=at, how=how, note=note)
        return case

    return Act(when, do)


def able(scene: Scene, action: str, case: ExceptionCase, at: datetime) -> User:
    """The first of the company who may do this."""
    return next(person for person in scene.people.values() if rules.why_not(person, action, case, at) is None)


def _seated(scene: Scene, case: ExceptionCase, at: datetime) -> User:
    """The first of the company who may fill an open step."""
    steps = judges.asked(case, at)
    return next(person for person in scene.people.values() if any(asked.seat(person) for asked in steps))


def verify(when: When, who: str, number: int, statement: str) -> Act:
    """Attest the safeguard of that number, counted from 0."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        safeguard = scene.case(key).safeguards.order_by("pk")[number]
        return services.verify_safeguard(safeguard=safeguard, actor=scene.people[who], at=at, statement=statement)

    return Act(when, do)


def confirm(when: When, who: str, number: int, note: str) -> Act:
    """Confirm that what the grant of that number opened is gone, counted from 0."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case = scene.case(key)
        grant = case.grants.order_by("pk")[number]
        how = REMOVALS[case.credential_form][0]
        return services.confirm_removal(grant=grant, actor=scene.people[who], at=at, how=how, note=note)

    return Act(when, do)


def link(when: When, title: str, url: str) -> Act:
    """The requester adds a link to the draft."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        return services.attach_link(case=scene.case(key), actor=_requester(scene, key), at=at, title=title, url=url)

    return Act(when, do)


def accept_backup(when: When, who: str) -> Act:
    return _plain(when, who, services.accept_backup)


def complete(when: When, who: str, reason: str) -> Act:
    return _plain(when, who, services.complete, reason=reason)


def revoke(when: When, who: str, reason: str) -> Act:
    return _plain(when, who, services.revoke, reason=reason)


def suspend(when: When, who: str, reason: str) -> Act:
    return _plain(when, who, services.suspend, reason=reason)


def resume(when: When, who: str, statement: str) -> Act:
    return _plain(when, who, services.resume, statement=statement)


def withdraw(when: When, who: str, reason: str) -> Act:
    return _plain(when, who, services.withdraw, reason=reason)


def _plain(when: When, who: str, verb: Callable[..., object], **words: str) -> Act:
    return Act(when, lambda scene, key, at: verb(case=scene.case(key), actor=scene.people[who], at=at, **words))


def _requester(scene: Scene, key: str) -> Any:
    case: ExceptionCase = scene.case(key)
    return case.requester


def fail(when: When, who: str, number: int, reason: str) -> Act:
    """Say that the safeguard of that number, counted from 0, does not work."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        safeguard = scene.case(key).safeguards.order_by("pk")[number]
        return services.report_failure(safeguard=safeguard, actor=scene.people[who], at=at, reason=reason)

    return Act(when, do)


def changed(when: When, who: str, trigger: Trigger, what: str) -> Act:
    """Say that something changed; the exception does what it says it does then."""

    def do(scene: Scene, key: str, at: datetime) -> object:
        case, actor = scene.case(key), scene.people[who]
        return services.report_change(case=case, actor=actor, at=at, trigger=trigger, what=what)

    return Act(when, do)
