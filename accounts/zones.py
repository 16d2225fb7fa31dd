"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import available_timezones


def is_zone(name: str) -> bool:
    """Whether there is a zone of this name, such as Europe/Stockholm."""
    return name in every_zone()


@cache
def every_zone() -> frozenset[str]:
    """Listed once a process: it is a walk through some six hundred files."""
    return frozenset(available_timezones())
