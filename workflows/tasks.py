"""What beat asks for (CELERY_BEAT_SCHEDULE): each reads the clock, calls one function, may run late or twice."""

from __future__ import annotations

from celery import shared_task

from audit import clock
from intake import services as imports
from workflows import digests, effects, probing, sweeps, weeklies


@shared_task
def sweep_clock() -> None:
    sweeps.run_all(sweeps.CLOCK, name="sweep_clock", at=clock.now())


@shared_task
def sweep_reminders() -> None:
    at = clock.now()
    digests.raise_due(at=at)
    weeklies.raise_due(at=at)
    sweeps.run_all(sweeps.REMINDERS, name="sweep_reminders", at=at)


@shared_task
def dispatch() -> None:
    at = clock.now()
    while effects.dispatch(at=at):
        at = clock.now()
    sweeps.note_run("dispatch", at)


@shared_task
def run_effects() -> None:
    while effects.run_next(at=clock.now()):
        pass
    sweeps.note_run("run_effects", clock.now())


@shared_task
def run_probes() -> None:
    probing.run(now=clock.now)
    sweeps.note_run("run_probes", clock.now())


@shared_task
def run_imports() -> None:
    while (run := imports.claim(clock.now())) is not None:
        imports.work(run=run, at=clock.now())
    imports.drop_abandoned(clock.now())
    sweeps.note_run("run_imports", clock.now())
