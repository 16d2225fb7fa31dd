"""The clock tells UTC; only a local run may move it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from audit import clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(time_machine, settings):
    time_machine.move_to(NOON, tick=False)
    settings.CLOCK_OFFSET_FILE = None


def test_clock_tells_utc():
    assert clock.now() == NOON
    assert clock.now().tzinfo == UTC


@pytest.mark.parametrize(
    ("text", "moved"), [("86400\n", timedelta(days=1)), ("-1.5", timedelta(seconds=-1.5)), ("", timedelta())]
)
def test_file_moves_the_clock_by_its_seconds(settings, tmp_path, text, moved):
    settings.CLOCK_OFFSET_FILE = tmp_path / "offset"
    settings.CLOCK_OFFSET_FILE.write_text(text)

    assert clock.now() == NOON + moved


def test_missing_file_leaves_the_clock_alone(settings, tmp_path):
    settings.CLOCK_OFFSET_FILE = tmp_path / "offset"

    assert clock.now() == NOON


def test_clock_is_not_moved_outside_a_local_run(settings, tmp_path):
    settings.CLOCK_OFFSET_FILE = tmp_path / "offset"
    settings.LOCAL_RUN = False

    with pytest.raises(ImproperlyConfigured, match="only a local run"):
        clock.now()
