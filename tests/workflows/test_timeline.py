"""The demo's clock: no instant is passed over."""

from datetime import timedelta

from tests.exceptions_app.world import HOUR, fresh
from workflows import reminders
from workflows.demo.scene import Scene
from workflows.demo.timeline import Moment, play
from workflows.models import Reminder, ReminderKind


def test_what_falls_due_within_a_minute_of_an_act_is_not_passed_over(world):
    case = world.revoked()
    due_at = fresh(case).grants.get().removal_owed_at + reminders.WEEK
    act = Moment(due_at - timedelta(seconds=30), "", lambda scene, key, at: None)

    play(Scene(due_at + HOUR), [], [act])

    assert Reminder.objects.get().due_at == due_at
    assert Reminder.objects.get().kind == ReminderKind.REMOVAL
