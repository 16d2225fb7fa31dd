"""Tells the time to the outermost layer; everything below is told it as `at`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def now() -> datetime:
    """UTC now, moved by the seconds held in the file `settings.CLOCK_OFFSET_FILE`, which only a local run may name."""
    return datetime.now(UTC) + _offset()


def _offset() -> timedelta:
    if settings.CLOCK_OFFSET_FILE is None:
        return timedelta()
    if not settings.LOCAL_RUN:
        raise ImproperlyConfigured("CLOCK_OFFSET_FILE moves the clock: only a local run (LOCAL_RUN=1) may set it.")
    path = Path(settings.CLOCK_OFFSET_FILE)
    text = path.read_text().strip() if path.exists() else ""
    return timedelta(seconds=float(text or 0))
