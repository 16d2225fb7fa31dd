"""Plays the stories in the order of time, and lets the clock's sweeps run between them as they would have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exceptions_app import services
from exceptions_app.models import LIVE, RELIED_ON, ExceptionCase, Grant, RemovalState, Review, Safeguard, State
from workflows import freshening, reminders, reviewing, sweeps
from workflows.demo import keeping
from workflows.demo.scene import Scene
from workflows.demo.script import Act, Doing, Story

BEAT = timedelta(minutes=1)
"""How often beat lets the sweeps run in a real installation."""
EVERY = (*sweeps.CLOCK, *sweeps.REMINDERS)
AFTER_AN_ACT = (sweeps.ACTIVATE, sweeps.ORPHANS)
"""What an act makes due at once; for everything else the instant is known before."""
PAUSE = timedelta(minutes=10)
"""Least time between two things done to one case."""


@dataclass(frozen=True)
class Moment:
    """One thing that is done at an instant to the case of a story."""

    at: datetime
    key: str
    do: Doing


def play(scene: Scene, stories: list[Story], others: list[Moment]) -> None:
    """Do everything up to now, the clock included."""
    clock = Clock(min(moment.at for moment in others), scene)
    moments = sorted([*others, *(m for story in stories for m in _moments(story, scene.now))], key=lambda m: m.at)
    for moment in moments:
        clock.pass_until(moment.at)
        moment.do(scene, moment.key, moment.at)
        clock.strike(min(moment.at + BEAT, scene.now), AFTER_AN_ACT)
    clock.pass_until(scene.now)


def _moments(story: Story, now: datetime) -> Iterator[Moment]:
    """The story's acts in their order; each a little later than the one before, whatever weekends did to them."""
    before = None
    for act in (Act(story.opened, _opening(story)), *story.acts):
        at = act.when(now)
        if before is not None:
            at = max(at, before + PAUSE)
        yield Moment(at, story.key, act.do)
        before = at


def _opening(story: Story) -> Doing:
    def do(scene: Scene, key: str, at: datetime) -> object:
        actor = scene.people[story.asks]
        content = scene.content(story.ask, **_people(scene, story)) if story.ask else None
        if story.duplicates:
            case = services.duplicate(case=scene.case(story.duplicates), actor=actor, at=at)
        elif story.renews and content:
            draft = services.renew(case=scene.case(story.renews), actor=actor, at=at)
            case = services.save_draft(case=draft, actor=actor, at=at, version=draft.version, content=content)
        else:
            case = services.open_draft(actor=actor, at=at, content=content)
        scene.cases[key] = case.pk
        return case

    return do


def _people(scene: Scene, story: Story) -> dict[str, Any]:
    named = {"owner": story.owner, "backup_owner": story.backup}
    extra = {name: value(scene.now) if callable(value) else value for name, value in story.extra.items()}
    return {name: scene.people[handle] for name, handle in named.items() if handle} | extra


@dataclass
class Clock:
    """Has run every sweep up to `at`; between them somebody looks after the safeguards."""

    at: datetime
    scene: Scene

    def pass_until(self, until: datetime) -> None:
        """Run the sweeps within a minute of each instant at which something falls due for them, as beat does."""
        while upcoming := [due for due in self._due_instants() if self.at < due[0] <= until]:
            first, _some = min(upcoming, key=lambda due: due[0])
            self.at = min(first + BEAT, until)
            fallen_due = {sweep for at, some in upcoming if at <= self.at for sweep in some}
            self.strike(self.at, [sweep for sweep in EVERY if sweep in fallen_due])
            keeping.keep(self.scene, self.at)
        self.at = until

    def _due_instants(self) -> Iterator[tuple[datetime, Sequence[sweeps.Sweep]]]:
        yield from due_instants(self.at)
        yield from ((at, ()) for at in keeping.instants(self.scene))

    @staticmethod
    def strike(at: datetime, some: Sequence[sweeps.Sweep]) -> None:
        """Run those of these sweeps that have something to do."""
        for sweep in some:
            if sweep.due(at).exists():
                sweeps.run(sweep, at=at)


def due_instants(after: datetime) -> Iterator[tuple[datetime, Sequence[sweeps.Sweep]]]:
    """When something falls due for any case as it stands, and for which sweeps; some may be before `after`."""
    for case in ExceptionCase.objects.filter(state__in=LIVE):
        instants: list[tuple[datetime | None, Sequence[sweeps.Sweep]]] = [
            (case.planned_start_at, [sweeps.ACTIVATE]),
            (case.approved_start_at, [sweeps.ACTIVATE]),
            (case.activate_by_at, [sweeps.LAPSE]),
            (case.decide_by_at, [sweeps.LAPSE]),
            (case.warn_at, [sweeps.WARN]),
            (case.expires_at, [sweeps.EXPIRE]),
            (case.relied_until_at, [sweeps.FALL]),
            (case.unused_from_at, sweeps.REMINDERS),
        ]
        if case.expires_at:
            instants += [(case.expires_at - before, sweeps.REMINDERS) for before in reminders.BEFORE_END.values()]
        if case.state == State.REQUESTED:
            instants += [(at, sweeps.REMINDERS) for at in reminders.thresholds(case).values()]
        yield from ((at, some) for at, some in instants if at is not None)
    for safeguard in Safeguard.objects.filter(case__state__in=RELIED_ON).select_related("case"):
        yield from ((at, sweeps.REMINDERS) for at in freshening.thresholds(safeguard, safeguard.case).values())
    for review in Review.objects.unanswered().filter(case__state__in=RELIED_ON):
        yield from ((at, sweeps.REMINDERS) for at in reviewing.thresholds(review).values())
    owed = Grant.objects.filter(removal_state=RemovalState.OWED)
    for since in owed.values_list("removal_owed_at", flat=True).distinct():
        if since is not None:
            weeks = max(after - since, timedelta()) // reminders.WEEK + 1
            yield since + weeks * reminders.WEEK, sweeps.REMINDERS
