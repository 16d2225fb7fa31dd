"""The clock's sweeps: late, repeated and disturbed runs end where a punctual one does."""

import pytest
from django.db import OperationalError

from accounts import services as accounts
from audit.models import Event
from exceptions_app import services as cases
from exceptions_app.models import State
from tests.workflows.stage import AT, DAY, fresh
from workflows import sweeps, tasks
from workflows.models import LastRun, Trouble


def clock(at):
    return sweeps.run_all(sweeps.CLOCK, name="sweep_clock", at=at)


def state(case):
    return fresh(case).state


def test_a_case_is_activated_warned_and_ended_when_its_time_comes(stage):
    case = stage.approved()

    seen = []
    for at in (AT, AT + 47 * DAY, AT + 48 * DAY, AT + 60 * DAY):
        clock(at)
        seen.append(state(case))

    assert seen == [State.ACTIVE, State.ACTIVE, State.EXPIRING, State.CLOSED]


def test_repeated_and_late_runs_change_nothing_more(stage):
    case = stage.active()
    clock(AT + 61 * DAY)
    before = (fresh(case).__dict__ | {"_state": None, "_stored": None}, Event.objects.count())

    moved = clock(AT + 61 * DAY) + clock(AT + 200 * DAY)

    assert moved == 0
    assert (fresh(case).__dict__ | {"_state": None, "_stored": None}, Event.objects.count()) == before


def test_after_an_outage_a_case_past_its_end_is_ended_without_a_warning(stage):
    case = stage.active()

    clock(AT + 90 * DAY)

    assert state(case) == State.CLOSED
    assert not Event.objects.filter(kind="case.warned").exists()


def test_a_case_waits_for_its_required_safeguard_and_then_starts(stage):
    case = stage.approved(safeguard_required=True)
    clock(AT)
    waiting = state(case)

    cases.verify_safeguard(safeguard=case.safeguards.get(), actor=stage.bob, at=AT + DAY, statement="Tried it")
    clock(AT + DAY)

    assert (waiting, state(case)) == (State.APPROVED, State.ACTIVE)


def test_a_planned_start_is_awaited(stage):
    case = stage.approved(planned_start_at=AT + 5 * DAY)

    clock(AT + 4 * DAY)
    early = state(case)
    clock(AT + 5 * DAY)

    assert (early, state(case)) == (State.APPROVED, State.ACTIVE)


def test_undecided_requests_and_unstarted_approvals_lapse(stage):
    undecided = stage.requested()
    unstarted = stage.another().approved(safeguard_required=True)

    clock(AT + 7 * DAY)
    first = state(undecided), state(unstarted)
    clock(AT + 14 * DAY)

    assert first == (State.CLOSED, State.APPROVED)
    assert state(unstarted) == State.CLOSED


def test_the_cases_of_someone_who_left_go_to_the_manager_or_stop(stage):
    orphan = stage.active()
    accounts.deactivate(user=stage.alice, actor=stage.petra, at=AT + DAY)

    clock(AT + DAY)

    assert state(orphan) == State.SUSPENDED


def test_an_orphan_without_heir_that_cannot_stop_holds_up_nothing(stage):
    waiting = stage.requested()
    accounts.deactivate(user=stage.alice, actor=stage.petra, at=AT + DAY)

    assert sweeps.run(sweeps.ORPHANS, at=AT + DAY) == 0
    assert state(waiting) == State.REQUESTED


def test_more_cases_than_a_batch_are_all_moved(stage, monkeypatch):
    monkeypatch.setattr(sweeps, "BATCH", 2)
    for _number in range(5):
        stage.another().active()

    moved = sweeps.run(sweeps.EXPIRE, at=AT + 60 * DAY)

    assert moved == 5


@pytest.fixture
def poisoned(stage, monkeypatch):
    """Three cases that are due; the one in the middle cannot be expired."""
    found = [stage.another().active() for _number in range(3)]
    poison = found[1].pk
    expire_many = cases.expire_many

    def failing(*, keys, at):
        if poison in keys:
            raise ValueError("no such thing")
        return expire_many(keys=keys, at=at)

    monkeypatch.setattr("workflows.sweeps.services.expire_many", failing)
    return found


def test_a_case_that_cannot_be_moved_blocks_no_other_and_is_kept_as_trouble(poisoned):
    moved = sweeps.run(sweeps.EXPIRE, at=AT + 60 * DAY)

    trouble = Trouble.objects.get()
    assert moved == 2
    assert [state(case) for case in poisoned] == [State.CLOSED, State.ACTIVE, State.CLOSED]
    assert (trouble.sweep, trouble.case, trouble.error) == ("expire", poisoned[1], "ValueError: no such thing")


def test_trouble_counts_its_attempts_and_goes_when_it_is_over(poisoned, monkeypatch):
    sweeps.run(sweeps.EXPIRE, at=AT + 60 * DAY)
    sweeps.run(sweeps.EXPIRE, at=AT + 61 * DAY)
    attempts = Trouble.objects.get().attempts
    monkeypatch.undo()

    sweeps.run(sweeps.EXPIRE, at=AT + 62 * DAY)

    assert attempts == 2
    assert not Trouble.objects.exists()


def test_a_database_that_is_away_is_no_trouble_of_a_case(stage, monkeypatch):
    stage.active()

    def away(**_anything):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("workflows.sweeps.services.expire_many", away)

    with pytest.raises(OperationalError):
        sweeps.run(sweeps.EXPIRE, at=AT + 60 * DAY)
    assert not Trouble.objects.exists()


@pytest.mark.smoke
def test_tasks_bear_the_names_of_beats_schedule_and_note_when_they_ran(committed, settings):
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        app_task = entry["task"].removeprefix("workflows.tasks.")
        getattr(tasks, app_task)()

    assert set(LastRun.objects.values_list("name", flat=True)) == set(settings.CELERY_BEAT_SCHEDULE)
