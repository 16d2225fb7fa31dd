"""Each worker begins with its share of the tests that take minutes: whoever came to them last would run on alone."""

from itertools import groupby

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """xdist hands every worker one stretch of the list to begin with; the long ones go to the heads of these."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    rest = [item for item in items if not item.get_closest_marker("long")]
    long = sorted((item for item in items if item.get_closest_marker("long")), key=lambda item: item.path)
    shares = [[] for _worker in range(workers)]
    for _path, same in groupby(long, key=lambda item: item.path):
        min(shares, key=len).extend(same)
    left = len(items)
    items[:] = []
    for place, share in enumerate(shares):
        stretch = left // (workers - place)
        taken = max(stretch - len(share), 0)
        items += [*share, *rest[:taken]]
        rest, left = rest[taken:], left - stretch
    items += rest
